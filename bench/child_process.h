/*
 * child_process: what the measuring programs ask of a process they started.
 */
#ifndef SM_CHILD_PROCESS_H
#define SM_CHILD_PROCESS_H

#include <stdio.h>

/* Returns the first child of a process; -1 when it has none. */
static inline long
child_of(long pid)
{
	char path[64];
	long child = -1;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/task/%ld/children", pid, pid);
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	if (fscanf(f, "%ld", &child) != 1)
		child = -1;
	(void)fclose(f);
	return child;
}

#endif
