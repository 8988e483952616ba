/*
 * prefer: waits for what a caller would rather see (RFC 7240, Prefer: wait=N).
 *
 * A caller who waits occupies a thread, so at most a quarter of them may wait at a time; the others
 * are answered at once.
 */
#ifndef SM_PREFER_H
#define SM_PREFER_H

#include "cgi/rest/rest.h"

/* Waits until done(ctx) returns true, or until the caller's time is over, which is at most a
 * minute, or the process ends. Says by a header of the answer that it did. done() is called at
 * least once if the caller wants to wait, and then four times a second. */
void prefer_wait(struct rest *r, bool (*done)(void *ctx), void *ctx);

#endif
