/*
 * cage_seccomp: the system call layer of a cage.
 */
#ifndef SM_CAGE_SECCOMP_H
#define SM_CAGE_SECCOMP_H

#include "transcode/cage/cage.h"

/* Returns 1 when the layer is active, 0 when the kernel does not have it, and -1 with errno on
 * failure. */
int cage_seccomp(enum cage_calls calls);
bool cage_seccomp_there(void);

#endif
