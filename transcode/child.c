/*
 * child: functions that image and audio/video decoding share inside a job's process; see
 * transcode_child.h.
 */
#include "transcode/transcode_child.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "base/file.h"
#include "base/proc.h"
#include "transcode/child.h"
#include "transcode/peer.h"

void
child_progress(int answer, unsigned permille, unsigned left_ms)
{
	struct transcode_result res = {
		.version = TRANSCODE_VERSION,
		.status = TS_PROGRESS,
		.done_permille = permille,
		.left_ms = left_ms,
	};

	(void)peer_send(answer, &res, MSG_NOSIGNAL | MSG_DONTWAIT);
}

int
child_fail(struct transcode_result *res, enum transcode_status status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(res->why, sizeof res->why, fmt, ap);
	va_end(ap);
	res->status = status;
	return 0;
}

int
child_memfile(const char *name)
{
	return memfd_create(name, MFD_CLOEXEC);
}

int64_t
child_copy(int from, int to)
{
	static char part[1 << 16];
	uint64_t off = 0;
	ssize_t n;

	while ((n = file_pread(from, part, sizeof part, off)) > 0) {
		if (file_write(to, part, (size_t)n) != 0)
			return -1;
		off += (uint64_t)n;
	}
	return n < 0 ? -1 : (int64_t)off;
}

enum transcode_status
child_killed(int sig)
{
	switch (sig) {
	case SIGXCPU:
	case SIGXFSZ: /* limits of its own */
	case SIGSEGV:
	case SIGBUS:
	case SIGABRT:
	case SIGFPE:
	case SIGILL:
	case SIGTRAP:
	case SIGSYS: /* a crash */
		return TS_LIMIT;
	default:
		return TS_KILLED;
	}
}

/* Enters the cage in the new process. Returns 0, or an errno that stops the start. */
static int
enter(void *ctx)
{
	return cage_enter(ctx) < 0 ? errno : 0;
}

pid_t
program_start(const struct program *p)
{
	static const char *const env[] = {
		"PATH=/usr/bin:/bin",
		"LANG=C.UTF-8",
		"MALLOC_ARENA_MAX=2",
		NULL,
	};
	struct cage cage = *p->cage;

	return proc_start(&(struct proc){
	    .argv = p->argv,
	    .envp = env,
	    .fds = p->fds,
	    .nfds = p->nfds,
	    .prepare = enter,
	    .ctx = &cage,
	});
}

int
program_run(const struct program *p)
{
	pid_t pid = program_start(p);

	return pid < 0 ? -1 : proc_wait(pid);
}
