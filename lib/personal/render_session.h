/*
 * render_session: images drawn for one recipient each, by a caged child of savemms-transcode that
 * lives for many of them: a session.
 *
 * A session is a transcode_request of kind TRANSCODE_CARDS, sent as transcode.h says: the
 * source is the background, and the one target is the board, a file in memory that both
 * sides write to from offset 0. Then, over the answer's socket, the parent sends struct
 * render_ask, having laid its text on the board, and the child answers each with one struct
 * transcode_result, having laid the picture there. The first ask opens: its text is the
 * record of the image template. The child ends by itself when it has been idle for
 * RENDER_IDLE_MS, has drawn RENDER_ROUNDS or used RENDER_CPU_S; the parent then starts another.
 */
#ifndef SM_RENDER_SESSION_H
#define SM_RENDER_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "media/transcode.h"
#include "model/image_template.h"

struct arena;
struct buf;

enum {
	RENDER_VERSION = 1,
	RENDER_TEXT = 4096,       /* most bytes of one text with its tags filled in */
	RENDER_ASK = 64 << 10,    /* most bytes of what an ask lays on the board */
	RENDER_PICTURE = 8 << 20, /* most bytes of a picture */
	RENDER_IDLE_MS = 60000,
	RENDER_ROUNDS = 20000,
	RENDER_CPU_S = 120,
	RENDER_LIFE_MS = 600000 /* after which a session is killed, whatever it does */
};

enum render_what { RENDER_OPEN, RENDER_DRAW, RENDER_WHATS };

struct render_ask {
	uint32_t version, what; /* enum render_what */
	uint32_t bytes;         /* of its text on the board */
	uint32_t box;           /* longest side of the picture, never enlarged to it */
	uint64_t max_bytes;     /* of the picture */
};

/* Is it one that can be worked on? NULL, or what is wrong. */
const char *render_ask_bad(const struct render_ask *ask) __attribute__((warn_unused_result));

/* Sessions that a transcoder with so many jobs runs at once. */
unsigned render_sessions(unsigned jobs);

/* The texts of one picture that depend on the recipient, filled in; NULL for those that
 * do not (image_text_varies()). */
struct render_values {
	const char *text[IMAGE_AREAS];
	const char *code, *caption;
};

/* As text for the board, and back: false for a text that is not one, or not one of this
 * template: each that varies is there, no other. */
void render_values_encode(const struct render_values *v, struct buf *out);
bool render_values_decode(struct arena *a, const char *p, size_t n, const struct image_template *it,
    struct render_values *v) __attribute__((warn_unused_result));

/* --- the parent's side (render_session.c) --- */

struct render;

/* Starts a session; background is open for reading and stays the caller's. NULL when it
 * cannot be started; *res then says why (TS_VALUE: a part without tags cannot be drawn).
 * The request's limits are for a still image (transcode_request_init()). */
struct render *render_open(struct transcoder *t, const struct transcode_request *req,
    const struct image_template *it, int background, struct transcode_result *res)
    __attribute__((warn_unused_result));

/* What is wanted of one picture. */
struct render_want {
	const struct render_values *values;
	uint64_t max_bytes;
	uint32_t box;
};

/* Draws one. *res is complete and checked; with TS_OK and res->out[0].fits the picture's
 * bytes, res->out[0].bytes of them, are the arena's, else NULL. *gone: the session has
 * ended, or cannot go on; it is to be closed, and another may be tried. */
void *render_draw(struct render *c, const struct render_want *want, struct arena *a,
    struct transcode_result *res, bool *gone);

/* Ends it. */
void render_close(struct render **c);

#endif
