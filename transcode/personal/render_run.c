/*
 * render_run: the child of a session (personal/render_session.h).
 *
 * It answers every ask once, in order. It enters the cage before it looks at the background or a
 * text. A value that cannot be drawn fails only its own personal image. The memory of an ask is
 * freed when it has been answered.
 */
#include <errno.h>
#include <limits.h>
#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/where.h"
#include "media/transcode_result.h"
#include "personal/render_session_values.h"
#include "transcode/child.h"
#include "transcode/image/image.h"
#include "transcode/personal/render_draw.h"
#include "transcode/personal/render_run.h"
#include "transcode/personal/render_text.h"
#include "transcode/transcode_child.h"

enum { FONT_FOLDERS = 8, BOARD_MB = 64, ASK_MEMORY = 1 << 20, KEEP = 32 << 20 };

struct session {
	const struct transcode_request *req;
	int background, board;
	struct arena *a; /* lives as long as the session */
	struct render_drawing drawing;
	bool open;
};

bool
render_allow_fonts(struct cage *c)
{
	static const char *const folders[] = {
		"/usr/share/fontconfig",
		"/etc/fonts",
		"/var/cache/fontconfig",
	};

	static char path[FONT_FOLDERS][PATH_MAX]; /* the cage keeps no copy */

	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		if (!cage_allow_path(c, folders[i], CAGE_READ))
			return false;
	for (unsigned i = 0; i < FONT_FOLDERS && where_fonts(i, path[i], sizeof path[i]); i++)
		if (path[i][0] != '\0' && !cage_allow_path(c, path[i], CAGE_READ))
			return false;
	return true;
}

static int
enter(const struct transcode_request *req)
{
	struct cage c = { .calls = CAGE_RENDER,
		.cpu_s = req->cpu_s,
		.memory_mb = req->memory_mb,
		.file_mb = BOARD_MB };

	return render_allow_fonts(&c) && cage_enter(&c) >= 0 ? 0 : -1;
}

static struct pixels *
decode_background(const struct session *s, const struct image_template *it,
    struct transcode_result *res)
{
	struct source src = { .format = FORMAT_JPEG };
	struct pixels *p = NULL;
	char text[TRANSCODE_WHY / 2];
	bool turned;

	if (!image_slurp(s->background, &src, res))
		return NULL;
	if (!walk(src.format, src.p, src.n, &src.walk) || src.walk.width != it->width ||
	    src.walk.height != it->height)
		(void)child_fail(res, TS_CORRUPT,
		    "the background is not that of the image template");
	else if ((p = pixels_decode(&src, IMAGE_SIDE_MAX, &turned)) == NULL)
		(void)child_fail(res, pixels_error(TS_CORRUPT, text, sizeof text),
		    "the background cannot be decoded: %s", text);
	free((void *)(uintptr_t)src.p);
	return p;
}

/* Handles the first ask, whose text is the record of the image template. */
static void
open_session(struct session *s, const char *text, size_t n, struct transcode_result *res)
{
	struct image_template *it = image_template_decode(s->a, text, n);
	struct pixels *p;

	if (s->open || it == NULL) {
		(void)child_fail(res, TS_BROKEN, "the image template cannot be read");
		return;
	}
	if (!render_text_setup()) {
		(void)child_fail(res, TS_BROKEN, "no fonts are installed");
		return;
	}
	if ((p = decode_background(s, it, res)) == NULL)
		return;
	res->status = render_begin(&s->drawing, it, p, res->why) ? TS_OK : TS_VALUE;
	pixels_drop(&p);
	res->width = it->width;
	res->height = it->height;
	s->open = res->status == TS_OK;
}

/* Writes the personal image as a file to the board, within the box and size of the ask. */
static void
hand_out(struct session *s, const struct render_ask *ask, struct transcode_result *res)
{
	const struct canvas *c = &s->drawing.now;
	struct pixels *whole = pixels_of_rgb(c->rgb, c->width, c->height), *p = NULL;
	struct encoded e = { .p = NULL };

	if (whole == NULL || (p = pixels_within(whole, ask->box)) == NULL ||
	    pixels_fit_jpeg(p, ask->max_bytes, &e) != 0) {
		(void)child_fail(res, TS_BROKEN, "the image cannot be encoded");
	} else if (e.n > ask->max_bytes) {
		res->status = TS_OK; /* out[0].fits stays 0 */
	} else if (pwrite(s->board, e.p, e.n, 0) != (ssize_t)e.n) {
		(void)child_fail(res, TS_BROKEN, "the image cannot be handed over: %m");
	} else {
		res->status = TS_OK;
		res->out[0] = (struct transcode_output){ .fits = 1,
			.format = FORMAT_JPEG,
			.width = e.width,
			.height = e.height,
			.quality = (uint32_t)e.quality,
			.bytes = e.n };
	}
	pixels_encoded_free(&e);
	pixels_drop(&p);
	pixels_drop(&whole);
}

static void
draw(struct session *s, const struct render_ask *ask, struct arena *a, const char *text,
    struct transcode_result *res)
{
	struct render_values v;

	if (!s->open || !render_values_decode(a, text, ask->bytes, s->drawing.it, &v))
		(void)child_fail(res, TS_BROKEN, "the values cannot be read");
	else if (!render_make(&s->drawing, &v, res->why))
		res->status = TS_VALUE;
	else
		hand_out(s, ask, res);
}

static void
answer_ask(struct session *s, const struct render_ask *ask, struct transcode_result *res)
{
	struct arena *a = arena_new(ASK_MEMORY);
	char *text = a != NULL ? arena_zalloc(a, ask->bytes + 1) : NULL;

	if (text == NULL || file_pread(s->board, text, ask->bytes, 0) != (ssize_t)ask->bytes)
		(void)child_fail(res, TS_BROKEN, "the shared memory of the session cannot be read");
	else if (ask->what == RENDER_OPEN)
		open_session(s, text, ask->bytes, res);
	else
		draw(s, ask, a, text, res);
	arena_free(&a);
}

/* Tells whether this process has drawn or computed as much as a session may. */
static bool
is_exhausted(unsigned rounds)
{
	struct rusage u;

	return rounds >= RENDER_ROUNDS || getrusage(RUSAGE_SELF, &u) != 0 ||
	    u.ru_utime.tv_sec + u.ru_stime.tv_sec >= RENDER_CPU_S;
}

/* Receives the next ask. Returns false when there is none, or when it cannot be one of ours. */
static bool
receive(int socket, struct render_ask *ask)
{
	struct pollfd p = { .fd = socket, .events = POLLIN };
	int n;

	while ((n = poll(&p, 1, RENDER_IDLE_MS)) < 0 && errno == EINTR)
		;
	return n > 0 && read(socket, ask, sizeof *ask) == (ssize_t)sizeof *ask;
}

int
render_run(const struct transcode_request *req, int background, int board, int answer)
{
	struct session s = { .req = req,
		.background = background,
		.board = board,
		.a = arena_new(ASK_MEMORY) };
	struct transcode_result res;
	struct render_ask ask;

	/* every image takes the same memory again, so it is not given back to the kernel */
	(void)mallopt(M_MMAP_THRESHOLD, KEEP);
	(void)mallopt(M_TRIM_THRESHOLD, KEEP);
	if (s.a == NULL || enter(req) != 0)
		return 1;
	for (unsigned rounds = 0; !is_exhausted(rounds) && receive(answer, &ask); rounds++) {
		const char *bad = render_ask_bad(&ask);

		transcode_result_set(&res, TS_BROKEN, bad != NULL ? bad : "");
		if (bad == NULL)
			answer_ask(&s, &ask, &res);
		if (send(answer, &res, sizeof res, MSG_NOSIGNAL) != (ssize_t)sizeof res)
			break;
	}
	return 0;
}
