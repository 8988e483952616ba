/* children: see children.h */
#include "admin/serve/children.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/say.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/proc.h"

enum {
	SECOND = 1000000, /* microseconds */
	FAST_MAX = 5,     /* times in a row that a child may end within a second */
	PATIENCE_S = 10,  /* from SIGTERM to SIGKILL */
	AGAIN_MS = 100,   /* between two checks of what still runs */
};

static sigset_t
our_signals(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGHUP);
	return set;
}

int
children_prepare(void)
{
	sigset_t set = our_signals();

	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return prctl(PR_SET_CHILD_SUBREAPER, 1);
}

/* Runs in the new process: makes it end when this one is killed. */
static int
die_with_parent(void *ctx)
{
	(void)ctx;
	return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0 ? 0 : errno;
}

static int
start(const struct children *cs, struct child *c)
{
	int fds[3] = { c->in, STDOUT_FILENO, STDERR_FILENO };
	struct proc p = { .argv = c->argv,
		.envp = cs->envp,
		.fds = fds,
		.nfds = 3,
		.session = true,
		.prepare = die_with_parent };
	pid_t pid = proc_start(&p);

	if (pid < 0) {
		(void)fail("%s cannot be started: %s: %s", c->name, c->argv[0], strerror(errno));
		return -1;
	}
	c->pid = pid;
	c->started = clock_mono();
	return 0;
}

int
children_start(struct children *cs)
{
	for (unsigned i = 0; i < cs->n; i++)
		if (start(cs, &cs->c[i]) != 0)
			return -1;
	return 0;
}

/* Returns whether to start the child again. A child that keeps ending right after its start is not
 * started again. */
static bool
once_more(struct child *c, int status)
{
	if (!c->renew || (WIFEXITED(status) && WEXITSTATUS(status) != 0))
		return false;
	c->fast = clock_mono() - c->started > SECOND ? 0 : c->fast + 1;
	return c->fast <= FAST_MAX;
}

/* Handles the end of one of our children. Returns true if it has been started again. */
static bool
ended(const struct children *cs, struct child *c, int status)
{
	c->pid = 0;
	if (once_more(c, status)) {
		if (WIFSIGNALED(status))
			(void)fprintf(stderr,
			    "savemms: %s was killed by signal %d (%s); started again\n", c->name,
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
		return start(cs, c) == 0;
	}
	if (WIFSIGNALED(status))
		(void)fail("%s was killed by signal %d (%s)", c->name, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		(void)fail(
		    "%s ended with status %d; its messages are above or in the instance's log folder",
		    c->name, WEXITSTATUS(status));
	return false;
}

/* Collects what has ended, adopted orphans included. Returns false if one of our children ended for
 * good. */
static bool
reap(struct children *cs)
{
	bool well = true;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (unsigned i = 0; i < cs->n; i++)
			if (cs->c[i].pid == pid)
				well = ended(cs, &cs->c[i], status) && well;
	return well;
}

enum turn
children_wait(struct children *cs, int wait_ms)
{
	int64_t end = clock_mono() + (int64_t)wait_ms * 1000;
	sigset_t set = our_signals();

	for (;;) {
		int64_t left = wait_ms < 0 ? SECOND : end - clock_mono();
		struct timespec ts = { 0, 0 };
		int sig;

		if (!reap(cs))
			return TURN_DEAD;
		if (left <= 0)
			return TURN_TIME;
		ts.tv_sec = left / SECOND;
		ts.tv_nsec = left % SECOND * 1000;
		sig = sigtimedwait(&set, NULL, &ts);
		if (sig == SIGTERM || sig == SIGINT || sig == SIGHUP)
			return TURN_SIGNAL;
	}
}

/* Sends sig to every child of this process and to the group that the child leads. */
static void
signal_all(int sig)
{
	char path[64], list[8192], *s = list;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof path, "/proc/self/task/%ld/children", (long)getpid());
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return;
	n = file_pread(fd, list, sizeof list - 1, 0);
	file_close(&fd);
	list[n > 0 ? n : 0] = '\0';
	for (;;) {
		char *end;
		long pid = strtol(s, &end, 10);

		if (end == s || pid <= 1)
			return;
		if (kill((pid_t)-pid, sig) != 0)
			(void)kill((pid_t)pid, sig); /* it leads no group */
		s = end;
	}
}

void
children_end(struct children *cs)
{
	int64_t patience = clock_mono() + (int64_t)PATIENCE_S * SECOND;
	const struct timespec interval = { 0, AGAIN_MS * 1000000L };
	sigset_t set = our_signals();
	bool killing = false, reported = false;

	for (unsigned i = 0; i < cs->n; i++)
		cs->c[i].pid = 0; /* they may end from now on */
	for (;;) {
		int sig;

		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
			return;
		killing = killing || clock_mono() > patience;
		if (killing && !reported)
			(void)fail("some programs did not end in time and are being killed");
		reported = killing;
		signal_all(killing ? SIGKILL : SIGTERM);
		sig = sigtimedwait(&set, NULL, &interval);
		killing = killing || sig == SIGTERM || sig == SIGINT;
	}
}
