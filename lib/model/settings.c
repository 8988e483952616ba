/*
 * settings: see settings.h. inih reads the file. A line that begins with a blank
 * continues the value of the line before. inih takes lines of at most 199 bytes;
 * for a longer one, reading stops with a message that says so.
 */
#include "model/settings.h"

#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "rights/user.h"
#include "model/settings_value.h"

enum type { TYPE_NUM, TYPE_STR };

static const struct row {
	const char *key;
	enum settings_when when;
	enum type type;
	size_t offset;
	uint64_t def, min, max;
	const char *text; /* default of a TYPE_STR */
	check_fn *check;
	const char *doc;
} rows[] = {
#define NUM(name, key, when, def, min, max, doc)                                                \
	{ key, SETTINGS_##when, TYPE_NUM, offsetof(struct settings, name), def, min, max, NULL, \
		NULL, doc },
#define STR(name, key, when, def, check, doc)                                                   \
	{ key, SETTINGS_##when, TYPE_STR, offsetof(struct settings, name), 0, 0, 0, def, check, \
		doc },
#include "model/settings.def"
#undef NUM
#undef STR
};

enum { ROWS = sizeof rows / sizeof rows[0] };

static uint64_t *
number_of(struct settings *s, const struct row *r)
{
	return (uint64_t *)(void *)((char *)s + r->offset);
}

static char *
text_of(struct settings *s, const struct row *r)
{
	return (char *)s + r->offset;
}

static void
derive(struct settings *s)
{
	s->nclass = settings_classes(s->classes, s->class);
	(void)settings_schedule(s->retry_schedule, s->retry, &s->nretry); /* checked before */
	(void)settings_schedule(s->deliver_schedule, s->deliver_retry, &s->ndeliver_retry);
	(void)settings_schedule(s->encode_schedule, s->encode_retry, &s->nencode_retry);
}

void
settings_defaults(struct settings *s, const char *dir)
{
	memset(s, 0, sizeof *s);
	(void)snprintf(s->dir, sizeof s->dir, "%s", dir);
	routing_defaults(&s->routing);
	for (const struct row *r = rows; r < rows + ROWS; r++)
		if (r->type == TYPE_NUM)
			*number_of(s, r) = r->def;
		else
			(void)snprintf(text_of(s, r), SETTING_TEXT, "%s", r->text);
	derive(s);
}

static int
set_row(struct settings *s, const struct row *r, const char *value, char *err, size_t errlen)
{
	const char *wrong;
	uint64_t v;

	if (r->type == TYPE_NUM) {
		if (!num_u64(value, r->min, r->max, &v)) {
			(void)snprintf(err, errlen,
			    "%s is a number from %" PRIu64 " to %" PRIu64 ", not '%.60s'", r->key,
			    r->min, r->max, value);
			return -1;
		}
		*number_of(s, r) = v;
		return 0;
	}
	if (strlen(value) >= SETTING_TEXT) {
		(void)snprintf(err, errlen, "%s is too long (%d bytes at most)", r->key,
		    SETTING_TEXT - 1);
		return -1;
	}
	if ((wrong = r->check(value)) != NULL) {
		(void)snprintf(err, errlen, "%s must be %s, not '%.60s'", r->key, wrong, value);
		return -1;
	}
	(void)snprintf(text_of(s, r), SETTING_TEXT, "%s", value);
	derive(s);
	return 0;
}

int
settings_set(struct settings *s, const char *key, const char *value, char *err, size_t errlen)
{
	if (routing_key(key))
		return routing_set(&s->routing, key, value, err, errlen);
	for (const struct row *r = rows; r < rows + ROWS; r++)
		if (strcmp(r->key, key) == 0)
			return set_row(s, r, value, err, errlen);
	(void)snprintf(err, errlen, "there is no setting '%.60s'; see savemms.conf(5)", key);
	return -1;
}

/* The state that the two callbacks of inih share. */
struct reading {
	struct settings *s;
	FILE *f;
	int line;
	bool too_long, more; /* more: this line continues the one before */
	char value[SETTING_TEXT * 2];
	char err[256];
	int err_line;
};

/* Gives inih the next line and counts it. */
static char *
read_line(char *str, int num, void *ctx)
{
	struct reading *rd = ctx;
	char *got = rd->err_line == 0 ? fgets(str, num, rd->f) : NULL;

	if (got == NULL)
		return NULL;
	rd->line++;
	rd->more = str[0] == ' ' || str[0] == '\t';
	if (strchr(str, '\n') == NULL && !feof(rd->f)) {
		(void)snprintf(rd->err, sizeof rd->err,
		    "the line is too long (%d bytes at most); continue on the next line, which must begin with a blank",
		    num - 2);
		rd->err_line = rd->line;
		return NULL;
	}
	return got;
}

static int
handle(void *ctx, const char *section, const char *name, const char *value)
{
	struct reading *rd = ctx;
	size_t n = rd->more ? strlen(rd->value) : 0;

	if (rd->err_line != 0)
		return 1;
	(void)snprintf(rd->value + n, sizeof rd->value - n, "%s%s", n > 0 ? " " : "", value);
	if (section[0] != '\0')
		(void)snprintf(rd->err, sizeof rd->err, "there are no [sections] in this file");
	else if (settings_set(rd->s, name, rd->value, rd->err, sizeof rd->err) == 0)
		return 1;
	rd->err_line = rd->line;
	return 1;
}

static int
parse(struct settings *s, FILE *f, char *err, size_t errlen)
{
	struct reading rd = { .s = s, .f = f };
	int bad = ini_parse_stream(read_line, &rd, handle, &rd);

	if (rd.err_line == 0 && bad != 0) {
		rd.err_line = bad;
		(void)snprintf(rd.err, sizeof rd.err,
		    bad > 0 ? "expected 'key = value'" : "out of memory");
	}
	if (rd.err_line == 0 && ferror(f)) {
		rd.err_line = rd.line;
		(void)snprintf(rd.err, sizeof rd.err, "cannot be read further: %s",
		    strerror(errno));
	}
	if (rd.err_line == 0)
		return 0;
	(void)snprintf(err, errlen, "%s: line %d: %s", s->file, rd.err_line, rd.err);
	return -1;
}

/* Sets the absolute paths of the file and of the instance's folder, and given to the path of the
 * file as it was named. Returns 0, or -1 with the reason in err. */
static int
locate(struct settings *s, const char *path, char given[PATH_MAX], char *err, size_t errlen)
{
	char real[PATH_MAX], *slash;
	struct stat st;

	if (path == NULL && ((path = getenv("SAVEMMS_CONF")) == NULL || path[0] == '\0')) {
		(void)snprintf(err, errlen, "no instance named: set SAVEMMS_CONF or use -C");
		return -1;
	}
	(void)snprintf(given, PATH_MAX, "%s%s", path,
	    stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? "/savemms.conf" : "");
	if (realpath(given, real) == NULL || strlen(real) >= INSTANCE_PATH) {
		(void)snprintf(err, errlen, "%s: %s", given, strerror(errno));
		return -1;
	}
	(void)snprintf(s->file, sizeof s->file, "%.*s", INSTANCE_PATH - 1, real);
	slash = strrchr(real, '/');
	*slash = '\0';
	(void)snprintf(s->dir, sizeof s->dir, "%.*s", INSTANCE_PATH - 1,
	    real[0] != '\0' ? real : "/");
	return 0;
}

/* Opens the file for reading if it is a regular one. Returns NULL with errno set. */
static FILE *
open_file(const char *path)
{
	int fd = file_open_regular(path, 0);
	FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;

	if (f == NULL)
		file_close(&fd);
	return f;
}

/* Sets s->owner to the owner of the open file fd. For root, checks that the instance's folder and
 * the folder part of given have the same owner. Returns 0, or -1 with the reason in err. */
static int
check_owner(struct settings *s, int fd, const char *given, char *err, size_t errlen)
{
	char named[PATH_MAX];
	const char *slash = strrchr(given, '/');
	struct stat file, dir, way;

	(void)snprintf(named, sizeof named, "%.*s", slash == NULL ? 1 : (int)(slash - given) + 1,
	    slash == NULL ? "." : given);
	if (fstat(fd, &file) != 0 || stat(s->dir, &dir) != 0 || stat(named, &way) != 0) {
		(void)snprintf(err, errlen, "%s: %s", s->file, strerror(errno));
		return -1;
	}
	s->owner = file.st_uid;
	if (geteuid() != 0)
		return 0;
	if (dir.st_uid == file.st_uid && way.st_uid == file.st_uid) {
		(void)snprintf(named, sizeof named, "%s", s->dir);
		if (file.st_uid != 0 || user_holds_path(0, named))
			return 0;
		(void)snprintf(err, errlen,
		    "%s belongs to root, but another user owns or can change %s; give the instance to "
		    "the user that the web server's program runs as: chown -R USER %s",
		    s->dir, named, s->dir);
		return -1;
	}
	(void)snprintf(err, errlen,
	    "%s belongs to user %u, its folder to user %u, and %s to user %u; root works for an "
	    "instance only if all three belong to one user: chown them",
	    s->file, (unsigned)file.st_uid, (unsigned)dir.st_uid, named, (unsigned)way.st_uid);
	return -1;
}

/* Checks that a transport which tells others where reports go has a base-url to tell. */
static int
check_base(const struct settings *s, char *err, size_t errlen)
{
	for (unsigned i = 0; i < s->routing.ntransport && s->base_url[0] == '\0'; i++) {
		const struct transport *t = &s->routing.transport[i];

		if (t->kind == TRANSPORT_SPOOL)
			continue;
		(void)snprintf(err, errlen,
		    "%s: transport-%s (%s) needs base-url = ..., because the Host header of a "
		    "request must not decide where delivery reports and links to pages lead",
		    s->file, t->name, routing_kind_name(t->kind));
		return -1;
	}
	return 0;
}

/* Checks what depends on several lines: routes must name transports that exist. */
static int
check_whole(const struct settings *s, char *err, size_t errlen)
{
	const char *const routes[] = { s->mms_routes, s->sms_routes };
	char missing[ROUTE_NAME];

	for (int i = 0; i < 2; i++) {
		routing_missing(&s->routing, routes[i], missing);
		if (missing[0] == '\0')
			continue;
		(void)snprintf(err, errlen,
		    "%s: %s names the transport '%s', but there is no line transport-%s = ...",
		    s->file, i == 0 ? "mms-routes" : "sms-routes", missing, missing);
		return -1;
	}
	return check_base(s, err, errlen);
}

int
settings_read(struct settings *s, const char *path, char *err, size_t errlen)
{
	char given[PATH_MAX];
	FILE *f;
	int rc;

	settings_defaults(s, "");
	if (locate(s, path, given, err, errlen) != 0)
		return -1;
	if ((f = open_file(s->file)) == NULL) {
		(void)snprintf(err, errlen, "%s: %s", s->file, strerror(errno));
		return -1;
	}
	rc = check_owner(s, fileno(f), given, err, errlen) != 0 ? -1 : parse(s, f, err, errlen);
	(void)fclose(f); /* it was only read */
	return rc == 0 ? check_whole(s, err, errlen) : rc;
}

unsigned
settings_encode_jobs(const struct settings *s)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (s->encode_jobs > 0)
		return (unsigned)s->encode_jobs;
	return cores > 0 ? (unsigned)cores : 1;
}

void
settings_path(const struct settings *s, const char *name, char *out, size_t size)
{
	int n = snprintf(out, size, "%s/%s", s->dir, name);

	if (n < 0 || (size_t)n >= size)
		out[0] = '\0';
}

void
settings_open_log(const struct settings *s, const char *program)
{
	char path[INSTANCE_PATH];
	bool to_stderr = strcmp(s->log_file, "-") == 0;

	log_as_json(strcmp(s->log_format, "json") == 0);
	settings_path(s, "log/savemms.log", path, sizeof path);
	/* log_open() itself reports a file that cannot be opened. */
	(void)log_open(program, to_stderr ? NULL : s->log_file[0] != '\0' ? s->log_file : path);
}

void
settings_each(const struct settings *s,
    void (*each)(void *ctx, const char *key, const char *value, const char *def, const char *doc),
    void *ctx)
{
	struct settings copy = *s;
	char value[24], def[24];

	for (const struct row *r = rows; r < rows + ROWS; r++) {
		if (r->type == TYPE_STR) {
			each(ctx, r->key, text_of(&copy, r), r->text, r->doc);
			continue;
		}
		(void)snprintf(value, sizeof value, "%" PRIu64, *number_of(&copy, r));
		(void)snprintf(def, sizeof def, "%" PRIu64, r->def);
		each(ctx, r->key, value, def, r->doc);
	}
}

void
settings_keep(struct settings *s, const struct settings *old)
{
	for (const struct row *r = rows; r < rows + ROWS; r++)
		if (r->when != SETTINGS_NOW)
			memcpy((char *)s + r->offset, (const char *)old + r->offset,
			    r->type == TYPE_NUM ? sizeof(uint64_t) : SETTING_TEXT);
	derive(s);
}

enum settings_when
settings_when(const char *key)
{
	for (const struct row *r = rows; r < rows + ROWS; r++)
		if (strcmp(r->key, key) == 0)
			return r->when;
	return SETTINGS_NOW;
}
