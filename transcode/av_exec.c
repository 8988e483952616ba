/*
 * av_exec: ffprobe and ffmpeg as caged programs: see av.h.
 *
 * A program gets three descriptors and its files: nothing to read on 0, a pipe
 * for what it says on 1, a pipe for complaints on 2. Both pipes are read to
 * their end, so a program never blocks on us, but only so much is kept. A
 * program always is waited for; the deadline is the parent's, who kills the
 * whole group. Programs that are killed, run out of memory or of CPU time end as
 * AV_LIMIT, those that do not like what they read as AV_REFUSED.
 */
#include "transcode/av.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "file.h"
#include "num.h"
#include "proc.h"

enum {
	SAID_MOST = 65536,	/* bytes kept of a program's output */
	FILE_MB = 64,		/* most a file we have written may grow to */
	SAY_EVERY = 500000,	/* microseconds between two progress messages */
	INTERRUPTED = 255,	/* ffmpeg's exit status after SIGXCPU and its like */
};

/* A program's output while it runs. */
struct talk {
	struct av_job *job;
	struct av_run *run;	/* NULL: output is kept, not followed */
	int64_t total_ms;
	struct buf out, err;
};

/* ---- progress ------------------------------------------------------------ */

static void
say(struct av_job *j, int64_t ms, int64_t total_ms)
{
	int64_t now = clock_mono(), left;
	unsigned permille;

	if (total_ms <= 0)
		return;
	permille = j->from + (unsigned)((int64_t)(j->to - j->from) * (ms < total_ms ? ms : total_ms) / total_ms);
	if (permille <= j->permille || now - j->said < SAY_EVERY)
		return;
	j->permille = permille;
	j->said = now;
	left = (now - j->started) / 1000 * (1000 - permille) / permille;
	child_progress(j->answer, permille, left > UINT32_MAX ? UINT32_MAX : (unsigned)left);
}

/* One "key=value" line of -progress. */
static void
follow_line(struct talk *t, const char *line)
{
	uint64_t n;

	if (strncmp(line, "out_time_us=", 12) == 0 && num_u64(line + 12, 0, INT64_MAX, &n)) {
		if ((int64_t)(n / 1000) > t->run->ms)
			t->run->ms = (int64_t)(n / 1000);
		say(t->job, t->run->ms, t->total_ms);
	} else if (strncmp(line, "frame=", 6) == 0 && num_u64(line + 6, 0, UINT32_MAX, &n))
		t->run->frames = n;
}

/* Takes whole lines out of what has come; the rest stays for the next time. */
static void
follow(struct talk *t)
{
	char *start = t->out.p, *end;

	while ((end = memchr(start, '\n', t->out.len - (size_t)(start - t->out.p))) != NULL) {
		*end = '\0';
		follow_line(t, start);
		start = end + 1;
	}
	if (start > t->out.p) {
		size_t rest = t->out.len - (size_t)(start - t->out.p);

		memmove(t->out.p, start, rest + 1);
		t->out.len = rest;
	}
}

/* ---- pipes --------------------------------------------------------------- */

/* Reads once from *fd, keeping what fits in b; closes it at the end. */
static void
hear(int *fd, struct buf *b)
{
	char piece[4096];
	ssize_t n = read(*fd, piece, sizeof piece);

	if (n > 0)
		buf_add(b, piece, (size_t)n);
	else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		file_close(fd);
}

/* Listens until both pipes are closed at the other end. */
static void
listen_to(struct talk *t, int *out, int *err)
{
	while (*out != -1 || *err != -1) {
		struct pollfd p[2] = { { *out, POLLIN, 0 }, { *err, POLLIN, 0 } };

		if (poll(p, 2, -1) == -1 && errno != EINTR)
			break;
		if (p[0].revents != 0) {
			hear(out, &t->out);
			if (t->run != NULL && t->out.len > 0)
				follow(t);
		}
		if (p[1].revents != 0)
			hear(err, &t->err);
	}
	file_close(out);
	file_close(err);
}

/* The first line of complaint that says something, without addresses. */
static void
first_line(const struct buf *b, char why[AV_WHY])
{
	static const char name[] = "file:/proc/self/fd/";
	const char *s = buf_str(b), *p;
	size_t n = 0;

	while ((p = strstr(s, ") not on whitelist")) != NULL && p < s + strcspn(s, "\n") &&
	    (p = strchr(s, '\n')) != NULL)
		s = p + 1;		/* of a track that nobody wants */
	if (s[0] == '[' && (p = strstr(s, "] ")) != NULL && p < s + strcspn(s, "\n"))
		s = p + 2;
	if (strncmp(s, name, sizeof name - 1) == 0 && (p = strstr(s, ": ")) != NULL)
		s = p + 2;
	for (; *s != '\0' && *s != '\n' && n < AV_WHY - 1; s++)
		why[n++] = *s >= ' ' && *s <= '~' ? *s : '?';
	why[n] = '\0';
}

/* ---- programs ------------------------------------------------------------ */

static enum av_end
judge(int status, const struct buf *err)
{
	if (status == -1)
		return AV_BROKEN;
	if (WIFSIGNALED(status) || WEXITSTATUS(status) == INTERRUPTED)
		return AV_LIMIT;
	if (WEXITSTATUS(status) == 0)
		return AV_DONE;
	if (strstr(buf_str(err), "exceeds specified max pixel count") != NULL)
		return AV_TOO_BIG;
	return strstr(buf_str(err), "Cannot allocate memory") != NULL ||
	    strstr(buf_str(err), "failed to map segment") != NULL ? AV_LIMIT : AV_REFUSED;
}

/* The cage is entered when the descriptors have the program's numbers already. */
static bool
make_cage(struct cage *c, const struct av_job *j, unsigned n)
{
	cage_for_program(c);
	c->cpu_s = j->req->cpu_s;
	c->memory_mb = j->req->memory_mb;
	c->file_mb = FILE_MB;
	if (!cage_allow_fd(c, AV_FD_SOURCE, CAGE_READ))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (!cage_allow_fd(c, AV_FD_SOURCE + 1 + (int)i, CAGE_READ | CAGE_WRITE))
			return false;
	return true;
}

/* Starts the program on the writing ends of two pipes and hears it out. */
static enum av_end
converse(struct talk *t, const struct av_args *a, const int *files, unsigned n, int out[2], int err[2])
{
	int fds[AV_FD_SOURCE + 1 + 2 * TRANSCODE_TARGETS] = { -1, out[1], err[1], t->job->source };
	struct cage cage;
	struct program p = { a->v, fds, AV_FD_SOURCE + 1 + n, &cage };
	pid_t pid;

	if (p.nfds > PROC_FDS || !make_cage(&cage, t->job, n))
		return AV_BROKEN;
	for (unsigned i = 0; i < n; i++)
		fds[AV_FD_SOURCE + 1 + i] = files[i];
	pid = program_start(&p);
	file_close(&out[1]);
	file_close(&err[1]);
	if (pid == -1)
		return AV_BROKEN;
	listen_to(t, &out[0], &err[0]);
	return judge(proc_wait(pid), &t->err);
}

static enum av_end
run_program(struct talk *t, const struct av_args *a, const int *files, unsigned n)
{
	int out[2] = { -1, -1 }, err[2] = { -1, -1 };
	enum av_end end = AV_BROKEN;

	if (!a->failed && pipe2(out, O_CLOEXEC) == 0 && pipe2(err, O_CLOEXEC) == 0)
		end = converse(t, a, files, n, out, err);
	for (int i = 0; i < 2; i++) {
		file_close(&out[i]);
		file_close(&err[i]);
	}
	return end;
}

enum av_end
av_ffmpeg(struct av_job *j, struct av_args *a, const int *files, unsigned n, int64_t total_ms,
    struct av_run *run)
{
	struct talk t = { .job = j, .run = run, .total_ms = total_ms };
	enum av_end end;

	memset(run, 0, sizeof *run);
	buf_init(&t.out, SAID_MOST);
	buf_init(&t.err, SAID_MOST);
	a->v[a->n] = NULL;
	end = run_program(&t, a, files, n);
	if (!buf_ok(&t.out) && end == AV_DONE)
		end = AV_BROKEN;	/* no memory, or a line without end */
	first_line(&t.err, run->why);
	buf_free(&t.out);
	buf_free(&t.err);
	return end;
}

/* One run of ffprobe; t keeps what it says. */
static enum av_end
probe_once(struct talk *t, const char *opened)
{
	struct av_args *a = calloc(1, sizeof *a);
	enum av_end end;

	if (a == NULL)
		return AV_BROKEN;
	buf_free(&t->out);
	buf_free(&t->err);
	buf_init(&t->out, SAID_MOST);
	buf_init(&t->err, SAID_MOST);
	args_probe(a, t->job->req, opened);
	end = run_program(t, a, NULL, 0);
	free(a);
	return end;
}

enum av_end
av_ffprobe(struct av_job *j, char why[AV_WHY])
{
	struct talk t = { .job = j };
	char opened[AV_OPENED];
	enum av_end end = probe_once(&t, "");

	if (end == AV_REFUSED && codecs_refused(buf_str(&t.err), opened, sizeof opened))
		end = probe_once(&t, opened);
	first_line(&t.err, why);
	if (end == AV_DONE && (!buf_ok(&t.out) || t.out.p == NULL || !av_probe_parse(t.out.p, &j->in)))
		end = AV_REFUSED;
	buf_free(&t.out);
	buf_free(&t.err);
	return end;
}
