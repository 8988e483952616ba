/* reload: see reload.h */
#include "ops/reload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

enum { STARTED_CAP = 64 << 10, NOTE_TRIES = 10 };

static const char mark_file[] = "run/reload";

bool
reload_due(const struct settings *s, struct reload_mark *mark)
{
	struct reload_mark before = *mark;
	char path[INSTANCE_PATH];
	struct stat st;

	settings_path(s, mark_file, path, sizeof path);
	*mark = (struct reload_mark){ 0, 0 };
	if (stat(path, &st) == 0)
		*mark = (struct reload_mark){ st.st_ino,
			(int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec };
	return mark->inode != before.inode || mark->changed_ns != before.changed_ns;
}

bool
reload_read(const struct settings *old, const char *program, struct settings *out)
{
	char err[1024];

	if (settings_read(out, old->file, err, sizeof err) != 0) {
		log_error("reload: %s; the old settings stay", err);
		return false;
	}
	settings_keep(out, old);
	settings_open_log(out, program);
	log_info("reload: the settings have been read again");
	return true;
}

int
reload_tell(const struct settings *s)
{
	char path[INSTANCE_PATH], now[CLOCK_TEXT];

	clock_iso(clock_now(), now);
	settings_path(s, mark_file, path, sizeof path);
	return file_replace(path, now, strlen(now));
}

static bool
later(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec > b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec > b->tv_nsec);
}

/* The time of the inode counts: a file that is moved or copied into the place may bring an old time
 * of its contents. */
void
reload_tell_of_change(const struct settings *s)
{
	char path[INSTANCE_PATH];
	struct stat conf, mark;

	settings_path(s, mark_file, path, sizeof path);
	if (stat(s->file, &conf) != 0 ||
	    (stat(path, &mark) == 0 && !later(&conf.st_ctim, &mark.st_ctim)))
		return;
	if (reload_tell(s) != 0)
		log_warn("%s: %m; a helper that runs keeps the settings of before", path);
}

/* --- what waits for a new start ---------------------------------------------------------- */

/* A walk through the settings that one program keeps. */
struct kept {
	enum settings_when program;
	struct buf *lines;   /* gets "key = value" of each */
	const char *started; /* or such lines, with which each is compared; NULL: not */
	struct buf *named;   /* the keys, a line each, that were named already */
	void (*each)(void *ctx, const char *key);
	void *ctx;
};

/* Names a key that has not been named yet. */
static void
name_once(struct kept *k, const char *key)
{
	const size_t from = k->named->len;

	buf_printf(k->named, "\n%s\n", key);
	if (buf_ok(k->named) &&
	    strstr(buf_str(k->named), buf_str(k->named) + from) == buf_str(k->named) + from)
		k->each(k->ctx, key);
}

static void
look(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	enum settings_when when = settings_when(key);
	struct kept *k = ctx;
	size_t from = k->lines->len;

	(void)def;
	(void)doc;
	if (when != k->program && when != SETTINGS_BOTH)
		return;
	buf_printf(k->lines, "\n%s = %s\n", key, value);
	if (buf_ok(k->lines) && k->started != NULL &&
	    strstr(k->started, buf_str(k->lines) + from) == NULL)
		name_once(k, key);
}

/* How the names of a program's notes begin. */
static const char *
note_of(enum settings_when program)
{
	return program == SETTINGS_WEB ? "started.web" : "started.helper";
}

/* Tells whether the file fd of that name is the note of a program that runs, and shares its lock
 * then. Removes it if nobody has its lock: that program has ended. */
static bool
is_held(int folder, const char *name, int fd)
{
	struct stat st;

	if (file_lock_try(fd, LOCK_EX) == 0) {
		(void)unlinkat(folder, name, 0);
		return false;
	}
	/* else a program has it, or for a moment one that removes it */
	return file_lock_try(fd, LOCK_SH) == 0 && fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/* Calls found(ctx, fd) for the note of each program that runs, and removes the others. Returns 0,
 * or -1 with errno set. */
static int
each_note(const struct settings *s, enum settings_when program, int (*found)(void *ctx, int fd),
    void *ctx)
{
	const char *prefix = note_of(program);
	char path[INSTANCE_PATH];
	struct dirent *e;
	int rc = 0;
	DIR *d;

	settings_path(s, "run", path, sizeof path);
	if ((d = opendir(path)) == NULL)
		return -1;
	while (rc == 0 && (e = readdir(d)) != NULL) {
		int fd;

		if (strncmp(e->d_name, prefix, strlen(prefix)) != 0)
			continue;
		fd = openat(dirfd(d), e->d_name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		if (fd < 0)
			rc = errno == ENOENT ? 0 : -1;
		else if (is_held(dirfd(d), e->d_name, fd) && found != NULL)
			rc = found(ctx, fd);
		file_close(&fd);
	}
	(void)closedir(d);
	return rc;
}

/* Makes a note of n bytes and shares its lock. Returns its descriptor, or -1 with errno set, which
 * is EAGAIN if somebody took it for that of a program that has ended before it was locked. */
static int
write_note(const char *pattern, const char *p, size_t n)
{
	char path[INSTANCE_PATH + 32];
	struct stat st;
	int fd, why;

	(void)snprintf(path, sizeof path, "%s", pattern);
	if ((fd = mkostemp(path, O_CLOEXEC)) < 0)
		return -1;
	if (file_write(fd, p, n) == 0 && file_lock_try(fd, LOCK_SH) == 0 && fstat(fd, &st) == 0) {
		if (st.st_nlink > 0)
			return fd;
		errno = EAGAIN;
	}
	why = errno;
	(void)unlink(path);
	file_close(&fd);
	errno = why;
	return -1;
}

int
reload_note_start(const struct settings *s, enum settings_when program)
{
	char pattern[INSTANCE_PATH + 32], run[INSTANCE_PATH];
	struct kept k = { .program = program };
	struct buf lines;
	int fd = -1;

	k.lines = &lines;
	buf_init(&lines, STARTED_CAP);
	settings_each(s, look, &k);
	settings_path(s, "run", run, sizeof run);
	(void)snprintf(pattern, sizeof pattern, "%s/%s.XXXXXX", run, note_of(program));
	(void)each_note(s, program, NULL, NULL); /* only to remove */
	for (int i = 0; fd < 0 && i < NOTE_TRIES && buf_ok(&lines); i++)
		if ((fd = write_note(pattern, buf_str(&lines), lines.len)) < 0 && errno != EAGAIN)
			break;
	if (fd < 0)
		log_warn("%s: %m; savemms reload cannot say what needs a new start", pattern);
	buf_free(&lines);
	return fd;
}

/* What reload_pending() looks with. */
struct comparison {
	const struct settings *s;
	struct kept k;
	char text[STARTED_CAP + 1]; /* of a note */
};

/* Names what the program with this note has otherwise than the settings. */
static int
compare(void *ctx, int fd)
{
	struct comparison *c = ctx;
	ssize_t n = file_pread(fd, c->text, STARTED_CAP, 0);

	if (n < 0)
		return -1;
	c->text[n] = '\0';
	c->k.started = c->text;
	buf_reset(c->k.lines);
	settings_each(c->s, look, &c->k);
	if (buf_ok(c->k.lines) && buf_ok(c->k.named))
		return 0;
	errno = ENOMEM;
	return -1;
}

int
reload_pending(const struct settings *s, enum settings_when program,
    void (*each)(void *ctx, const char *key), void *ctx)
{
	struct comparison *c = calloc(1, sizeof *c);
	struct buf lines, named;
	int rc = -1;

	buf_init(&lines, STARTED_CAP);
	buf_init(&named, STARTED_CAP);
	if (c != NULL) {
		c->s = s;
		c->k = (struct kept){ .program = program,
			.lines = &lines,
			.named = &named,
			.each = each,
			.ctx = ctx };
		rc = each_note(s, program, compare, c);
	}
	buf_free(&named);
	buf_free(&lines);
	free(c);
	return rc;
}
