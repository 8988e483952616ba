/*
 * sweep: removes blobs that nothing refers to, and messages that ended long ago.
 */
#ifndef SM_SWEEP_H
#define SM_SWEEP_H

#include "helper/helper.h"

/* Starts a sweep in the background, unless one was done in the last hour: it removes blobs that
 * nothing refers to and that are older than a day, plans whose renditions are gone, and old
 * messages. Each call, at most once a minute, also wakes encodes that are overdue. Call it now
 * and then. */
void sweep_begin(struct helper *h);
bool sweep_busy(void);

/* Waits for the end of the sweep, which is near once the helper is leaving. */
void sweep_end(void);

#endif
