/*
 * serve: see serve.h
 *
 * It has one thread, because it keeps the libraries loaded and forks, and a fork of a process with
 * threads would lose them. Every accepted request gets exactly one final answer, from its child or
 * from here, unless its own socket closes first. A child and everything it started are dead soon
 * after the deadline, and soon after nobody waits for the answer any more. Accounts take turns
 * (turn.h). When the queue is full, a request is answered TS_BROKEN at once, because its medium is
 * not to blame.
 */
#include "transcode/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "personal/render_session.h"
#include "personal/render_session_values.h"
#include "transcode/child.h"
#include "transcode/medium_job.h"
#include "transcode/transcode_child.h"
#include "transcode/turn.h"

enum {
	OF_A_KIND = 64, /* most children for one kind of request */
	RUNNING = TRANSCODE_KINDS *
	    (OF_A_KIND + 1), /* with one place each for newcomers (turn.h) */
	WAITING = 256,       /* most requests in the queue */
	FDS_A_JOB = 2 + TRANSCODE_TARGETS,
};

struct running {
	pid_t pid;
	struct turn_job turn;
	int answer;
	int64_t deadline;          /* clock_mono() */
	bool timed_out, abandoned; /* killed at the deadline; killed because nobody waits */
};

static struct running run[RUNNING];
static struct job_request queue[WAITING];
static unsigned nrun, nqueue, most_queue;
static unsigned most[TRANSCODE_KINDS]; /* separate limits, so that no kind delays another */

static struct turn_job
turn_of(const struct job_request *j)
{
	return (struct turn_job){ j->req.account, j->req.kind };
}

/* Returns what waits and what runs now, until the next call. */
static struct turn
turns(void)
{
	static struct turn_job waits[WAITING], runs[RUNNING];

	for (unsigned i = 0; i < nqueue; i++)
		waits[i] = turn_of(&queue[i]);
	for (unsigned i = 0; i < nrun; i++)
		runs[i] = run[i].turn;
	return (struct turn){ waits, runs, nqueue, nrun, most };
}

static void
drop_queued(unsigned i)
{
	job_close(&queue[i]);
	memmove(&queue[i], &queue[i + 1], (--nqueue - i) * sizeof queue[0]);
}

/* Starts request i of the queue. */
static void
start(unsigned i)
{
	struct job_request *j = &queue[i];
	struct running *r = &run[nrun];
	pid_t pid = job_fork(j);

	if (pid < 0) {
		log_error("fork: %m");
		job_answer(j->answer, TS_BROKEN, "no process could be started");
	} else {
		*r = (struct running){ pid, turn_of(j), j->answer,
			clock_mono() + j->req.wall_ms * 1000LL, false, false };
		nrun++;
		child_progress(j->answer, 0, j->req.wall_ms);
		j->answer = -1; /* the running job owns it now */
	}
	drop_queued(i);
}

/* Starts the requests that may run. */
static void
start_all(void)
{
	struct turn t = turns();
	int next;

	for (; (next = turn_next(&t)) >= 0; t = turns())
		start((unsigned)next);
}

static void
take_request(struct job_request *j)
{
	const struct turn t = turns();

	if (turn_may_wait(&t, j->req.account, most_queue)) {
		queue[nqueue++] = *j;
		return;
	}
	log_warn("the queue of %u is full, or too much of it is of account %llu", most_queue,
	    (unsigned long long)j->req.account);
	job_answer(j->answer, TS_BROKEN, "too many media are waiting");
	job_close(j);
}

static void
kill_group(pid_t pid)
{
	if (kill(-pid, SIGKILL) != 0 && kill(pid, SIGKILL) != 0)
		log_error("kill %ld: %m", (long)pid);
}

/* Sends the answer for a child that gave no final answer, and says why there is none. */
static void
explain(const struct running *r, int status)
{
	char why[TRANSCODE_WHY];

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	if (r->timed_out)
		(void)snprintf(why, sizeof why, "the time limit was exceeded");
	else if (WIFSIGNALED(status))
		(void)snprintf(why, sizeof why, "killed by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		(void)snprintf(why, sizeof why, "the child ended with status %d",
		    WEXITSTATUS(status));
	if (!r->abandoned)
		job_answer(r->answer,
		    r->timed_out            ? TS_LIMIT :
			WIFSIGNALED(status) ? child_killed(WTERMSIG(status)) :
					      TS_BROKEN,
		    why);
}

/* Reaps every child that has ended. It first kills what the child left in its group, while the
 * group's id cannot yet be given to another process. */
static void
reap(void)
{
	siginfo_t info = { 0 };

	while (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0) {
		int status;

		(void)kill(-info.si_pid, SIGKILL); /* ESRCH: nothing is left, the usual case */
		if (waitpid(info.si_pid, &status, 0) < 0)
			break;
		for (unsigned i = 0; i < nrun; i++)
			if (run[i].pid == info.si_pid) {
				explain(&run[i], status);
				file_close(&run[i].answer);
				run[i] = run[--nrun];
				break;
			}
		info.si_pid = 0;
	}
}

/* Kills the children that are over their deadline. Returns the milliseconds until the next
 * deadline, or -1 if there is none. */
static int
deadlines(void)
{
	int64_t now = clock_mono(), next = INT64_MAX;

	for (unsigned i = 0; i < nrun; i++) {
		if (!run[i].timed_out && run[i].deadline <= now) {
			run[i].timed_out = true;
			kill_group(run[i].pid);
		}
		if (!run[i].timed_out && run[i].deadline < next)
			next = run[i].deadline;
	}
	return next == INT64_MAX ? -1 : (int)((next - now) / 1000) + 1;
}

/* Ends the jobs whose answer nobody waits for. p[] holds the running jobs first, then the queued
 * ones, as they were when poll() was called. */
static void
cancelled(const struct pollfd *p, unsigned nr, unsigned nq)
{
	for (unsigned i = nq; i-- > 0;)
		if ((p[nr + i].revents & (POLLHUP | POLLERR)) != 0)
			drop_queued(i);
	for (unsigned i = 0; i < nr; i++)
		if ((p[i].revents & (POLLHUP | POLLERR)) != 0 && !run[i].abandoned) {
			run[i].abandoned = true;
			kill_group(run[i].pid);
		}
}

/* Runs one turn of the loop. Returns false when the control socket has closed or poll() failed. */
static bool
turn(int control, int signals)
{
	struct pollfd p[2 + RUNNING + WAITING] = {
		{ .fd = control, .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	unsigned nr = nrun, nq = nqueue;
	struct job_request j;
	struct signalfd_siginfo si;
	int rc;

	for (unsigned i = 0; i < nr; i++) /* a job that is being killed is not polled again */
		p[2 + i].fd = run[i].abandoned ? -1 : run[i].answer;
	for (unsigned i = 0; i < nq; i++)
		p[2 + nr + i].fd = queue[i].answer;
	if (poll(p, 2 + nr + nq, deadlines()) < 0)
		return errno == EINTR;
	cancelled(p + 2, nr, nq);
	if (p[1].revents != 0 && read(signals, &si, sizeof si) < 0 && errno != EAGAIN)
		log_warn("signalfd: %m");
	reap();
	if (p[0].revents != 0) {
		if ((rc = job_receive(control, &j)) < 0)
			return false;
		if (rc > 0)
			take_request(&j);
	}
	start_all();
	return true;
}

/* Raises the limit of open files as far as possible, and sizes the queue to fit within it. */
static void
size_queue(void)
{
	struct rlimit r;
	rlim_t fits;

	most_queue = WAITING;
	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r); /* if this fails, the limit read below still holds */
	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	fits = r.rlim_cur > 200 ? (r.rlim_cur - 100) / FDS_A_JOB : 8;
	most_queue = fits < WAITING ? (unsigned)fits : WAITING;
}

int
serve(int control, unsigned jobs)
{
	sigset_t chld;
	int signals;

	(void)sigemptyset(&chld);
	(void)sigaddset(&chld, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &chld, NULL) != 0 ||
	    (signals = signalfd(-1, &chld, SFD_CLOEXEC | SFD_NONBLOCK)) < 0) {
		log_error("signalfd: %m");
		return 1;
	}
	most[TRANSCODE_MEDIUM] = jobs < 1 ? 1 : jobs > OF_A_KIND ? OF_A_KIND : jobs;
	most[TRANSCODE_PROBE] = most[TRANSCODE_IDENTIFY] = most[TRANSCODE_MEDIUM];
	most[TRANSCODE_RENDER_SESSION] = render_sessions(most[TRANSCODE_MEDIUM]);
	size_queue();
	while (turn(control, signals))
		;
	for (unsigned i = 0; i < nrun; i++)
		kill_group(run[i].pid);
	return 0;
}
