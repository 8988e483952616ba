/* unit: what every unit test includes. */
#ifndef SM_UNIT_H
#define SM_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Valgrind takes 30 times as long, and keeps the limit of descriptors to itself. */
static inline bool
under_valgrind(void)
{
	return getenv("SAVEMMS_VALGRIND") != NULL;
}

/* Does what fork() does. The child is killed when its parent ends, so that a test that fails leaves
 * none behind, stopped or not. */
static inline pid_t
unit_fork(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0 && (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent))
		_exit(127);
	return pid;
}

/* Returns the milliseconds that a test waits at most for what takes up to ms on an idle machine. */
static inline unsigned
patient(unsigned ms)
{
	return under_valgrind() ? ms * 10 : ms;
}

#endif
