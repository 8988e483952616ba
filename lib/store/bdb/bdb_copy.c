/*
 * bdb_copy: copies the database while others go on using it; see kv.h.
 *
 * Each period reads one piece of store.db under the outer lock: nobody writes then, so no page is
 * torn. The pieces are of different moments. The log makes them one, from the oldest file that
 * existed at the start (the library keeps what is younger than the last checkpoint, so the log
 * reaches back behind every page) to what the last period finds. New log files are opened in the
 * period that first sees them, so it does not matter that the library removes them later.
 *
 * On failure: a recovery by another process may cut off the end of the log meanwhile, and a log
 * file may have come and gone between two periods. Both are detected, and the copy begins again, up
 * to TRIES times; then it returns ST_AGAIN. The caller removes what was written to dest so far.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "store/bdb/bdb_session.h"

enum {
	PIECE = 4 << 20, /* of store.db in one period, about 5 ms */
	TRIES = 5,
	FILES = 64, /* log files open at once */
	PATH = INSTANCE_PATH + 64
};

struct copying {
	struct engine *e;
	const struct kv_copy *how;
	char *piece;  /* PIECE bytes */
	int from, to; /* store.db */
	uint64_t size, done;
	uint64_t generation;
	uint32_t first, next; /* log files: the oldest; the next to open */
	uint32_t number[FILES];
	int log[FILES];
	size_t nlog;
};

static enum store_rc
io_error(const char *what, const char *path)
{
	int e = errno;

	log_error("store: copy: %s %s: %s", what, path, strerror(e));
	return e == ENOSPC || e == EDQUOT ? ST_FULL : ST_IO;
}

static void
log_path(const char *dir, uint32_t n, char out[PATH])
{
	(void)snprintf(out, PATH, "%s/log.%010" PRIu32, dir, n);
}

/* Copies the whole of an open log file. */
static enum store_rc
copy_log(struct copying *c, int from, uint32_t number)
{
	char path[PATH];
	uint64_t off = 0;
	ssize_t n = 0;
	int to, rc = 0;

	log_path(c->how->dest, number, path);
	if ((to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
		return io_error("open", path);
	while (rc == 0 && (n = file_pread(from, c->piece, PIECE, off)) > 0) {
		rc = file_write(to, c->piece, (size_t)n);
		off += (uint64_t)n;
	}
	if (rc != 0 || n < 0) {
		file_close(&to);
		return io_error("write", path);
	}
	file_close(&to);
	return ST_OK;
}

/* Copies the first n of the open log files and closes them. */
static enum store_rc
copy_logs(struct copying *c, size_t n)
{
	enum store_rc rc = ST_OK;

	for (size_t i = 0; i < n && rc == ST_OK; i++) {
		rc = copy_log(c, c->log[i], c->number[i]);
		file_close(&c->log[i]);
	}
	if (rc != ST_OK)
		return rc;
	memmove(c->log, c->log + n, (c->nlog - n) * sizeof c->log[0]);
	memmove(c->number, c->number + n, (c->nlog - n) * sizeof c->number[0]);
	c->nlog -= n;
	return ST_OK;
}

/* --- within a period ---------------------------------------------------------------- */

/* Opens the log files that appeared since the last time. */
static enum store_rc
open_logs(struct copying *c)
{
	char path[PATH];
	uint64_t since;
	uint32_t current;
	int ret = bdb_log(c->e->bdb, &current, &since);

	if (ret != 0)
		return period_fail(c->e, "log", ret);
	if (c->next == 0) { /* the oldest there is */
		for (c->next = current; c->next > 1; c->next--) {
			log_path(c->e->dir, c->next - 1, path);
			if (access(path, F_OK) != 0)
				break;
		}
		c->first = c->next;
	}
	for (; c->next <= current; c->next++) {
		if (c->nlog == FILES)
			return ST_AGAIN;
		log_path(c->e->dir, c->next, path);
		if ((c->log[c->nlog] = open(path, O_RDONLY | O_CLOEXEC)) < 0)
			return errno == ENOENT ? ST_AGAIN : io_error("open", path);
		c->number[c->nlog++] = c->next;
	}
	return ST_OK;
}

/* Returns ST_AGAIN unless the environment is still the one that the copy began with. */
static enum store_rc
check_generation(struct copying *c)
{
	if (c->generation == 0)
		c->generation = c->e->generation;
	return c->generation == c->e->generation ? ST_OK : ST_AGAIN;
}

/* Reads the next piece into memory: writing it to dest then needs no lock. */
static enum store_rc
read_piece(struct copying *c, size_t *n)
{
	uint64_t left = c->size - c->done;
	ssize_t got = file_pread(c->from, c->piece, left < PIECE ? (size_t)left : PIECE, c->done);

	if (got < 0)
		return io_error("read", "store.db");
	*n = (size_t)got;
	return got == 0 ? ST_IO : ST_OK;
}

/* Copies one piece, in one period. */
static enum store_rc
copy_piece(struct copying *c)
{
	enum store_rc rc = period_begin(c->e, KV_READ);
	size_t n = 0;

	if (rc != ST_OK)
		return rc;
	if ((rc = check_generation(c)) == ST_OK && (rc = open_logs(c)) == ST_OK)
		rc = read_piece(c, &n);
	period_abort(c->e);
	if (rc == ST_OK && file_write(c->to, c->piece, n) != 0)
		rc = io_error("write", "store.db");
	c->done += n;
	return rc == ST_OK && c->nlog > 1 ? copy_logs(c, c->nlog - 1) : rc;
}

/* Copies the end of the log in the last period: at most one file and what came since. */
static enum store_rc
copy_end(struct copying *c)
{
	enum store_rc rc = period_begin(c->e, KV_READ);

	if (rc != ST_OK)
		return rc;
	if ((rc = check_generation(c)) == ST_OK && (rc = open_logs(c)) == ST_OK)
		rc = copy_logs(c, c->nlog);
	period_abort(c->e);
	return rc;
}

/* --- the whole ---------------------------------------------------------------------- */

static enum store_rc
open_files(struct copying *c)
{
	char path[PATH];
	int64_t size;

	(void)snprintf(path, sizeof path, "%s/store.db", c->e->dir);
	if ((c->from = open(path, O_RDONLY | O_CLOEXEC)) < 0 || (size = file_size(c->from)) < 0)
		return io_error("open", path);
	c->size = (uint64_t)size;
	(void)snprintf(path, sizeof path, "%s/store.db", c->how->dest);
	if ((c->to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
		return io_error("open", path);
	return ST_OK;
}

static enum store_rc
copy_all(struct copying *c)
{
	enum store_rc rc = open_files(c);

	while (rc == ST_OK && c->done < c->size) {
		if ((rc = copy_piece(c)) == ST_OK && c->how->progress != NULL)
			c->how->progress(c->how->ctx, c->done, c->size);
	}
	if (rc == ST_OK && c->how->last != NULL && c->how->last(c->how->ctx) != 0)
		rc = ST_IO;
	return rc == ST_OK ? copy_end(c) : rc;
}

/* Removes the log files of a failed try: the next may begin later in the log. */
static void
remove_logs(struct copying *c)
{
	char path[PATH];

	while (c->nlog > 0)
		file_close(&c->log[--c->nlog]);
	for (; c->first < c->next; c->first++) {
		log_path(c->how->dest, c->first, path);
		if (unlink(path) != 0 && errno != ENOENT)
			log_warn("store: copy: %s cannot be removed: %s", path, strerror(errno));
	}
}

enum store_rc
kv_bdb_copy(struct kv *kv, const struct kv_copy *how)
{
	struct copying c = { .e = (struct engine *)(void *)kv, .how = how };
	enum store_rc rc = ST_AGAIN;

	if ((c.piece = malloc(PIECE)) == NULL)
		return ST_NOMEM;
	for (int i = 0; i < TRIES && rc == ST_AGAIN; i++) {
		c.from = c.to = -1;
		c.done = c.generation = 0;
		c.first = c.next = 0;
		c.nlog = 0;
		rc = copy_all(&c);
		file_close(&c.from);
		file_close(&c.to);
		if (rc != ST_OK)
			remove_logs(&c);
	}
	free(c.piece);
	return rc;
}
