/* restore_cage: see restore_cage.h */
#include "admin/backup/restore_cage.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "admin/admin.h"
#include "admin/say.h"
#include "rights/landlock.h"
#include "base/proc.h"

struct caged {
	const char *from, *to;
	int (*work)(void *ctx);
	void *ctx;
};

/* Runs in the child. */
static int
enter_and_work(void *ctx)
{
	const struct caged *c = ctx;
	const struct landlock_rule rules[] = {
		{ c->to, -1, LANDLOCK_READ | LANDLOCK_WRITE | LANDLOCK_MAKE },
		{ c->from, -1, LANDLOCK_READ },
		{ "/proc", -1, LANDLOCK_READ }, /* the store reads the boot's id and its own maps */
		{ "/dev/null", -1, LANDLOCK_READ | LANDLOCK_WRITE },
		{ "/etc/localtime", -1, LANDLOCK_READ },
		{ "/sys/devices/system/cpu", -1, LANDLOCK_READ }, /* Berkeley DB counts them */
	};
	int rc = -1;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0)
		rc = landlock_enter(rules, sizeof rules / sizeof rules[0]);
	if (rc < 0)
		return fail("the process that examines the backup cannot be confined: %s",
		    strerror(errno));
	if (rc == 0 && geteuid() == 0)
		return fail("this kernel has no Landlock, and without it root does not examine a "
			    "backup: restore it into a folder of the instance's user");
	if (rc == 0)
		(void)fail("note: this kernel has no Landlock; the backup is examined without it");
	rc = c->work(c->ctx);
	return fflush(stdout) == 0 ? rc : fail("the output cannot be written");
}

int
restore_caged(const char *from, const char *to, int (*work)(void *ctx), void *ctx)
{
	struct caged c = { from, to, work, ctx };
	int status;

	if (fflush(stdout) != 0) /* the child must not print it once more */
		return fail("the output cannot be written");
	status = proc_call(enter_and_work, &c);
	if (status < 0)
		return fail("a process that examines the backup cannot be started: %s",
		    strerror(errno));
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	return fail("the process that examined the backup was killed by signal %d: the backup is "
		    "damaged, or memory is short",
	    WTERMSIG(status));
}
