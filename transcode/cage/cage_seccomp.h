/*
 * cage_seccomp: the system call layer of a cage.
 */
#ifndef SM_CAGE_SECCOMP_H
#define SM_CAGE_SECCOMP_H

#include "transcode/cage/cage_parts.h"

int cage_seccomp(enum cage_calls calls);
bool cage_seccomp_there(void);

#endif
