/*
 * render_session: draws images for one recipient each in a session: a caged child of
 * savemms-transcode that lives for many of them.
 *
 * A session is a transcode_request of kind TRANSCODE_RENDER_SESSION, sent as transcode.h describes.
 * Its source is the background. Its one target is the board, a file in memory that both sides write
 * to from offset 0. From then on the parent puts a text on the board and sends struct render_ask
 * over the socket of the answer; the child puts the image on the board and answers with one
 * struct transcode_result. The first request opens the session: its text is the record of the
 * image template. The child ends by itself when it has been idle for RENDER_IDLE_MS, has drawn
 * RENDER_ROUNDS images or has used RENDER_CPU_S; the parent then starts another.
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
	RENDER_TEXT = 4096,     /* largest text with its tags filled in, in bytes */
	RENDER_ASK = 64 << 10,  /* largest text of a request on the board, in bytes */
	RENDER_IMAGE = 8 << 20, /* largest image, in bytes */
	RENDER_IDLE_MS = 60000,
	RENDER_ROUNDS = 20000,
	RENDER_CPU_S = 120,
	RENDER_LIFE_MS = 600000 /* age at which a session is killed in any case */
};

enum render_what { RENDER_OPEN, RENDER_DRAW, RENDER_WHATS };

struct render_ask {
	uint32_t version, what; /* enum render_what */
	uint32_t bytes;         /* length of its text on the board */
	uint32_t box;           /* longest side in pixels; no image is enlarged to it */
	uint64_t max_bytes;     /* of the image */
};

/* The texts of one image that depend on the recipient, filled in. The others are NULL
 * (image_text_varies()). */
struct render_values {
	const char *text[IMAGE_AREAS];
	const char *code, *caption;
};

/* --- the parent's side (render_session.c) --- */

struct render;

struct render_start {
	const struct transcode_request *req;
	const struct image_template *it;
	int background;
	int64_t
	    until; /* clock_mono() when no answer is waited for any more; 0: see RENDER_IDLE_MS */
};

/* Starts a session, which the caller ends with render_close(). background is open for reading and
 * stays the caller's. Returns NULL if the session cannot be started; *res then says why
 * (TS_VALUE: a part without tags cannot be drawn). The limits of the request are those for a
 * still image (transcode_request_init()). */
struct render *render_open(struct transcoder *t, const struct render_start *how,
    struct transcode_result *res) __attribute__((warn_unused_result));

/* What one image must be like. */
struct render_want {
	const struct render_values *values;
	uint64_t max_bytes;
	uint32_t box;
	int64_t until; /* as in struct render_start */
};

/* Draws one image. *res is complete and checked. With TS_OK and res->out[0].fits it returns the
 * image, res->out[0].bytes long, in the arena; otherwise NULL. It sets *gone if the session has
 * ended or cannot go on; the caller must then close it and may try another. */
void *render_draw(struct render *c, const struct render_want *want, struct arena *a,
    struct transcode_result *res, bool *gone);

/* Ends the session, if there is one, frees it and sets *c to NULL. */
void render_close(struct render **c);

#endif
