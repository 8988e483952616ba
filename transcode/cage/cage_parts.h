/*
 * cage_parts: the two kernel mechanisms behind cage.c. Each returns 1 when it
 * is active, 0 when the kernel does not have it, -1 with errno on failure.
 */
#ifndef SM_CAGE_PARTS_H
#define SM_CAGE_PARTS_H

#include "transcode/cage/cage.h"

int cage_landlock(const struct cage *c);
int cage_landlock_abi(void); /* 0: none */

int cage_seccomp(enum cage_calls calls);
bool cage_seccomp_there(void);

#endif
