/*
 * render_session: the parent's side of a session; see render_session.h. Only one thread at a time
 * uses a session. Every wait has an end; after a failure the caller must close the session. What
 * is on the board is copied before it is examined, because the child could still change it.
 */
#include "personal/render_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "media/transcode_client.h"
#include "media/transcode_next.h"
#include "media/transcode_result.h"
#include "personal/render_session_values.h"

struct render {
	struct transcode_request req;
	int socket, board;
	int64_t until;          /* of the request under way; 0: none of its own */
	uint32_t width, height; /* of the background; no image is larger */
};

/* Starts the process. Returns 0, or -1 with errno. */
static int
start(struct render *c, struct transcoder *t, int background)
{
	int pair[2], rc;

	if ((c->board = memfd_create("board", MFD_CLOEXEC)) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	c->socket = pair[0];
	rc = transcoder_hand_over(t, &c->req, (int[]){ pair[1], background, c->board }, 3);
	file_close(&pair[1]);
	return rc;
}

/* Puts the text on the board, sends the request, and waits for the answer. Returns false if none
 * came. */
static bool
ask(struct render *c, struct render_ask *q, const struct buf *text, struct transcode_result *res)
{
	int64_t until = clock_mono() + 1000LL * (RENDER_IDLE_MS / 2);
	ssize_t n;

	if (c->until != 0 && c->until < until)
		until = c->until;
	q->version = RENDER_VERSION;
	q->bytes = (uint32_t)text->len;
	if (!buf_ok(text) || pwrite(c->board, text->p, text->len, 0) != (ssize_t)text->len) {
		transcode_result_set(res, TS_BROKEN,
		    "the shared memory of the session cannot be written");
		return true;
	}
	if (send(c->socket, q, sizeof *q, MSG_NOSIGNAL) != (ssize_t)sizeof *q) {
		transcode_result_set(res, TS_BROKEN, "the session has ended");
		return false;
	}
	do {
		n = transcode_next(c->socket, until, res);
	} while (n == (ssize_t)sizeof *res && res->status == TS_PROGRESS);
	if (n <= 0) {
		transcode_result_set(res, n < 0 ? TS_LIMIT : TS_BROKEN,
		    n < 0 ? "no answer in time" : "the session ended without an answer");
		return false;
	}
	c->req.target[0].budget = q->max_bytes > 0 ? q->max_bytes : RENDER_IMAGE;
	transcode_result_check(res, (size_t)n, &c->req, &(uint64_t){ res->out[0].bytes });
	return true;
}

struct render *
render_open(struct transcoder *t, const struct render_start *how, struct transcode_result *res)
{
	struct render *c = calloc(1, sizeof *c);
	struct render_ask q = { .what = RENDER_OPEN };
	struct buf text;

	transcode_result_set(res, TS_BROKEN, "the session cannot be started");
	if (c == NULL)
		return NULL;
	c->socket = c->board = -1;
	c->req = *how->req;
	c->until = how->until;
	c->req.kind = TRANSCODE_RENDER_SESSION;
	c->req.ntargets = 1;
	c->req.target[0] = (struct transcode_target){ .budget = RENDER_IMAGE,
		.box = IMAGE_SIDE_MAX };
	c->req.cpu_s += RENDER_CPU_S;
	c->req.wall_ms = RENDER_LIFE_MS;
	c->width = how->it->width;
	c->height = how->it->height;
	buf_init(&text, RENDER_ASK);
	image_template_encode(how->it, &text);
	if (start(c, t, how->background) != 0)
		log_error("a session for personal images cannot be started: %m");
	else
		(void)ask(c, &q, &text, res);
	buf_free(&text);
	if (res->status != TS_OK)
		render_close(&c);
	return c;
}

void *
render_draw(struct render *c, const struct render_want *want, struct arena *a,
    struct transcode_result *res, bool *gone)
{
	struct render_ask q = { .what = RENDER_DRAW,
		.box = want->box,
		.max_bytes = want->max_bytes < RENDER_IMAGE ? want->max_bytes : RENDER_IMAGE };
	const struct transcode_output *o = &res->out[0];
	struct buf text;
	void *p = NULL;

	c->until = want->until;
	buf_init(&text, RENDER_ASK);
	render_values_encode(want->values, &text);
	/* the transcoder may have answered already for a child that died before this request */
	*gone = !ask(c, &q, &text, res) || res->status == TS_LIMIT || res->status == TS_KILLED ||
	    res->status == TS_BROKEN;
	buf_free(&text);
	if (*gone || res->status != TS_OK || !o->fits)
		return NULL;
	if (o->format != FORMAT_JPEG || o->width > c->width || o->height > c->height ||
	    o->bytes < 4 || (p = arena_zalloc(a, (size_t)o->bytes)) == NULL ||
	    file_pread(c->board, p, (size_t)o->bytes, 0) != (ssize_t)o->bytes ||
	    memcmp(p, "\xff\xd8\xff", 3) != 0) {
		transcode_result_set(res, TS_BROKEN, "the image cannot be received");
		return NULL;
	}
	return p;
}

void
render_close(struct render **c)
{
	if (*c == NULL)
		return;
	file_close(&(*c)->socket);
	file_close(&(*c)->board);
	free(*c);
	*c = NULL;
}
