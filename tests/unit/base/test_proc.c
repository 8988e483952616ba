/* proc: a program gets what is listed and nothing else */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"

static const char *const no_env[] = { "ONLY=this", NULL };

/* Runs sh -c text with its output in out[]; the wait status. */
static int
shell(const char *text, char *out, size_t size, struct proc *p)
{
	const char *argv[] = { "/bin/sh", "-c", text, NULL };
	int pipes[2], status;
	ssize_t n, at = 0;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	p->argv = argv;
	p->envp = no_env;
	p->fds = (int[]){ -1, pipes[1], -1 };
	p->nfds = 3;
	pid = proc_start(p);
	assert_true(pid > 0);
	close(pipes[1]);
	while ((n = read(pipes[0], out + at, size - 1 - (size_t)at)) > 0)
		at += n;
	out[at] = '\0';
	close(pipes[0]);
	status = proc_wait(pid);
	return status;
}

static void
test_descriptors_and_environment(void **state)
{
	static const char text[] =
	    "echo /proc/self/fd/*; echo $ONLY; test -z \"$HOME\" && echo empty";
	char out[512];
	struct proc p = { .session = true };
	/* one that is inherited unless proc closes it */
	int stray = fcntl(STDERR_FILENO, F_DUPFD, 77);

	assert_true(stray >= 77);
	assert_int_equal(shell(text, out, sizeof out, &p), 0);
	close(stray);
	assert_non_null(strstr(out, "/proc/self/fd/2"));
	assert_null(strstr(out, "/proc/self/fd/77"));
	assert_non_null(strstr(out, "\nthis\nempty\n"));
}

static void
test_blocked_signals_do_not_reach_the_program(void **state)
{
	char out[64];
	sigset_t set;
	struct proc p = { .session = false };

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &set, NULL), 0);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(WTERMSIG(shell("kill $$; sleep 5", out, sizeof out, &p)), SIGTERM);
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &set, NULL), 0);
}

static int
refuse(void *ctx)
{
	return ctx != NULL ? EXDEV : 0;
}

static void
test_failures_are_told(void **state)
{
	const char *const none[] = { "/nonexistent/program", NULL };
	const char *const yes[] = { "/bin/true", NULL };
	const int fds[] = { -1, -1, -1 };
	struct proc p = { .argv = none, .envp = no_env, .fds = fds, .nfds = 3 };

	assert_int_equal(proc_start(&p), -1);
	assert_int_equal(errno, ENOENT);
	p.detach = true;
	assert_int_equal(proc_start(&p), -1);
	assert_int_equal(errno, ENOENT);
	p.detach = false;
	p.argv = yes;
	p.prepare = refuse;
	p.ctx = &p;
	assert_int_equal(proc_start(&p), -1);
	assert_int_equal(errno, EXDEV);
	p.nfds = 2;
	assert_int_equal(proc_start(&p), -1);
	assert_int_equal(errno, EINVAL);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left behind */
	assert_int_equal(errno, ECHILD);
}

static void
test_detached(void **state)
{
	int pipes[2], fds[] = { -1, -1, -1 };
	char text[32] = "";
	const char *const argv[] = { "/bin/sh", "-c", "echo $PPID", NULL };
	struct proc p = { .argv = argv,
		.envp = no_env,
		.detach = true,
		.session = true,
		.fds = fds,
		.nfds = 3 };

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	fds[1] = pipes[1];
	assert_int_equal(proc_start(&p), 0);
	close(pipes[1]);
	assert_true(read(pipes[0], text, sizeof text - 1) > 0);
	close(pipes[0]);
	assert_true(strtol(text, NULL, 10) != getpid());
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descriptors_and_environment),
		cmocka_unit_test(test_blocked_signals_do_not_reach_the_program),
		cmocka_unit_test(test_failures_are_told),
		cmocka_unit_test(test_detached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
