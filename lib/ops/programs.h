/*
 * programs: finds the programs that have the store of an instance open, by /proc.
 */
#ifndef SM_PROGRAMS_H
#define SM_PROGRAMS_H

#include <sys/types.h>

#include "model/settings.h"

/* Calls each() for every process that has the instance's store open but does not know its present
 * layout (STORE_MARK), with the path of its program, which may end in " (deleted)". Returns how
 * many there are, or -1 with errno set if /proc cannot be read. Processes of other users, who
 * cannot open the store, and those of other containers are not seen. */
int programs_of_old_layouts(const struct settings *s,
    void (*each)(void *ctx, pid_t pid, const char *program), void *ctx);

#endif
