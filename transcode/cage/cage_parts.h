/*
 * cage_parts: the two kernel mechanisms that cage.c uses. cage_landlock() and cage_seccomp()
 * return 1 when the mechanism is active, 0 when the kernel does not have it, and -1 with errno on
 * failure.
 */
#ifndef SM_CAGE_PARTS_H
#define SM_CAGE_PARTS_H

#include "transcode/cage/cage.h"

int cage_landlock(const struct cage *c);
int cage_landlock_abi(void); /* 0: none */

int cage_seccomp(enum cage_calls calls);
bool cage_seccomp_there(void);

#endif
