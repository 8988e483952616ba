/*
 * gif: fits animations to budgets with the gifsicle program (savemms-media(7), Animations); it
 * carries out the decisions of gif_task.h.
 *
 * Everything is made from the source, because a lossy step on top of another only loses more, and
 * is kept in memory files until each target has the best result that fits it. gifsicle has a
 * memory file of its own as standard input and another as standard output. (Others may read a
 * source from outside through the same open file, and so move its position.) What gifsicle wrote
 * is walked before it is trusted.
 */
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/where.h"
#include "transcode/child.h"
#include "transcode/image/gif.h"
#include "transcode/image/gif_line.h"
#include "transcode/image/gif_task.h"
#include "transcode/image/image.h"
#include "transcode/image/likeness.h"
#include "transcode/transcode_child.h"

enum {
	OUTPUT_MB = 64, /* RLIMIT_FSIZE: far above any budget */
	ARGS = 20,
};

/* The options that make an EXIF orientation upright; gifsicle flips before it turns. */
static const struct {
	const char *flip, *turn;
} upright[] = {
	[2] = { "--flip-horizontal", NULL },
	[3] = { NULL, "--rotate-180" },
	[4] = { "--flip-vertical", NULL },
	[5] = { "--flip-horizontal", "--rotate-270" },
	[6] = { NULL, "--rotate-90" },
	[7] = { "--flip-horizontal", "--rotate-90" },
	[8] = { NULL, "--rotate-270" },
};

/* The work on one source. */
struct work {
	const struct transcode_request *req;
	const struct gif_source *src;
	struct transcode_result *res; /* width, height: of the source, upright */
	struct gif_task task;
	struct gif_search s;
	struct file {
		int fd; /* -1: no target can want it any more */
		struct walk walk;
		unsigned owner; /* the target whose file holds it; TRANSCODE_TARGETS: none yet */
	} file[GIF_RUNS];       /* by index in s.made[] */
	struct likeness like;
	bool guess;   /* frames cannot be compared, so likeness is guessed */
	bool limited; /* a run ended at its own limit */
};

enum transcode_status
gif_failure(int status, const char *diagnostics)
{
	if (WIFSIGNALED(status))
		return child_killed(WTERMSIG(status));
	if (WEXITSTATUS(status) == 127) /* from the dynamic linker: a library is missing */
		return TS_BROKEN;
	if (strstr(diagnostics, "Usage: ") != NULL) /* an older gifsicle that lacks an option */
		return TS_BROKEN;
	return strstr(diagnostics, "ut of memory") != NULL ? TS_LIMIT : TS_CORRUPT;
}

/* ---- one run ------------------------------------------------------------- */

/* Room for the arguments that contain numbers. */
struct numbers {
	char width[32], lossy[24], colors[24];
};

/* Returns the resize method: averages are sharpest where whole pixels are merged, else Catmull-Rom
 * (measured). */
static const char *
method(uint32_t from, uint32_t to)
{
	return from % to == 0 ? "--resize-method=mix" : "--resize-method=catrom";
}

/* Appends the arguments for how to the n that exist, and terminates the list. */
static void
arguments(const struct work *w, const char **argv, size_t n, const struct gif_recipe *how,
    struct numbers *t)
{
	unsigned turn = w->src->turn;

	if (upright[turn].flip != NULL)
		argv[n++] = upright[turn].flip;
	if (upright[turn].turn != NULL)
		argv[n++] = upright[turn].turn;
	if (how->width != w->res->width) {
		(void)snprintf(t->width, sizeof t->width, "--resize-width=%u",
		    (unsigned)how->width);
		argv[n++] = t->width;
		argv[n++] = method(w->res->width, how->width);
	}
	if (how->lossy > 0) {
		(void)snprintf(t->lossy, sizeof t->lossy, "--lossy=%u", how->lossy);
		argv[n++] = t->lossy;
	}
	if (how->colors < GIF_COLORS) {
		(void)snprintf(t->colors, sizeof t->colors, "--colors=%u", how->colors);
		argv[n++] = t->colors;
		argv[n++] = "--color-method=median-cut"; /* better than the default at each size
		                                            (measured) */
	}
	argv[n] = NULL; /* no name: standard input to standard output */
}

/* Sets res after a run that ended with this wait status and wrote its messages to the file
 * diagnostics. */
static void
explain(struct transcode_result *res, int status, int diagnostics)
{
	char text[TRANSCODE_WHY / 2] = "";
	ssize_t n = file_pread(diagnostics, text, sizeof text - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	for (char *s = text; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			*s = ' ';
	(void)child_fail(res, gif_failure(status, text), "gifsicle: wait status 0x%x: %s",
	    (unsigned)status, text);
}

/* Runs gifsicle into the empty memory file to. Returns 0, 1 when the result is far too large, or -1
 * with res set. */
static int
run(const struct work *w, const struct gif_recipe *how, int to)
{
	char program[PATH_MAX];
	const char *argv[ARGS] = { program, "-w", "-O2", "-Okeep-empty", "--no-comments",
		"--no-names", "--no-extensions" };
	int diagnostics = child_memfile("diagnostics"), status;
	struct numbers text;
	struct cage cage;

	where_tool("gifsicle", GIFSICLE, program, sizeof program);
	arguments(w, argv, 7, how, &text);
	cage_for_program(&cage);
	cage.cpu_s = w->req->cpu_s;
	cage.memory_mb = w->req->memory_mb;
	cage.file_mb = OUTPUT_MB;
	if (diagnostics < 0 || lseek(w->src->fd, 0, SEEK_SET) != 0) {
		(void)child_fail(w->res, TS_BROKEN, "memory file: %m");
		file_close(&diagnostics);
		return -1;
	}
	status = program_run(&(struct program){
	    .argv = argv,
	    .fds = (int[]){ w->src->fd, to, diagnostics },
	    .nfds = 3,
	    .cage = &cage,
	});
	if (status < 0)
		(void)child_fail(w->res, TS_BROKEN, "%s: %m", program);
	else if (status != 0 && !(WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ))
		explain(w->res, status, diagnostics);
	file_close(&diagnostics);
	return status == 0                                                   ? 0 :
	    status > 0 && WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ ? 1 :
									       -1;
}

/* Walks the GIF in to. Returns false with res set unless it is a complete GIF. */
static bool
inspect(const struct work *w, int to, struct walk *walked)
{
	int64_t size = file_size(to);
	unsigned char *p = size > 0 ? malloc((size_t)size) : NULL;
	bool read = p != NULL && file_pread(to, p, (size_t)size, 0) == (ssize_t)size;
	bool ok = read && walk(FORMAT_GIF, p, (size_t)size, walked) && walked->whole;

	free(p);
	if (!ok)
		(void)child_fail(w->res, read ? TS_CORRUPT : TS_BROKEN,
		    "gifsicle's result cannot be used");
	return ok;
}

/* Measures how much the new result looks like the first. Returns 0, or -1 with res set. */
static int
measure(struct work *w, int to, struct gif_made *m)
{
	int rc = 0;

	m->score = 1;
	if (w->s.n == 0)
		return 0;
	if (!w->guess && w->like.map == NULL)
		rc = likeness_begin(&w->like, w->req, w->file[0].fd, &w->file[0].walk);
	if (!w->guess && rc == 0)
		rc = likeness_of(&w->like, to, &m->score);
	if (rc < 0) {
		(void)child_fail(w->res, TS_BROKEN, "frames cannot be compared: %m");
		return -1;
	}
	if (rc > 0 && !w->guess) { /* use one measure for all */
		w->guess = true;
		for (unsigned i = 0; i < w->s.n; i++)
			w->s.made[i].score = gif_guess(&w->s.made[i].how, w->s.made[0].how.width);
	}
	if (w->guess)
		m->score = gif_guess(&m->how, w->s.made[0].how.width);
	return 0;
}

/* Makes how as made[s.n]. Returns 0; 1 when it is too large for every target, or for the limits of
 * a run though the first was not; -1 with res set. */
static int
try(struct work *w, const struct gif_recipe *how, struct file *f)
{
	int rc;

	if (f->fd < 0) {
		(void)child_fail(w->res, TS_BROKEN, "memory file: %m");
		return -1;
	}
	rc = run(w, how, f->fd);
	if (rc == 0 && !inspect(w, f->fd, &f->walk))
		rc = -1;
	if (rc >= 0 || w->res->status != TS_LIMIT || w->s.n == 0)
		return rc;
	w->limited = true;
	return 1;
}

/* Makes one more result and keeps its file while a target may want it. Returns 0, or -1 with res
 * set. */
static int
make(struct work *w, const struct gif_recipe *how)
{
	struct gif_made *m = &w->s.made[w->s.n];
	struct file *f = &w->file[w->s.n];
	uint64_t most = w->req->target[w->req->ntargets - 1].budget,
		 far = (uint64_t)OUTPUT_MB << 20;
	int rc;

	*m = (struct gif_made){ .how = *how, .bytes = most < far ? far : most + 1 };
	*f = (struct file){ .fd = child_memfile("gif"), .owner = TRANSCODE_TARGETS };
	rc = try(w, how, f);
	if (rc == 0) {
		m->bytes = (uint64_t)file_size(f->fd);
		rc = measure(w, f->fd, m);
	} else if (rc > 0) {
		w->guess = w->guess || w->s.n == 0; /* nothing to compare with */
		m->score = gif_guess(how, w->s.made[0].how.width);
		rc = 0;
	}
	if (rc != 0 || !gif_task_keeps(&w->task, &w->s, w->s.n))
		file_close(&f->fd);
	if (rc == 0)
		w->s.n++;
	return rc;
}

/* ---- targets ------------------------------------------------------------- */

/* Returns the likeness in percent; 100 only if nothing was reduced. */
static uint32_t
quality(const struct gif_made *m, bool whole)
{
	double percent = floor(m->score * 100);

	return whole                    ? 100 :
	    percent > 99                ? 99 :
	    percent < GIF_QUALITY_LEAST ? GIF_QUALITY_LEAST :
					  (uint32_t)percent;
}

/* Gives made[k] to target i. Returns 0, or -1 with res set. */
static int
deliver(struct work *w, unsigned i, unsigned k, int out)
{
	const struct gif_made *m = &w->s.made[k];
	bool whole = gif_task_whole(&w->task, i, &m->how);
	struct file *f = &w->file[k];

	if (f->owner == TRANSCODE_TARGETS) {
		f->owner = i;
		if (child_copy(f->fd, out) < 0) {
			(void)child_fail(w->res, TS_BROKEN, "output cannot be written: %m");
			return -1;
		}
	}
	w->res->out[i] = (struct transcode_output){ .fits = m->bytes <= w->req->target[i].budget,
		.best = whole,
		.same_as = f->owner,
		.format = FORMAT_GIF,
		.width = f->walk.width,
		.height = f->walk.height,
		.ms = f->walk.ms,
		.quality = quality(m, whole),
		.bytes = m->bytes };
	return 0;
}

/* Tells whether target i gets made[k] (-1: nothing). It does not get a result over its budget when
 * a limit kept other results from being tried. */
static bool
may_have(const struct work *w, unsigned i, int k)
{
	bool whole = k >= 0 && w->file[k].walk.whole;

	return whole && (!w->limited || w->s.made[k].bytes <= w->req->target[i].budget);
}

/* Makes everything, then gives each target its best result. A run that ended at a limit only
 * matters when a target gets nothing. Returns 0 when res is complete, -1 when it is set to a
 * fault. */
static int
make_all(struct work *w, const int *out)
{
	int64_t began = clock_mono(), last = began, longest = 0, now;
	int pick[TRANSCODE_TARGETS];
	struct gif_recipe how;

	while (gif_task_next(&w->task, &w->s, &how)) {
		if (make(w, &how) != 0)
			return -1;
		now = clock_mono();
		longest = now - last > longest ? now - last : longest;
		last = now;
		w->task.hurry = w->limited ||
		    gif_task_hurries(now - began, longest, w->req->wall_ms * 1000LL);
	}
	gif_task_pick(&w->task, &w->s, pick);
	for (unsigned i = 0; i < w->req->ntargets; i++) {
		if (may_have(w, i, pick[i]) ? deliver(w, i, (unsigned)pick[i], out[i]) != 0 :
					      w->limited)
			return -1;
	}
	w->res->status = TS_OK;
	w->res->why[0] = '\0';
	return 0;
}

int
gif_run(const struct transcode_request *req, const struct gif_source *src, const int *out,
    struct transcode_result *res)
{
	struct work w = { .req = req, .src = src, .res = res };

	gif_task_begin(&w.task, req, res->width, res->height, res->frames);
	(void)make_all(&w, out);
	for (unsigned k = 0; k < w.s.n; k++)
		file_close(&w.file[k].fd);
	likeness_end(&w.like);
	return 0;
}
