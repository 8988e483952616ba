/*
 * stopping: whether this process is to end, so that nobody should begin or wait for what may take
 * long.
 */
#ifndef SM_STOPPING_H
#define SM_STOPPING_H

#include <stdbool.h>

/* From then on stopping() is true in every thread. */
void stopping_begin(void);
bool stopping(void);

#endif
