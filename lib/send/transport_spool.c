/*
 * transport_spool: writes messages as files of DIR/outbox, for other programs (savemms-store(5)
 * describes the format).
 *
 * A file is written to DIR/outbox/tmp and stays there until transport_settle(), which does one
 * sync of the file system for the whole batch, the renames, and one fsync of the folder. So a
 * name in DIR/outbox stands for a whole message that survives a power cut, and a message whose
 * name is there was handed over. On failure (full disk) nothing gets a name and the job is
 * TRANSPORT_AGAIN.
 *
 * Known limits: a message that is handed over again after a reader took its file away gets a file
 * again, with the same name and Message-ID. The sync waits for all that is dirty on the file
 * system.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "send/mime.h"
#include "send/mime_part.h"
#include "send/transport_driver.h"

/* BLOCK: bytes collected before a write. STALE: age in seconds at which no living process can
 * still be writing a file in tmp. HEADS: the cap of the header lines of a file, in bytes. */
enum { BLOCK = 1 << 17, STALE = 3600, HEADS = 1 << 16, SPOOL_NAME = TRACKING + 8 };

/* Writes the name of the file. Returns false if the TRACKINGID is invalid. */
static bool
file_name(const struct transport_job *j, char out[SPOOL_NAME])
{
	size_t n = strspn(j->m->tracking, ASCII_ALNUM);

	(void)snprintf(out, SPOOL_NAME, "%s.%s", j->m->tracking, j->mms != NULL ? "mms" : "sms");
	return n > 0 && j->m->tracking[n] == '\0';
}

static void
final_path(const struct transport_job *j, const char *name, char out[INSTANCE_PATH])
{
	char rest[SPOOL_NAME + 16];

	(void)snprintf(rest, sizeof rest, "outbox/%s", name);
	settings_path(j->settings, rest, out, INSTANCE_PATH);
}

/* Writes the path of the file while it is written; no other thread of any process uses its
 * name. */
static void
temp_path(const struct transport_job *j, const char *name, char out[INSTANCE_PATH])
{
	char rest[SPOOL_NAME + 64];

	(void)snprintf(rest, sizeof rest, "outbox/tmp/%s.%ld-%ld", name, (long)getpid(),
	    (long)gettid());
	settings_path(j->settings, rest, out, INSTANCE_PATH);
}

static void
try_again(struct transport_job *j, const char *what)
{
	j->rc = TRANSPORT_AGAIN;
	j->id[0] = '\0';
	(void)snprintf(j->why, sizeof j->why, "%s: %.100s", what,
	    errno != 0 ? strerror(errno) : "the message cannot be composed");
}

/* Makes the folders; they are on disk when the function returns. */
static int
make_folders(const struct settings *s)
{
	char path[INSTANCE_PATH];

	settings_path(s, "outbox/tmp", path, sizeof path);
	if (file_mkdirs(path) != 0)
		return -1;
	settings_path(s, "outbox", path, sizeof path);
	return file_sync_dir(path) == 0 ? file_sync_dir(s->dir) : -1;
}

/* Removes what writers that died have left in tmp, once per process. */
static void
sweep_once(const struct settings *s)
{
	static atomic_flag done = ATOMIC_FLAG_INIT;
	char path[INSTANCE_PATH];
	struct dirent *e;
	struct stat st;
	DIR *d;

	if (atomic_flag_test_and_set(&done))
		return;
	settings_path(s, "outbox/tmp", path, sizeof path);
	if ((d = opendir(path)) == NULL)
		return; /* the folder does not exist yet */
	while ((e = readdir(d)) != NULL)
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode) && (int64_t)st.st_mtime + STALE < clock_now() / 1000000 &&
		    unlinkat(dirfd(d), e->d_name, 0) != 0)
			log_warn("%s/%s: %s", path, e->d_name, strerror(errno));
	(void)closedir(d);
}

static int
open_temp(const struct settings *s, const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 && errno == ENOENT && make_folders(s) == 0)
		fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd;
}

/* --- the contents of the file ---------------------------------------------------- */

struct writer {
	int fd;
	struct buf b;
};

static bool
writer_flush(struct writer *w)
{
	bool ok = w->b.len == 0 || file_write(w->fd, w->b.p, w->b.len) == 0;

	buf_reset(&w->b);
	return ok;
}

static bool
writer_put(void *ctx, const void *p, size_t n)
{
	struct writer *w = ctx;

	if (w->b.len + n > BLOCK && !writer_flush(w))
		return false;
	if (n > BLOCK)
		return file_write(w->fd, p, n) == 0;
	buf_add(&w->b, p, n);
	return buf_ok(&w->b);
}

static void
put_number(struct buf *b, const char *header, const char *number)
{
	char text[64];

	/* a short code has no country code; numbers are digits (savemms-api(7), Sending) */
	(void)snprintf(text, sizeof text, "%s%.40s/TYPE=PLMN", strlen(number) > 8 ? "+" : "",
	    number);
	mime_header(b, header, text);
}

static void
put_date(struct buf *b, int64_t us)
{
	time_t t = (time_t)(us / 1000000);
	char text[64];
	struct tm tm;

	if (gmtime_r(&t, &tm) != NULL &&
	    strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S +0000", &tm) > 0)
		mime_header(b, "Date", text);
}

/* Writes what stands for the TRACKINGID where the recipient sees it: who knows the TRACKINGID can
 * report what became of the message. A message that is written again gets the same. */
static void
outside_id(const struct message *m, char out[TRACKING])
{
	char hex[SHA256_HEX], text[TRACKING + 16];
	int n = snprintf(text, sizeof text, "Message-ID %s", m->tracking);

	crypt_sha256_hex(text, (size_t)n, hex);
	(void)snprintf(out, TRACKING, "%.*s", TRACKING - 1, hex);
}

static void
put_headers(struct buf *b, const struct transport_job *j)
{
	const struct message *m = j->m;
	char id[TRACKING];

	outside_id(m, id);
	buf_printf(b, "Message-ID: <%s@savemms>\r\n", id);
	put_date(b, m->created);
	put_number(b, "From", m->from);
	put_number(b, "To", m->to);
	mime_header(b, "Subject", j->mms != NULL ? j->mms->subject : "");
	if (j->mms != NULL) {
		buf_adds(b, "X-Mms-Message-Type: m-send-req\r\n");
		mime_header(b, "X-Mms-Transaction-ID", m->tracking);
		buf_printf(b, "X-Mms-MMS-Version: 1.2\r\nX-Mms-Delivery-Report: %s\r\n",
		    j->report_url[0] != '\0' ? "Yes" : "No");
	}
	mime_header(b, "X-Savemms-Class", j->mms != NULL ? j->mms->class : "");
	mime_header(b, "X-Savemms-Carrier", m->carrier);
	mime_header(b, "X-Savemms-From-Mask", m->from_mask);
	mime_header(b, "X-Savemms-Operator-ID", m->operator_id);
	mime_header(b, "X-Savemms-Client-Reference", m->reference);
	mime_header(b, "X-Savemms-Report-URL", j->report_url);
	buf_adds(b, "MIME-Version: 1.0\r\n");
}

static bool
put_sms(struct writer *w, const char *text)
{
	size_t left = strlen(text), n;
	char line[MIME_ENCODED + 1];
	bool ok = true;

	if (mime_text_encoding(text, left) != MIME_BINARY) {
		buf_adds(&w->b,
		    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n");
		return writer_put(w, text, left);
	}
	buf_adds(&w->b,
	    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n");
	for (; ok && left > 0; text += n, left -= n) {
		n = left < MIME_LINE ? left : MIME_LINE;
		(void)crypt_base64(text, n, line, sizeof line);
		ok = writer_put(w, line, strlen(line)) && writer_put(w, "\r\n", 2);
	}
	return ok;
}

/* Describes the MIME entity of an MMS. A file that is written again has the same boundary. */
static struct mime
mime_entity(const struct transport_job *j, char boundary[MIME_MARKED])
{
	bool embed = j->settings == NULL || strcmp(j->settings->spool_media, "embed") == 0;
	char id[TRACKING];

	outside_id(j->m, id);
	mime_boundary(boundary, id);
	return (struct mime){ .c = j->mms,
		.boundary = boundary,
		.media = embed ? MIME_EMBED : MIME_REFER,
		.parts = j->transport->parts };
}

static bool
write_message(const struct transport_job *j, int fd)
{
	struct writer w = { .fd = fd };
	const struct mime_out out = { writer_put, &w };
	char boundary[MIME_MARKED];
	bool ok;

	errno = 0;
	buf_init(&w.b, BLOCK * 2);
	put_headers(&w.b, j);
	if (j->mms == NULL) {
		ok = put_sms(&w, j->sms);
	} else {
		const struct mime m = mime_entity(j, boundary);

		ok = mime_related(j->settings, &m, &out);
	}
	ok = ok && buf_ok(&w.b) && writer_flush(&w);
	buf_free(&w.b);
	return ok;
}

static uint64_t
spool_wire(const struct transport_job *j)
{
	char boundary[MIME_MARKED];
	const struct mime m = mime_entity(j, boundary);
	uint64_t weight = mime_weight(&m);
	struct buf heads;

	buf_init(&heads, HEADS);
	put_headers(&heads, j);
	weight = weight != UINT64_MAX && buf_ok(&heads) ? heads.len + weight : UINT64_MAX;
	buf_free(&heads);
	return weight;
}

/* --- the transport --------------------------------------------------------------- */

static void
spool_submit(struct transport_job *j, struct arena *a)
{
	char name[SPOOL_NAME], path[INSTANCE_PATH], temp[INSTANCE_PATH];
	bool ok;
	int fd;

	(void)a;
	sweep_once(j->settings);
	if (!file_name(j, name)) {
		j->rc = TRANSPORT_REFUSED;
		(void)snprintf(j->why, sizeof j->why, "the message has no TRACKINGID");
		return;
	}
	final_path(j, name, path);
	if (access(path, F_OK) != 0) {
		temp_path(j, name, temp);
		if ((fd = open_temp(j->settings, temp)) < 0) {
			try_again(j, "outbox");
			return;
		}
		ok = write_message(j, fd);
		if (!ok)
			try_again(j, "outbox");
		file_close(&fd);
		if (!ok) {
			(void)unlink(temp);
			return;
		}
	}
	j->rc = TRANSPORT_TAKEN;
	(void)snprintf(j->id, sizeof j->id, "%s", name);
}

/* Syncs all that was written. syncfs() also reports an error in writing back (Linux 5.8 and
 * later). */
static int
sync_all(const struct settings *s)
{
	char path[INSTANCE_PATH];
	int fd, rc;

	settings_path(s, "outbox", path, sizeof path);
	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		return -1;
	rc = syncfs(fd);
	file_close(&fd);
	return rc;
}

/* Gives the file its name. If the name was there at submit, there is no file in tmp. */
static void
publish_file(struct transport_job *j)
{
	char name[SPOOL_NAME], path[INSTANCE_PATH], temp[INSTANCE_PATH];

	(void)file_name(j, name); /* already checked at submit */
	final_path(j, name, path);
	temp_path(j, name, temp);
	if (rename(temp, path) == 0 || (errno == ENOENT && access(path, F_OK) == 0))
		return;
	try_again(j, "outbox");
	(void)unlink(temp);
}

static void
spool_settle(struct transport_job *const *j, size_t n)
{
	char path[INSTANCE_PATH], name[SPOOL_NAME], temp[INSTANCE_PATH];
	bool synced = sync_all(j[0]->settings) == 0;

	for (size_t i = 0; i < n; i++)
		if (synced) {
			publish_file(j[i]);
		} else {
			try_again(j[i], "outbox, sync");
			(void)file_name(j[i], name);
			temp_path(j[i], name, temp);
			(void)unlink(temp);
		}
	settings_path(j[0]->settings, "outbox", path, sizeof path);
	if (!synced || file_sync_dir(path) == 0)
		return;
	for (size_t i = 0; i < n; i++)
		try_again(j[i], "outbox, sync");
}

const struct transport_driver spool_driver = { .submit = spool_submit,
	.settle = spool_settle,
	.wire = spool_wire };
