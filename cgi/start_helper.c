/*
 * start_helper: makes sure that a helper runs and knows that there is work.
 *
 * The process that gets the lock file run/helper.lock starts the helper and passes it the
 * locked descriptor, so the helper holds the lock from its start to its end. A process that
 * does not get the lock writes to the pipe run/helper.wake, which the running helper reads. A
 * helper that finds no work releases the lock and looks once more, so no job is missed between
 * the two.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "base/where.h"
#include "cgi/app.h"
#include "cgi/start_helper.h"
#include "ops/helpers.h"

static int
start(const struct settings *s, const char *program, int lock)
{
	char conf[INSTANCE_PATH + 16], log[INSTANCE_PATH];
	const char *const argv[] = { program, "--lock-fd", "3", NULL };
	const char *const envp[] = { conf, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
		NULL };
	int fds[] = { -1, -1, -1, lock };
	const struct proc p = { .argv = argv,
		.envp = envp,
		.fds = fds,
		.nfds = 4,
		.session = true,
		.detach = true };
	pid_t pid;

	(void)snprintf(conf, sizeof conf, "SAVEMMS_CONF=%s", s->file);
	settings_path(s, "log/helper.err", log, sizeof log);
	fds[2] = open(log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	pid = proc_start(&p);
	file_close(&fds[2]);
	return pid < 0 ? -1 : 0;
}

void
start_helper(const struct settings *s)
{
	char path[INSTANCE_PATH], program[INSTANCE_PATH];
	int lock;

	if (s->helper_program[0] != '\0')
		(void)snprintf(program, sizeof program, "%s", s->helper_program);
	else
		where_program("savemms-helper", program, sizeof program);
	if (strcmp(program, "none") == 0) {
		helpers_wake(s);
		return;
	}
	settings_path(s, "run/helper.lock", path, sizeof path);
	if ((lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0) {
		log_error("%s: %m", path);
		return;
	}
	if (flock(lock, LOCK_EX | LOCK_NB) != 0)
		helpers_wake(s);
	else if (start(s, program, lock) != 0)
		log_error("starting %s: %m", program);
	file_close(&lock);
}
