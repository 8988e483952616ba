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
#include "base/where.h"
#include "cgi/app.h"
#include "cgi/start_helper.h"
#include "ops/helpers.h"

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
	else if (helpers_start(s, program, lock) != 0)
		log_error("starting %s: %m", program);
	file_close(&lock);
}
