/*
 * proc: see proc.h
 *
 * The child reports a failure between fork and exec by writing the errno to a
 * pipe, which closes by itself when the program starts. The child allocates no
 * memory and takes no lock, so threads of the parent do no harm.
 */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"

enum { FAR = 64 }; /* descriptors first move to this number and above */

/* Puts the descriptors in their places, and the pipe and the program (if there is one) after them,
 * closed on exec. Returns the new number of the pipe, or -1. */
static int
place_descriptors(const struct proc *p, int report)
{
	int far[PROC_FDS], n = (int)p->nfds, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int program = p->program > 0 ? p->program : null;

	if (null < 0 || (report = fcntl(report, F_DUPFD_CLOEXEC, FAR)) < 0 ||
	    (program = fcntl(program, F_DUPFD_CLOEXEC, FAR)) < 0)
		return -1;
	for (int i = 0; i < n; i++)
		if ((far[i] = fcntl(p->fds[i] < 0 ? null : p->fds[i], F_DUPFD_CLOEXEC, FAR)) < 0)
			return -1;
	for (int i = 0; i < n; i++)
		if (dup2(far[i], i) < 0)
			return -1;
	if (dup3(report, n, O_CLOEXEC) < 0 || dup3(program, n + 1, O_CLOEXEC) < 0)
		return -1;
	return file_close_from(n + 2) == 0 ? n : -1;
}

/* Sets all signals as a new program expects them. */
static int
default_signals(void)
{
	sigset_t none;

	for (int s = 1; s < NSIG; s++)
		(void)signal(s, SIG_DFL); /* fails for SIGKILL and SIGSTOP, which is fine */
	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Does the child's last steps and starts the program. Returns only on failure, with the errno.
 * *report is then the number of the pipe. */
static int
exec_program(const struct proc *p, int *report)
{
	int at, err;

	if (p->session && setsid() < 0)
		return errno;
	if ((at = place_descriptors(p, *report)) < 0)
		return errno;
	*report = at;
	if (default_signals() != 0)
		return errno;
	if (p->prepare != NULL && (err = p->prepare(p->ctx)) != 0)
		return err;
	/* For historical reasons execve() takes char *, but it does not change the strings. */
	if (p->program > 0)
		(void)execveat(at + 1, "", (char *const *)(uintptr_t)p->argv,
		    (char *const *)(uintptr_t)p->envp, AT_EMPTY_PATH);
	else
		(void)execve(p->argv[0], (char *const *)(uintptr_t)p->argv,
		    (char *const *)(uintptr_t)p->envp);
	return errno;
}

static void __attribute__((noreturn)) child(const struct proc *p, int report)
{
	int err;

	if (p->detach) {
		pid_t pid = fork();

		if (pid > 0)
			_exit(0);
		if (pid < 0) {
			err = errno;
			(void)!write(report, &err, sizeof err);
			_exit(127);
		}
	}
	err = exec_program(p, &report);
	(void)!write(report, &err, sizeof err);
	_exit(127);
}

/* Returns the errno that the child sent, or 0 when the program runs. */
static int
read_failure(int fd)
{
	int err = 0;
	ssize_t r;

	while ((r = read(fd, &err, sizeof err)) < 0 && errno == EINTR)
		;
	return r == (ssize_t)sizeof err ? err : 0;
}

pid_t
proc_start(const struct proc *p)
{
	int fd[2], err;
	sigset_t all, old;
	pid_t pid;

	if (p->nfds < 3 || p->nfds > PROC_FDS) {
		errno = EINVAL;
		return -1;
	}
	if (pipe2(fd, O_CLOEXEC) != 0)
		return -1;
	/* No signal handler of this process may run in the child. */
	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		child(p, fd[1]);
	err = errno;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	file_close(&fd[1]);
	if (pid > 0 && ((err = read_failure(fd[0])) != 0 || p->detach))
		(void)proc_wait(pid);
	file_close(&fd[0]);
	if (pid > 0 && err == 0)
		return p->detach ? 0 : pid;
	errno = err;
	return -1;
}

int
proc_call(int (*fn)(void *ctx), void *ctx)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(ctx));
	return pid < 0 ? -1 : proc_wait(pid);
}

int
proc_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

bool
proc_ended(pid_t pid)
{
	return waitpid(pid, NULL, WNOHANG) != 0;
}
