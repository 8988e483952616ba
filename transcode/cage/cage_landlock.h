/*
 * cage_landlock: the file layer of a cage.
 */
#ifndef SM_CAGE_LANDLOCK_H
#define SM_CAGE_LANDLOCK_H

#include "transcode/cage/cage_parts.h"

int cage_landlock(const struct cage *c);
int cage_landlock_abi(void); /* 0: none */

#endif
