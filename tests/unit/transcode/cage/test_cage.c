/* cage: what a caged process tries and does not get */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "transcode/cage/cage.h"
#include "transcode/child.h"
#include "transcode/transcode_child.h"

/* Each check runs in a process of its own, in the cage, and returns 0 when it was
 * held, else a number that tells where it was not. */
struct check {
	struct cage cage;
	int (*try)(const struct check *c);
	int fd; /* a file that is open already */
};

static int
enter_and_try(void *ctx)
{
	struct check *c = ctx;

	if (cage_enter(&c->cage) < 0)
		return 99;
	return c->try(c);
}

static void
held(struct check *c)
{
	int status = proc_call(enter_and_try, c);

	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("wait status 0x%x", (unsigned)status);
}

static bool
can_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	return fd >= 0 && close(fd) == 0;
}

static bool
can_exec(const char *path)
{
	const char *const argv[] = { path, NULL };
	pid_t pid = vfork();

	if (pid == 0) {
		execve(path, (char *const *)(uintptr_t)argv, NULL);
		_exit(1);
	}
	return pid > 0 && proc_wait(pid) == 0;
}

/* What no cage allows. */
static int
common(void)
{
	if (can_open("/etc/passwd", O_RDONLY))
		return 1;
	if (can_open("/tmp/savemms-escape", O_WRONLY | O_CREAT))
		return 2;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0 || socket(AF_UNIX, SOCK_STREAM, 0) >= 0)
		return 3;
	if (ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0)
		return 4;
	if (geteuid() == 0 || setuid(0) == 0)
		return 5;
	if (can_open("/proc/self/mem", O_RDWR) || can_open("/proc/1/environ", O_RDONLY))
		return 6;
	if (chmod("/tmp", 01777) == 0 || mkdir("/tmp/savemms-escape.d", 0700) == 0)
		return 7;
	if (kill(getppid(), 0) == 0)
		return 8;
	return 0;
}

static bool
refused(long rc)
{
	return rc == -1 && errno == EPERM;
}

/* No cage lets a process change others or have signals sent to them. The calls here name the
 * process itself, which the kernel allows: only the cage refuses them. */
static int
others(int fd)
{
	const struct sched_param param = { 0 };
	const struct f_owner_ex owner = { F_OWNER_PID, getpid() };
	const long high = 1L << 32; /* which the kernel ignores */
	struct rlimit limit;
	siginfo_t info = { .si_code = SI_QUEUE };
	cpu_set_t cpus;
	int on = 1, self = getpid();

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	if (!refused(prlimit(self, RLIMIT_CORE, NULL, &limit)))
		return 70;
	if (!refused(sched_setaffinity(self, sizeof cpus, &cpus)) ||
	    !refused(sched_setscheduler(self, SCHED_OTHER, &param)) ||
	    !refused(sched_setparam(self, &param)) ||
	    !refused(syscall(SYS_sched_setattr, self, NULL, 0)))
		return 71;
	if (!refused(setpriority(PRIO_PROCESS, (id_t)self, 19)) ||
	    !refused(setpriority(PRIO_PGRP, 0, 19)) || !refused(setpriority(PRIO_USER, 0, 19)) ||
	    !refused(syscall(SYS_ioprio_set, 1, 0, 0)))
		return 72;
	if (!refused(kill(self, 0)) || !refused(kill(0, 0)) || !refused(kill(-1, 0)) ||
	    !refused(syscall(SYS_tkill, self, 0)) ||
	    !refused(syscall(SYS_tgkill, getppid(), getppid(), 0)) ||
	    !refused(syscall(SYS_rt_sigqueueinfo, self, SIGURG, &info)) ||
	    !refused(syscall(SYS_rt_tgsigqueueinfo, self, self, SIGURG, &info)))
		return 73;
	if (!refused(fcntl(fd, F_SETOWN, self)) || !refused(fcntl(fd, F_SETOWN_EX, &owner)) ||
	    !refused(fcntl(fd, F_SETSIG, SIGURG)) || !refused(fcntl(fd, F_SETFL, O_ASYNC)) ||
	    !refused(fcntl(fd, F_NOTIFY, 0)) || !refused(fcntl(fd, F_SETLEASE, F_UNLCK)) ||
	    !refused(syscall(SYS_fcntl, fd, F_SETOWN | high, self)) ||
	    !refused(syscall(SYS_fcntl, fd, F_SETFL | high, O_ASYNC)))
		return 74;
	if (!refused(ioctl(fd, FIOASYNC, &on)) || !refused(ioctl(fd, FIOSETOWN, &self)) ||
	    !refused(ioctl(fd, SIOCSPGRP, &self)) || !refused(ioctl(fd, TIOCSTI, "x")) ||
	    !refused(syscall(SYS_ioctl, fd, FIOASYNC | high, &on)))
		return 75;
	/* and what it must be able to do */
	if (getrlimit(RLIMIT_CORE, &limit) != 0 || fcntl(fd, F_GETFL) < 0)
		return 76;
	return signal(SIGURG, SIG_IGN) != SIG_ERR && raise(SIGURG) == 0 ? 0 : 77;
}

static int
try_others(const struct check *c)
{
	if (c->cage.calls != CAGE_SUPERVISE && memfd_create("m", MFD_CLOEXEC) >= 0)
		return 78;
	if ((c->cage.calls == CAGE_SUPERVISE || c->cage.calls == CAGE_PROGRAM) &&
	    setpriority(PRIO_PROCESS, 0, 19) != 0)
		return 79;
	return others(c->fd);
}

/* In each kind of cage. */
static void
test_others(void **state)
{
	for (int calls = CAGE_SUPERVISE; calls <= CAGE_DECODE; calls++) {
		struct check c = { .try = try_others };
		int pair[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
		cage_for_program(&c.cage);
		c.cage.calls = (enum cage_calls)calls;
		c.fd = pair[0];
		held(&c);
		close(pair[0]);
		close(pair[1]);
	}
}

static void *
nothing(void *ctx)
{
	return ctx;
}

static int
try_decode(const struct check *c)
{
	char b[4];
	pthread_t t;
	void *p;

	if (can_open("/usr/bin/true", O_RDONLY) || can_open("/dev/null", O_RDONLY))
		return 10;
	if (fork() >= 0)
		return 11;
	execve("/usr/bin/false", (char *const[]){ (char[]){ "false" }, NULL },
	    (char *const[]){ NULL });
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){ 0 }) == 0)
		return 12;
	/* and what it must be able to do */
	if (pread(c->fd, b, sizeof b, 0) != sizeof b || write(STDERR_FILENO, "", 0) != 0)
		return 13;
	if (pthread_create(&t, NULL, nothing, NULL) != 0 || pthread_join(t, NULL) != 0)
		return 14;
	p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return p == MAP_FAILED ? 15 : common();
}

static void
test_decode(void **state)
{
	struct check c = { .try = try_decode, .cage = { .calls = CAGE_DECODE } };

	c.fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	held(&c);
	close(c.fd);
}

/* As a decoder, and fonts can be read, nothing else. */
static int
try_render(const struct check *c)
{
	(void)c;
	if (!can_open("/etc/fonts/fonts.conf", O_RDONLY) ||
	    can_open("/etc/fonts/fonts.conf", O_WRONLY))
		return 60;
	if (can_open("/etc/fonts/savemms-escape", O_WRONLY | O_CREAT) ||
	    can_open("/usr/bin/true", O_RDONLY))
		return 61;
	if (fork() >= 0)
		return 62;
	execve("/usr/bin/false", (char *const[]){ (char[]){ "false" }, NULL },
	    (char *const[]){ NULL });
	return common();
}

static void
test_render(void **state)
{
	struct check c = { .try = try_render, .cage = { .calls = CAGE_RENDER } };

	assert_true(cage_allow_path(&c.cage, "/etc/fonts", CAGE_READ));
	held(&c);
}

static int
try_supervise(const struct check *c)
{
	(void)c;
	if (!can_exec("/usr/bin/true"))
		return 20;
	if (!can_open("/usr/bin/true", O_RDONLY) || can_open("/usr/bin/true", O_WRONLY))
		return 21;
	return common();
}

static void
test_supervise(void **state)
{
	struct check c = { .try = try_supervise };

	cage_for_program(&c.cage);
	c.cage.calls = CAGE_SUPERVISE;
	held(&c);
}

/* A program in its cage inside a supervisor's cage: the status it ends with. */
static int
run_shell(const char *text, int fd, unsigned access)
{
	const char *const argv[] = { "/bin/sh", "-c", text, NULL };
	struct cage cage;

	cage_for_program(&cage);
	cage.cpu_s = 1;
	if (fd >= 0 && !cage_allow_fd(&cage, 3, access))
		return -1;
	return program_run(&(struct program){ .argv = argv,
	    .fds = (int[]){ -1, -1, STDERR_FILENO, fd },
	    .nfds = 4,
	    .cage = &cage });
}

static int
try_program(const struct check *c)
{
	int status;

	if (run_shell("exit 0", -1, 0) != 0)
		return 30;
	if (run_shell("exec 2>/dev/null; read x < /etc/passwd && exit 0; exit 3", -1, 0) !=
	    W_EXITCODE(3, 0))
		return 31;
	/* a second process, or a bomb of them */
	if (run_shell("exec 2>/dev/null; (exit 0) && exit 0; exit 4", -1, 0) == 0)
		return 32;
	if (run_shell("exec 2>/dev/null; b() { b | b & }; b; exit 5", -1, 0) == 0)
		return 33;
	if (run_shell("exec 2>/dev/null; : > /tmp/savemms-escape && exit 0; exit 6", -1, 0) == 0)
		return 34;
	status = run_shell("while :; do :; done", -1, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGXCPU) /* SIGKILL would not tell why */
		return 35;
	/* a file by descriptor can be opened again, but only as the rule says */
	if (run_shell("read x < /proc/self/fd/3", c->fd, CAGE_READ) != 0)
		return 36;
	if (run_shell("exec 2>/dev/null; : >> /proc/self/fd/3 && exit 0; exit 7", c->fd,
		CAGE_READ) == 0)
		return 37;
	if (run_shell("exec 2>/dev/null; read x < /proc/self/fd/3 && exit 0; exit 8", c->fd, 0) ==
	    0)
		return 38;
	return common();
}

static void
test_program(void **state)
{
	struct check c = { .try = try_program };
	char name[] = "/tmp/savemms-cage-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);

	/* without a name, and another user's only when we are root: readable by all */
	assert_true(fd >= 0 && write(fd, "line\n", 5) == 5 && fchmod(fd, 0666) == 0);
	c.fd = open(name, O_RDONLY | O_CLOEXEC);
	assert_int_equal(unlink(name), 0);
	close(fd);
	cage_for_program(&c.cage);
	c.cage.calls = CAGE_SUPERVISE;
	assert_true(cage_allow_fd(&c.cage, c.fd, CAGE_READ | CAGE_WRITE));
	held(&c);
	close(c.fd);
}

static int
try_limits(const struct check *c)
{
	int fd = c->fd;
	static char block[1 << 20];

#ifndef WITH_SANITIZER
	if (mmap(NULL, 512U << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
	    MAP_FAILED)
		return 40;
#endif
	(void)signal(SIGXFSZ, SIG_IGN);
	if (write(fd, block, sizeof block) != sizeof block)
		return 41;
	if (write(fd, block, 1) >= 0 || errno != EFBIG)
		return 42;
	return 0;
}

static void
test_limits(void **state)
{
	struct check c = { .try = try_limits,
		.cage = { .calls = CAGE_DECODE,
		    .memory_mb = 256,
		    .file_mb = 1,
		    .cpu_s = 5,
		    .files = 16 } };

	c.fd = child_memfile("out");
	assert_true(c.fd >= 0);
	held(&c);
	close(c.fd);
}

/* A memory file can be written through its name in /proc by a program, which
 * some need to seek in it. */
static int
try_memory_file(const struct check *c)
{
	if (run_shell("echo text > /proc/self/fd/3", c->fd, 0) != 0)
		return 50;
	return lseek(c->fd, 0, SEEK_END) == 5 ? 0 : 51;
}

static void
test_memory_file(void **state)
{
	struct check c = { .try = try_memory_file };

	c.fd = child_memfile("m");
	assert_true(c.fd >= 0);
	cage_for_program(&c.cage);
	c.cage.calls = CAGE_SUPERVISE;
	held(&c);
	close(c.fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_render),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_supervise),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_memory_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
