/*
 * medium_job: see medium_job.h
 *
 * A child holds the descriptors of its own medium and stderr, and no others, and it is caged
 * before it looks at a byte of the source. A child that cannot be caged exits without having read
 * the source.
 */
#include "transcode/medium_job.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "media/transcode_result.h"
#include "transcode/av/av.h"
#include "transcode/identify.h"
#include "transcode/image/image_run.h"
#include "transcode/peer.h"
#include "transcode/personal/render_run.h"
#include "transcode/transcode_child.h"

enum {
	FIRST = 3, /* answer, source and outputs become 3, 4, 5... in the child */
	FAR = 64,
	CHILD_FILES =
	    128,      /* RLIMIT_NOFILE: programs and their libraries open a few while starting */
	AV_NICE = 10, /* no client waits for audio and video */
};

void
job_close(struct job_request *j)
{
	file_close(&j->answer);
	file_close(&j->source);
	for (int i = 0; i < TRANSCODE_TARGETS; i++)
		file_close(&j->out[i]);
}

void
job_answer(int answer, enum transcode_status status, const char *why)
{
	struct transcode_result res;

	transcode_result_set(&res, status, why);
	if (peer_send(answer, &res, MSG_NOSIGNAL | MSG_DONTWAIT) != 0 && errno != EPIPE)
		log_warn("an answer could not be sent: %m");
}

/* Sorts the descriptors of a message into *j and closes those that have no place. Returns how many
 * there were. */
static unsigned
take_fds(struct msghdr *m, struct job_request *j)
{
	unsigned n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		size_t have = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < have; i++, n++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (n == 0)
				j->answer = fd;
			else if (n == 1)
				j->source = fd;
			else if (n - 2 < TRANSCODE_TARGETS)
				j->out[n - 2] = fd;
			else
				file_close(&fd);
		}
	}
	return n;
}

int
job_receive(int control, struct job_request *j)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int) * (2 + TRANSCODE_TARGETS))];
	} c;
	struct iovec io = { &j->req, sizeof j->req };
	struct msghdr m = {
		.msg_iov = &io,
		.msg_iovlen = 1,
		.msg_control = &c,
		.msg_controllen = sizeof c,
	};
	const char *bad;
	unsigned nfds;
	ssize_t n;

	j->answer = j->source = -1;
	for (int i = 0; i < TRANSCODE_TARGETS; i++)
		j->out[i] = -1;
	n = recvmsg(control, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN ? 0 : -1;
	nfds = take_fds(&m, j);
	if (n == 0 && nfds == 0)
		return -1;
	if (n > 0 && peer_translate(&j->req, (size_t)n))
		n = (ssize_t)sizeof j->req;
	bad = n != (ssize_t)sizeof j->req || (m.msg_flags & MSG_TRUNC) != 0 ?
	    "request of another size" :
	    transcode_request_bad(&j->req);
	if (bad == NULL && ((m.msg_flags & MSG_CTRUNC) != 0 || nfds != 2 + j->req.ntargets))
		bad = "descriptors are missing";
	if (bad == NULL) {
		j->size = file_size(j->source);
		return 1;
	}
	log_warn("request refused: %s", bad);
	if (j->answer >= 0)
		job_answer(j->answer, TS_BROKEN, bad);
	job_close(j);
	return 0;
}

/* Moves the job's descriptors to FIRST and up, and closes all others but 0, 1 and 2. Returns 0, or
 * -1 with errno. */
static int
keep_only(struct job_request *j)
{
	int *fd[2 + TRANSCODE_TARGETS] = { &j->answer, &j->source };
	int n = 2, far[2 + TRANSCODE_TARGETS];

	for (unsigned i = 0; i < j->req.ntargets; i++)
		fd[n++] = &j->out[i];
	for (int i = 0; i < n; i++)
		if ((far[i] = fcntl(*fd[i], F_DUPFD_CLOEXEC, FAR)) < 0)
			return -1;
	for (int i = 0; i < n; i++) {
		if (dup3(far[i], FIRST + i, O_CLOEXEC) < 0)
			return -1;
		*fd[i] = FIRST + i;
	}
	return file_close_from(FIRST + n);
}

/* Tells whether this process reads the bytes of the source itself. The others start processes for
 * that, which enter cages of their own. */
static bool
decodes_itself(const struct transcode_request *req)
{
	return req->kind == TRANSCODE_IDENTIFY || kind_is_av(format_kind((enum format)req->format));
}

/* Returns the cage for such a process: it allows only a decoder's calls. */
static struct cage
decoder_cage(const struct transcode_request *req)
{
	return (struct cage){
		.calls = CAGE_DECODE,
		.cpu_s = req->cpu_s,
		.memory_mb = req->memory_mb,
		.files = CHILD_FILES,
		.file_mb = AV_FILE_MOST >> 20,
	};
}

/* Sets *c to the cage for images and personal images, whose processes enter cages of their own.
 * Returns false when there are too many rules. */
static bool
image_cage(const struct job_request *j, struct cage *c)
{
	bool ok;

	cage_for_program(c);
	c->calls = CAGE_SUPERVISE;
	c->cpu_s = j->req.cpu_s;
	c->files = CHILD_FILES;
	ok = cage_allow_fd(c, j->source, CAGE_READ);
	if (j->req.kind == TRANSCODE_RENDER_SESSION)
		ok = ok && render_allow_fonts(c);
	for (unsigned i = 0; i < j->req.ntargets; i++)
		ok = ok && cage_allow_fd(c, j->out[i], CAGE_READ | CAGE_WRITE);
	return ok;
}

static int
enter_cage(const struct job_request *j, pid_t parent)
{
	struct cage c;

	if (decodes_itself(&j->req)) {
		c = decoder_cage(&j->req);
	} else if (!image_cage(j, &c)) {
		errno = E2BIG;
		return -1;
	}
	c.parent = parent;
	return cage_enter(&c) >= 0 ? 0 : -1;
}

/* Answers all requests but those for personal images. Returns 0 when *res is the answer. */
static int
run(const struct job_request *j, struct transcode_result *res)
{
	if (j->req.kind == TRANSCODE_IDENTIFY)
		return identify_run(j, res);
	return decodes_itself(&j->req) ? av_run(j, res) : image_run(j, res);
}

/* Runs the child and never returns. Exit status 0 means that it has sent the final answer. */
static void __attribute__((noreturn)) work(struct job_request *j, pid_t parent)
{
	struct transcode_result res;
	sigset_t none;

	transcode_result_set(&res, TS_BROKEN, "");
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		res.out[i].same_as = i;
	(void)sigemptyset(&none);
	if (kind_is_av(format_kind((enum format)j->req.format)) && nice(AV_NICE) == -1)
		log_warn("nice: %m");
	if (setsid() < 0 || sigprocmask(SIG_SETMASK, &none, NULL) != 0 || keep_only(j) != 0 ||
	    enter_cage(j, parent) != 0) {
		log_error("a child cannot be caged: %m");
		_exit(2);
	}
	if (j->req.kind == TRANSCODE_RENDER_SESSION)
		_exit(render_run(&j->req, j->source, j->out[0], j->answer));
	if (run(j, &res) != 0)
		_exit(1);
	_exit(peer_send(j->answer, &res, MSG_NOSIGNAL) == 0 ? 0 : 1);
}

pid_t
job_fork(const struct job_request *j)
{
	struct job_request copy = *j;
	pid_t parent = getpid(), pid;

	if (j->req.kind == TRANSCODE_IDENTIFY)
		identify_load();
	if ((pid = fork()) == 0)
		work(&copy, parent);
	return pid;
}
