/*
 * cage: see cage.h
 *
 * A process that has entered a cage reaches no file, no network and no other process except those
 * that the cage lists, as far as the kernel has the means. Limits, no_new_privs and death with the
 * parent always apply. On failure nothing is undone: the caller exits. Known limits: without
 * Landlock, the supervising and program cages can read what their user may read; RLIMIT_NPROC
 * counts all processes of the user, so it is only a loose bound against floods.
 */
#include "transcode/cage/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/where.h"
#include "transcode/cage/cage_seccomp.h"

enum {
	NOBODY = 65534, /* nobody and nogroup on Debian; owns no file */
	TASKS = 4096,   /* added to the tasks that the whole machine has now, threads included */
};

bool
cage_allow_path(struct cage *c, const char *path, unsigned access)
{
	if (c->nrules >= CAGE_RULES)
		return false;
	c->rule[c->nrules++] = (struct landlock_rule){ path, -1, access };
	return true;
}

bool
cage_allow_fd(struct cage *c, int fd, unsigned access)
{
	if (c->nrules >= CAGE_RULES)
		return false;
	c->rule[c->nrules++] = (struct landlock_rule){ NULL, fd, access };
	return true;
}

void
cage_for_program(struct cage *c)
{
	static char gifsicle[PATH_MAX];
	static const struct landlock_rule base[] = {
		{ "/usr", -1, CAGE_READ | CAGE_EXEC },
		{ "/lib", -1, CAGE_READ | CAGE_EXEC },
		{ "/lib64", -1, CAGE_READ | CAGE_EXEC },
		{ "/bin", -1, CAGE_READ | CAGE_EXEC },
		{ "/etc/ld.so.cache", -1, CAGE_READ },
		{ "/dev/null", -1, CAGE_READ | CAGE_WRITE },
		{ "/dev/urandom", -1, CAGE_READ },
		{ gifsicle, -1, CAGE_READ | CAGE_EXEC },
	};

	where_tool("gifsicle", GIFSICLE, gifsicle, sizeof gifsicle);
	*c = (struct cage){ .calls = CAGE_PROGRAM };
	for (size_t i = 0; i < sizeof base / sizeof base[0]; i++)
		c->rule[c->nrules++] = base[i];
}

/* Gives up root. Returns 1 when done, 0 when not root or root of a name space without other users,
 * -1 when it failed half-way. */
static int
leave_root(void)
{
	if (geteuid() != 0)
		return 0;
	if (setgroups(0, NULL) != 0 || setresgid(NOBODY, NOBODY, NOBODY) != 0)
		return errno == EPERM || errno == EINVAL ? 0 : -1;
	return setresuid(NOBODY, NOBODY, NOBODY) == 0 ? 1 : -1;
}

/* Lowers a limit permanently: the soft limit to n, the hard one to n + spare. A limit that is
 * already lower stays. Returns 0, or -1 with errno. */
static int
lower(__rlimit_resource_t what, rlim_t n, rlim_t spare)
{
	struct rlimit now;

	if (getrlimit(what, &now) != 0)
		return -1;
	if (now.rlim_max < n + spare)
		return setrlimit(what,
		    &(struct rlimit){ now.rlim_cur < n ? now.rlim_cur : n, now.rlim_max });
	return setrlimit(what, &(struct rlimit){ n, n + spare });
}

/* Returns the bound on tasks. The kernel counts all tasks of the user, and a web server with many
 * threads may run as the same user, so the bound lies above what the machine has now (proc(5),
 * loadavg). */
static rlim_t
tasks(void)
{
	char text[128];
	unsigned long total;
	int fd = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : -1;

	if (fd >= 0)
		(void)close(fd);
	text[n > 0 ? n : 0] = '\0';
	return TASKS + (sscanf(text, "%*f %*f %*f %*u/%lu", &total) == 1 ? total : TASKS);
}

static int
limits(const struct cage *c)
{
	if (lower(RLIMIT_CORE, 0, 0) != 0 || lower(RLIMIT_NPROC, tasks(), 0) != 0)
		return -1;
	/* the kill comes a second later, so that SIGXCPU comes first and gives the reason */
	if (c->cpu_s > 0 && lower(RLIMIT_CPU, c->cpu_s, 1) != 0)
		return -1;
	if (c->file_mb > 0 && lower(RLIMIT_FSIZE, (rlim_t)c->file_mb << 20, 0) != 0)
		return -1;
	return c->files > 0 ? lower(RLIMIT_NOFILE, c->files, 0) : 0;
}

/* Limits memory. This comes last, because the other layers need memory to be set up. */
static int
limit_memory(const struct cage *c)
{
#ifdef WITH_SANITIZER
	(void)c; /* its shadow memory alone takes 16 TB of addresses */
	return 0;
#else
	return c->memory_mb > 0 ? lower(RLIMIT_AS, (rlim_t)c->memory_mb << 20, 0) : 0;
#endif
}

/* Arranges death with the parent. This comes after the change of user, which would clear it. ESRCH:
 * the parent had already died. */
static int
bind_to_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return -1;
	if (parent != 0 && getppid() != parent) {
		errno = ESRCH;
		return -1;
	}
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int
cage_enter(const struct cage *c)
{
	int has = CAGE_HAS_LIMITS, rc;

	if ((rc = leave_root()) < 0)
		return -1;
	has |= rc > 0 ? CAGE_HAS_USER : 0;
	if (bind_to_parent(c->parent) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	if ((rc = landlock_enter(c->rule, c->nrules)) < 0)
		return -1;
	has |= rc > 0 ? CAGE_HAS_LANDLOCK : 0;
	if (limits(c) != 0)
		return -1;
	if ((rc = cage_seccomp(c->calls)) < 0)
		return -1;
	has |= rc > 0 ? CAGE_HAS_SECCOMP : 0;
	return limit_memory(c) == 0 ? has : -1;
}

int
cage_probe(int *landlock_abi)
{
	int abi = landlock_version(), has = CAGE_HAS_LIMITS;

	if (landlock_abi != NULL)
		*landlock_abi = abi;
	if (geteuid() == 0)
		has |= CAGE_HAS_USER;
	if (abi > 0)
		has |= CAGE_HAS_LANDLOCK;
	return has | (cage_seccomp_there() ? CAGE_HAS_SECCOMP : 0);
}
