/*
 * serve_conf: see serve_conf.h. The templates are the examples that operators copy, so what they
 * try with "savemms serve" is what they install.
 */
#include "admin/serve/serve_conf.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/serve/fill.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/where.h"
#include "model/settings.h"

#ifndef APACHE_MODULES
#define APACHE_MODULES "/usr/lib/apache2/modules" /* Debian's */
#endif

enum { CONF_CAP = 256 << 10, SUN_PATH = 107 };

/* For each way: the template of the complete configuration, and that of the part which an operator
 * copies. */
static const struct {
	const char *whole, *part;
} template[WAYS] = {
	[WAY_LIGHTTPD_FASTCGI] = { "lighttpd/serve.conf.in", "lighttpd/savemms-fastcgi.conf.in" },
	[WAY_LIGHTTPD_CGI] = { "lighttpd/serve.conf.in", "lighttpd/savemms-cgi.conf.in" },
	[WAY_APACHE_FCGID] = { "apache/serve.conf.in", "apache/savemms-fcgid.conf.in" },
	[WAY_APACHE_PROXY] = { "apache/serve.conf.in", "apache/savemms-proxy_fcgi.conf.in" },
	[WAY_APACHE_CGID] = { "apache/serve.conf.in", "apache/savemms-cgid.conf.in" },
};

int
way_is_apache(enum serve_way w)
{
	return w == WAY_APACHE_FCGID || w == WAY_APACHE_PROXY || w == WAY_APACHE_CGID;
}

/* Puts the folder that where() names into out, as an absolute path. variable is the environment
 * variable that could name another folder, for the message. */
static int
folder(const char *variable, void (*where)(char *out, size_t size), char out[SERVE_PATH], char *err,
    size_t errlen)
{
	char given[SERVE_PATH], real[PATH_MAX];

	where(given, sizeof given);
	if (realpath(given, real) == NULL || strlen(real) >= SERVE_PATH - 64) {
		(void)snprintf(err, errlen, "%s: %s; install savemms or name that folder in %s",
		    given, strerror(errno), variable);
		return -1;
	}
	(void)snprintf(out, SERVE_PATH, "%.*s", SERVE_PATH - 1, real);
	return 0;
}

static int
join(char out[SERVE_PATH], const char *dir, const char *name, char *err, size_t errlen)
{
	if (snprintf(out, SERVE_PATH, "%s/%s", dir, name) < SERVE_PATH)
		return 0;
	(void)snprintf(err, errlen, "%.200s...: the path is too long", dir);
	return -1;
}

static int
program(char out[SERVE_PATH], const char *dir, const char *name, char *err, size_t errlen)
{
	if (join(out, dir, name, err, errlen) != 0)
		return -1;
	if (access(out, X_OK) == 0)
		return 0;
	(void)snprintf(err, errlen, "%s: %s; install savemms or name its folder in SAVEMMS_LIBEXEC",
	    out, strerror(errno));
	return -1;
}

static int
paths_ok(const struct serve *sv, char *err, size_t errlen)
{
	const char *const path[] = { sv->s->file, sv->share, sv->libexec, sv->run };

	for (size_t i = 0; i < sizeof path / sizeof path[0]; i++) {
		if (fill_path_ok(path[i]))
			continue;
		(void)snprintf(err, errlen,
		    "%s: a web server's configuration cannot hold this path: use letters, "
		    "digits and / . _ - + : , = ~ only",
		    path[i]);
		return -1;
	}
	if (strlen(sv->socket) <= SUN_PATH)
		return 0;
	(void)snprintf(err, errlen,
	    "%s: longer than a socket's name may be (%d bytes): move the instance", sv->socket,
	    SUN_PATH);
	return -1;
}

int
serve_locate(struct serve *sv, char *err, size_t errlen)
{
	const char *dir = sv->s->dir;

	if (folder("SAVEMMS_SHARE", where_share, sv->share, err, errlen) != 0 ||
	    folder("SAVEMMS_LIBEXEC", where_libexec, sv->libexec, err, errlen) != 0 ||
	    program(sv->fcgi, sv->libexec, "savemms.fcgi", err, errlen) != 0 ||
	    program(sv->helper, sv->libexec, "savemms-helper", err, errlen) != 0 ||
	    join(sv->run, dir, "run", err, errlen) != 0 ||
	    join(sv->log, dir, "log", err, errlen) != 0 ||
	    join(sv->conf, sv->run, way_is_apache(sv->way) ? "apache.conf" : "lighttpd.conf", err,
		errlen) != 0 ||
	    join(sv->part, sv->run, "savemms-part.conf", err, errlen) != 0 ||
	    join(sv->socket, sv->run, "fcgi.sock", err, errlen) != 0)
		return -1;
	return paths_ok(sv, err, errlen);
}

/* The values for the templates of one server, and the buffer for the reason of a failure. */
struct filling {
	const char *share; /* the folder of the templates */
	const struct fill *value;
	size_t n;
	char *err;
	size_t errlen;
};

/* Overwrites a file in the blocks that it has. Returns 0, or -1 with errno set. */
static int
overwrite(const char *path, const struct buf *b)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW), rc = -1;

	if (fd < 0)
		return -1;
	if (file_write(fd, b->p, b->len) == 0)
		rc = ftruncate(fd, (off_t)b->len);
	file_close(&fd);
	return rc;
}

/* Makes b the content of the file at path. On a full disk the file of an earlier start is kept, or
 * overwritten if it says something else. Returns 0, or -1 with errno set. */
static int
put_file(const char *path, const struct buf *b, struct arena *a)
{
	size_t n = 0;
	const char *old = file_slurp(a, path, 2 * CONF_CAP, &n);

	if (old != NULL && n == b->len && memcmp(old, b->p, n) == 0)
		return 0;
	if (file_replace(path, b->p, b->len) == 0)
		return 0;
	return errno == ENOSPC || errno == EDQUOT ? overwrite(path, b) : -1;
}

/* Fills in the template of that name and writes it to path. The text of the template stays in the
 * arena. Returns 0, or -1 with the reason in w->err. */
static int
write_filled(const struct filling *w, struct arena *a, const char *name, const char *path)
{
	char from[SERVE_PATH], why[FILL_ERR];
	struct buf b;
	char *text;
	int rc = -1;

	if (join(from, w->share, name, w->err, w->errlen) != 0)
		return -1;
	if ((text = file_slurp(a, from, CONF_CAP, NULL)) == NULL) {
		(void)snprintf(w->err, w->errlen,
		    "%s: %s; install savemms or name its folder in SAVEMMS_SHARE", from,
		    strerror(errno));
		return -1;
	}
	buf_init(&b, 2 * CONF_CAP);
	if (!fill_text(&b, text, w->value, w->n, why))
		(void)snprintf(w->err, w->errlen, "%s: %s", from, why);
	else if (!buf_ok(&b))
		(void)snprintf(w->err, w->errlen, "%s: out of memory", from);
	else if ((rc = put_file(path, &b, a)) != 0)
		(void)snprintf(w->err, w->errlen, "%s: %s", path, strerror(errno));
	buf_free(&b);
	return rc;
}

int
serve_write(const struct serve *sv, struct arena *a, char *err, size_t errlen)
{
	/* The server must let through requests that the program refuses with its own answer, and
	 * must not give up while the program still fetches (savemms-api(7), Answers and
	 * Fetching). */
	uint64_t api = sv->s->max_request_bytes * 4, form = sv->s->console_upload_kb << 10,
		 upload = sv->s->max_upload_bytes;
	const uint64_t more = 1 << 20;
	uint64_t patience = sv->s->body_seconds + settings_save_ms(sv->s) / 1000;
	char port[16], body[24], body_kb[24], form_text[24], form_kb[24], upload_text[24],
	    upload_kb[24], patience_text[24];
	const struct fill f[] = {
		{ "CONF", sv->s->file },
		{ "RUN", sv->run },
		{ "LOG", sv->log },
		{ "SHARE", sv->share },
		{ "LIBEXEC", sv->libexec },
		{ "PORT", port },
		{ "PART", sv->part },
		{ "MODULES", APACHE_MODULES },
		{ "BODY", body },
		{ "BODY_KB", body_kb },
		{ "FORM", form_text },
		{ "FORM_KB", form_kb },
		{ "UPLOAD", upload_text },
		{ "UPLOAD_KB", upload_kb },
		{ "PATIENCE", patience_text },
		{ "SOCKET", sv->socket },
	};
	const struct filling w = { sv->share, f, sizeof f / sizeof f[0], err, errlen };

	(void)snprintf(port, sizeof port, "%u", sv->port);
	(void)snprintf(body, sizeof body, "%" PRIu64, api + more);
	(void)snprintf(body_kb, sizeof body_kb, "%" PRIu64, (api + more) / 1024);
	(void)snprintf(upload_text, sizeof upload_text, "%" PRIu64, upload + more);
	(void)snprintf(upload_kb, sizeof upload_kb, "%" PRIu64, (upload + more) / 1024);
	(void)snprintf(form_text, sizeof form_text, "%" PRIu64, form + more);
	(void)snprintf(form_kb, sizeof form_kb, "%" PRIu64, (form + more) / 1024);
	(void)snprintf(patience_text, sizeof patience_text, "%" PRIu64, patience);
	if (write_filled(&w, a, template[sv->way].part, sv->part) != 0)
		return -1;
	return write_filled(&w, a, template[sv->way].whole, sv->conf);
}
