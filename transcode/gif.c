/*
 * gif: animations fitted to budgets by the gifsicle program (MEDIA.md 2.3).
 *
 * Every step starts from the source, because a lossy step on top of another only
 * loses more. Targets go from the largest budget down: a smaller one starts at the
 * step behind the one that was enough for the larger, and shares its file when
 * that fits. gifsicle gets the source as standard input and a memory file as
 * standard output; what it wrote is walked before it is believed.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "file.h"
#include "transcode/image.h"
#include "transcode/transcode_child.h"

enum {
	CAP = 640, CAP_SMALL = 480, SMALL_BOX = 1280,
	OUTPUT_MB = 64,		/* RLIMIT_FSIZE: far over any budget */
	ARGS = 16,
};

static const struct step {
	const char *lossy, *colors;
	double scale;
} steps[GIF_STEPS] = {
	{ NULL, NULL, 1 },
	{ "--lossy=80", "--colors=128", 1 },
	{ "--lossy=80", "--colors=128", 0.75 },
	{ "--lossy=80", "--colors=128", 0.5 },
	{ "--lossy=120", "--colors=64", 0.5 },
	{ "--lossy=160", "--colors=32", 0.35 },
};

/* How an EXIF orientation is put upright: gifsicle flips before it turns. */
static const struct {
	const char *flip, *turn;
} upright[] = {
	[2] = { "--flip-horizontal", NULL }, [3] = { NULL, "--rotate-180" },
	[4] = { "--flip-vertical", NULL }, [5] = { "--flip-horizontal", "--rotate-270" },
	[6] = { NULL, "--rotate-90" }, [7] = { "--flip-horizontal", "--rotate-90" },
	[8] = { NULL, "--rotate-270" },
};

/* One file made, shared by the targets it fits. */
struct made {
	uint32_t base;		/* gif_base_width() it was made for */
	unsigned step, owner;
	bool fits;
	uint64_t bytes;
};

/* One call of gifsicle. */
struct run {
	const struct step *step;
	uint32_t width;		/* upright */
	unsigned turn;		/* of the source, as in struct walk */
};

/* Arguments of r behind the n that are there; the number of all. */
static size_t
arguments(const char **argv, size_t n, const struct run *r)
{
	if (upright[r->turn].flip != NULL)
		argv[n++] = upright[r->turn].flip;
	if (upright[r->turn].turn != NULL)
		argv[n++] = upright[r->turn].turn;
	if (r->step->lossy != NULL) {
		argv[n++] = r->step->lossy;
		argv[n++] = r->step->colors;
	}
	return n;
}

uint32_t
gif_base_width(uint32_t w, uint32_t h, uint32_t box)
{
	double longest = w > h ? w : h, scale = 1, cap = box <= SMALL_BOX ? CAP_SMALL : CAP;

	if (w > cap)
		scale = cap / w;
	if (longest * scale > box)
		scale = box / longest;
	w = (uint32_t)floor(w * scale + 0.001);
	return w > 0 ? w : 1;
}

uint32_t
gif_step_width(uint32_t base, unsigned step)
{
	uint32_t w = (uint32_t)lround(base * steps[step].scale);

	return w > 0 ? w : 1;
}

/* Runs one step of fd into the memory file to. 0, or -1 with res set. */
static int
run_step(const struct transcode_request *req, int fd, int to, const struct run *r,
    struct transcode_result *res)
{
	const char *argv[ARGS] = { GIFSICLE, "-w", "-O2", "--no-comments", "--no-names", "--no-extensions" };
	char resize[32];
	size_t n = arguments(argv, 6, r);
	struct cage cage;
	int status;

	(void)snprintf(resize, sizeof resize, "--resize-width=%u", (unsigned)r->width);
	if (r->width != res->width)
		argv[n++] = resize;
	argv[n] = NULL;		/* no name: standard input to standard output */
	cage_for_program(&cage);
	cage.cpu_s = req->cpu_s;
	cage.memory_mb = req->memory_mb;
	cage.file_mb = OUTPUT_MB;
	if (lseek(fd, 0, SEEK_SET) != 0 || ftruncate(to, 0) != 0 || lseek(to, 0, SEEK_SET) != 0) {
		(void)child_fail(res, TS_BROKEN, "rewind: %m");
		return -1;
	}
	status = program_run(&(struct program){
	    .argv = argv, .fds = (int[]){ fd, to, STDERR_FILENO }, .nfds = 3, .cage = &cage,
	});
	if (status < 0)
		(void)child_fail(res, TS_BROKEN, "%s: %m", GIFSICLE);
	else if (WIFSIGNALED(status))
		(void)child_fail(res, TS_LIMIT, "gifsicle killed by signal %d", WTERMSIG(status));
	else if (WEXITSTATUS(status) != 0)
		(void)child_fail(res, TS_CORRUPT, "gifsicle cannot read it all");
	return status == 0 ? 0 : -1;
}

/* Reads the facts of the GIF in to; false when it is not a whole animation. */
static bool
inspect(int to, struct transcode_output *o, struct walk *w)
{
	int64_t size = file_size(to);
	unsigned char *p = size > 0 ? malloc((size_t)size) : NULL;
	bool ok = p != NULL && file_pread(to, p, (size_t)size, 0) == (ssize_t)size &&
	    walk(FORMAT_GIF, p, (size_t)size, w) && w->whole && w->animated;

	free(p);
	if (ok) {
		o->fits = 1;
		o->format = FORMAT_GIF;
		o->width = w->width;
		o->height = w->height;
		o->ms = w->ms;
		o->bytes = (uint64_t)size;
	}
	return ok;
}

/* Makes target i from step m->step on. 0 with m and out[i] set, -1 with res set. */
static int
make(const struct transcode_request *req, const struct gif_source *src, int out, unsigned i,
    struct made *m, struct transcode_result *res)
{
	struct transcode_output *o = &res->out[i];
	struct walk w;
	int to = child_memfile("gif"), rc = 0;

	if (to < 0) {
		(void)child_fail(res, TS_BROKEN, "memory file: %m");
		return -1;
	}
	for (m->fits = false; m->step < GIF_STEPS && !m->fits && rc == 0; m->step++) {
		rc = run_step(req, src->fd, to, &(struct run){ &steps[m->step],
		    gif_step_width(m->base, m->step), src->turn }, res);
		m->fits = rc == 0 && file_size(to) > 0 && (uint64_t)file_size(to) <= req->target[i].budget;
	}
	if (m->fits && (!inspect(to, o, &w) || child_copy(to, out) < 0)) {
		(void)child_fail(res, TS_BROKEN, "gifsicle's result cannot be used");
		rc = -1;
	} else if (m->fits) {
		o->quality = m->step;	/* 1..GIF_STEPS */
		m->owner = i;
		m->bytes = o->bytes;
	}
	file_close(&to);
	return rc;
}

int
gif_run(const struct transcode_request *req, const struct gif_source *src, const int *out,
    struct transcode_result *res)
{
	unsigned order[TRANSCODE_TARGETS];
	struct made m = { .base = 0 };

	target_order(req, order);
	for (unsigned k = 0; k < req->ntargets; k++) {
		unsigned i = order[k];
		uint32_t base = gif_base_width(res->width, res->height, req->target[i].box);

		if (base != m.base) {
			m = (struct made){ .base = base };
		} else if (m.fits && m.bytes <= req->target[i].budget) {
			res->out[i] = res->out[m.owner];
			res->out[i].same_as = m.owner;
			continue;
		}
		if (make(req, src, out[i], i, &m, res) != 0)
			return 0;
	}
	res->status = TS_OK;
	return 0;
}
