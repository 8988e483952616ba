/* av_result: see av_result.h */
#include "transcode/av/av_result.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <libavutil/log.h>

#include "base/clock.h"
#include "base/file.h"
#include "transcode/child.h"

enum { SAY_EVERY = 500000 };

/* ---- messages of libav* --------------------------------------------------------------- */

static char first_error[AV_WHY];

static void __attribute__((format(printf, 3, 0)))
keep_first(void *ctx, int level, const char *fmt, va_list ap)
{
	size_t n;

	(void)ctx;
	if (level > AV_LOG_ERROR || first_error[0] != '\0')
		return;
	(void)vsnprintf(first_error, sizeof first_error, fmt, ap);
	n = strcspn(first_error, "\n");
	first_error[n] = '\0';
	for (char *s = first_error; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			*s = '?';
}

void
av_listen(void)
{
	first_error[0] = '\0';
	av_log_set_callback(keep_first);
}

const char *
av_said(void)
{
	return first_error;
}

/* ---- results -------------------------------------------------------------------------- */

int
av_fail(struct av_job *j, enum av_end end, const char *why)
{
	switch (end) {
	case AV_REFUSED:
		return child_fail(j->res, TS_CORRUPT, "%s",
		    why[0] != '\0' ? why : "it cannot be decoded");
	case AV_TOO_BIG:
		return child_fail(j->res, TS_TOO_BIG, "%s", why);
	case AV_LIMIT:
		return child_fail(j->res, TS_LIMIT, "it needs more memory than is allowed: %s",
		    why);
	case AV_LOST:
		return child_fail(j->res, TS_BROKEN, "the sound became silent in the making");
	default:
		return child_fail(j->res, TS_BROKEN, "libav*: %s",
		    why[0] != '\0' ? why : strerror(errno));
	}
}

bool
av_deliver(struct av_job *j, unsigned i, int fd, const void *p, size_t n)
{
	struct transcode_output *o = &j->res->out[i];

	o->bytes = n;
	o->fits = n <= j->req->target[i].budget;
	if (file_write(fd, p, n) == 0)
		return true;
	(void)child_fail(j->res, TS_BROKEN, "output cannot be written: %s", strerror(errno));
	return false;
}

void
av_progress(struct av_job *j, unsigned from, unsigned to, double part)
{
	unsigned permille = from + (unsigned)((to - from) * (part < 0 ? 0 : part > 1 ? 1 : part));
	int64_t now = clock_mono(), left;

	if (permille <= j->permille || now - j->said < SAY_EVERY)
		return;
	j->permille = permille;
	j->said = now;
	left = (now - j->started) / 1000 * (1000 - permille) / permille;
	child_progress(j->answer, permille, left > UINT32_MAX ? UINT32_MAX : (unsigned)left);
}
