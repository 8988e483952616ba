/*
 * cage_parts: the two kernel mechanisms that cage.c uses. cage_landlock() and cage_seccomp()
 * return 1 when the mechanism is active, 0 when the kernel does not have it, and -1 with errno on
 * failure.
 */
#ifndef SM_CAGE_PARTS_H
#define SM_CAGE_PARTS_H

#include "transcode/cage/cage.h"

#endif
