/*
 * transcode: the client's side of transcode.h.
 *
 * Each transcoder has one process, which is started when the first medium comes. When it turns out
 * to have died, it is started again, once for each request. The installed program is kept open from
 * the beginning, so that it is of the same version as this one even when another has been installed
 * meanwhile, whose requests and answers may differ. A lock protects only the control
 * socket; waiting is done without it, so threads do not hold each other up. On failure every wait
 * still ends with a final result. A job whose process somebody else killed, or whose transcoder
 * died, is handed over once more, with new files: what is left of the old process may still write
 * to the old ones.
 */
#include "media/transcode.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/where.h"
#include "media/transcode_client.h"
#include "media/transcode_result.h"

enum {
	GRACE_MS = 3000, /* for the answer to travel after the child's own deadline */
	SEND_S = 10,     /* a transcoder that takes no request for so long is stuck */
};

struct transcoder {
	pthread_mutex_t lock;
	char *path;
	int program; /* descriptor of the installed program; -1: what path leads to is started */
	unsigned jobs;
	int control; /* -1: not running */
	pid_t pid;
	const struct transcoder_companion *how;
	void *companion; /* NULL: not needed yet */
};

struct transcode_job {
	struct transcoder *t;
	struct transcode_request req;
	int source; /* for another try */
	char *temp; /* the folder of the result files */
	int answer;
	int out[TRANSCODE_TARGETS];
};

struct transcoder *
transcoder_new(const char *path, unsigned jobs)
{
	struct transcoder *t = calloc(1, sizeof *t);
	char installed[PATH_MAX];

	if (t == NULL)
		return NULL;
	where_program("savemms-transcode", installed, sizeof installed);
	t->path = strdup(path != NULL ? path : installed);
	t->jobs = jobs > 0 ? jobs : 1;
	t->control = -1;
	t->program = path == NULL ? open(installed, O_PATH | O_CLOEXEC) : -1;
	if (t->path != NULL && pthread_mutex_init(&t->lock, NULL) == 0)
		return t;
	file_close(&t->program);
	free(t->path);
	free(t);
	return NULL;
}

/* Closes the control socket, at which the process ends by itself with its children, and reaps
 * it. Kills it when it has not ended after a second. */
static void
stop(struct transcoder *t)
{
	if (t->control < 0)
		return;
	file_close(&t->control);
	for (int i = 0; i < 100; i++) {
		if (proc_ended(t->pid))
			return;
		(void)poll(NULL, 0, 10);
	}
	(void)kill(t->pid, SIGKILL);
	(void)proc_wait(t->pid);
}

void
transcoder_free(struct transcoder **t)
{
	if (*t == NULL)
		return;
	if ((*t)->companion != NULL)
		(*t)->how->drop((*t)->companion);
	stop(*t);
	(void)pthread_mutex_destroy(&(*t)->lock);
	file_close(&(*t)->program);
	free((*t)->path);
	free(*t);
	*t = NULL;
}

static int
start(struct transcoder *t)
{
	static const char *const env[] = {
		"PATH=/usr/bin:/bin",
		"LANG=C.UTF-8",
		"MALLOC_ARENA_MAX=2",
		"VIPS_BLOCK_UNTRUSTED=1",
		"VIPS_CONCURRENCY=1",
		NULL,
	};
	const struct timeval limit = { .tv_sec = SEND_S };
	char jobs[16];
	const char *argv[] = { t->path, "--jobs", jobs, NULL };
	int pair[2], err = fcntl(STDERR_FILENO, F_GETFD) < 0 ? -1 : STDERR_FILENO;

	(void)snprintf(jobs, sizeof jobs, "%u", t->jobs);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		return -1;
	t->pid = proc_start(&(struct proc){
	    .argv = argv,
	    .envp = env,
	    .fds = (int[]){ -1, -1, err, pair[1] },
	    .nfds = 4,
	    .program = t->program > 0 ? t->program : 0,
	    .session = true,
	});
	file_close(&pair[1]);
	if (t->pid < 0 || setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0) {
		file_close(&pair[0]);
		return -1;
	}
	t->control = pair[0];
	return 0;
}

_Static_assert(offsetof(struct transcode_request, target) ==
	    offsetof(struct transcode_request, jpeg) + sizeof(uint32_t) &&
	offsetof(struct transcode_request, jpeg) ==
	    4 * sizeof(uint32_t) + 2 * sizeof(uint64_t) + 5 * sizeof(uint32_t),
    "a request has no bytes that nobody sets");

/* Sends the request and its descriptors in one message. Returns 0 or -1. */
static int
send_request(int control, const struct transcode_request *req, const int *fds, size_t nfds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int) * (2 + TRANSCODE_TARGETS))];
	} c = { .room = { 0 } };
	struct transcode_request copy = *req;
	struct iovec io = { &copy, sizeof copy };
	struct msghdr m = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &c,
		.msg_controllen = CMSG_SPACE(sizeof(int) * nfds),
	};
	ssize_t n;

	c.head.cmsg_level = SOL_SOCKET;
	c.head.cmsg_type = SCM_RIGHTS;
	c.head.cmsg_len = CMSG_LEN(sizeof(int) * nfds);
	memcpy(CMSG_DATA(&c.head), fds, sizeof(int) * nfds);
	while ((n = sendmsg(control, &m, MSG_NOSIGNAL)) < 0 && errno == EINTR)
		;
	return n == (ssize_t)sizeof copy ? 0 : -1;
}

/* Starts the process if need be, and once more if it has died. */
int
transcoder_hand_over(struct transcoder *t, const struct transcode_request *req, const int *fds,
    size_t nfds)
{
	int rc = -1;

	(void)pthread_mutex_lock(&t->lock);
	for (int tries = 0; tries < 2 && rc != 0; tries++) {
		if (t->control < 0 && start(t) != 0) {
			log_error("transcoder %s cannot be started: %m", t->path);
			break;
		}
		rc = send_request(t->control, req, fds, nfds);
		if (rc != 0) {
			log_warn("transcoder %ld does not take a request: %m", (long)t->pid);
			stop(t);
		}
	}
	(void)pthread_mutex_unlock(&t->lock);
	return rc;
}

void *
transcoder_companion(struct transcoder *t, const struct transcoder_companion *how)
{
	void *thing;

	(void)pthread_mutex_lock(&t->lock);
	if (t->companion == NULL) {
		t->how = how;
		t->companion = how->make(t->jobs);
	}
	thing = t->companion;
	(void)pthread_mutex_unlock(&t->lock);
	return thing;
}

static void
close_files(struct transcode_job *j)
{
	file_close(&j->answer);
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		file_close(&j->out[i]);
}

/* Makes the files of a try and hands the job over. Returns false on failure (logged). */
static bool
hand_over(struct transcode_job *j)
{
	int fds[2 + TRANSCODE_TARGETS], pair[2] = { -1, -1 };
	bool ok = socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == 0;

	j->answer = pair[0];
	fds[0] = pair[1];
	fds[1] = j->source;
	for (unsigned i = 0; ok && i < j->req.ntargets; i++)
		ok = (fds[2 + i] = j->out[i] = file_temp(j->temp)) >= 0;
	if (!ok)
		log_error("transcoding of %u targets cannot be prepared in %s: %m",
		    (unsigned)j->req.ntargets, j->temp);
	ok = ok && transcoder_hand_over(j->t, &j->req, fds, 2 + (size_t)j->req.ntargets) == 0;
	file_close(&pair[1]);
	return ok;
}

struct transcode_job *
transcode_start(struct transcoder *t, const struct transcode_request *req, int source,
    const char *temp)
{
	struct transcode_job *j = calloc(1, sizeof *j);
	bool ok = req->ntargets <= TRANSCODE_TARGETS;

	if (j == NULL)
		return NULL;
	errno = EINVAL; /* for a count of targets that is too large */
	j->t = t;
	j->req = *req;
	j->req.version = TRANSCODE_VERSION;
	j->source = j->answer = -1;
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		j->out[i] = -1;
	ok = ok && (j->temp = strdup(temp)) != NULL &&
	    (j->source = fcntl(source, F_DUPFD_CLOEXEC, 0)) >= 0;
	if (!ok)
		log_error("transcoding of %u targets cannot be prepared: %m",
		    (unsigned)req->ntargets);
	if (!ok || !hand_over(j))
		transcode_end(&j);
	return j;
}

ssize_t
transcode_next(int fd, int64_t until, struct transcode_result *res)
{
	for (;;) {
		int64_t left = (until - clock_mono()) / 1000;
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (left <= 0 || poll(&p, 1, left < 60000 ? (int)left + 1 : 60000) < 0) {
			if (left <= 0 || errno != EINTR)
				return -1;
			continue;
		}
		if (p.revents == 0)
			continue;
		n = recv(fd, res, sizeof *res, MSG_DONTWAIT);
		if (n >= 0)
			return n;
		if (errno != EINTR && errno != EAGAIN)
			return 0;
	}
}

static void
check(const struct transcode_job *j, struct transcode_result *res, size_t n)
{
	uint64_t size[TRANSCODE_TARGETS] = { 0 };

	for (unsigned i = 0; i < j->req.ntargets; i++) {
		int64_t s = file_size(j->out[i]);

		/* the child wrote through the same open file, so it has moved our offset */
		if (s > 0 && lseek(j->out[i], 0, SEEK_SET) == 0)
			size[i] = (uint64_t)s;
	}
	transcode_result_check(res, n, &j->req, size);
}

/* What transcode_wait() is given. */
struct wait {
	int64_t queue_until;
	bool (*on_progress)(void *ctx, unsigned permille, unsigned left_ms);
	void *ctx;
};

/* Waits for the end of one try. */
static void
wait_once(struct transcode_job *j, const struct wait *w, struct transcode_result *res)
{
	int64_t span = ((int64_t)j->req.wall_ms + GRACE_MS) * 1000;
	int64_t until = w->queue_until >= 0 ? w->queue_until : clock_mono() + span;
	bool begun = false; /* before that, the queue takes the time, not the medium */

	for (;;) {
		ssize_t n = transcode_next(j->answer, until, res);

		if (n <= 0) {
			transcode_result_set(res, n == 0 ? TS_KILLED : TS_BROKEN,
			    n == 0    ? "the transcoder ended without an answer" :
				begun ? "no answer in time" :
					"no process was free in time");
			break;
		}
		begun = true;
		if (n != (ssize_t)sizeof *res || res->status != TS_PROGRESS) {
			check(j, res, (size_t)n);
			return;
		}
		until = clock_mono() + span;
		if (w->on_progress != NULL &&
		    !w->on_progress(w->ctx, res->done_permille, res->left_ms)) {
			transcode_result_set(res, TS_LIMIT, "cancelled");
			break;
		}
	}
	file_close(&j->answer); /* ends what may still run for the job */
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		res->out[i].same_as = i;
}

void
transcode_wait(struct transcode_job *j, int64_t queue_until,
    bool (*on_progress)(void *ctx, unsigned permille, unsigned left_ms), void *ctx,
    struct transcode_result *res)
{
	const struct wait w = { queue_until, on_progress, ctx };

	wait_once(j, &w, res);
	if (res->status != TS_KILLED)
		return;
	log_warn("a medium is tried once more: %s", res->why);
	close_files(j);
	if (hand_over(j))
		wait_once(j, &w, res);
}

int64_t
transcode_queue_until(void)
{
	return clock_mono() + TRANSCODE_QUEUE_MS * INT64_C(1000);
}

int
transcode_output_fd(const struct transcode_job *j, unsigned i)
{
	return i < j->req.ntargets ? j->out[i] : -1;
}

void
transcode_end(struct transcode_job **j)
{
	if (*j == NULL)
		return;
	close_files(*j);
	file_close(&(*j)->source);
	free((*j)->temp);
	free(*j);
	*j = NULL;
}
