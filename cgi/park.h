/*
 * park: makes all workers stop between two requests, so that the process can become another program
 * without a request being lost. Connections that come meanwhile wait at the listening socket.
 */
#ifndef SM_PARK_H
#define SM_PARK_H

#include <stdbool.h>

/* The variable of a request that only wakes a worker; see park.c. */
#define PARK_NAME "SAVEMMS_WAKE"

/* For a worker that has no request in hand: returns at once, unless park_all() runs or has
 * succeeded. */
void park_here(void);

/* For a worker that ends, or that could not begin: nobody waits for it any more. */
void park_leave(void);

/* Waits until all n workers that were started wait in park_here() or have left. Gives up after a
 * short time, because callers wait meanwhile, and returns false; the workers then go on. */
bool park_all(unsigned n);

#endif
