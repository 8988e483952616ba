/*
 * lease_renewer: renews the leases of jobs under way and records their progress.
 */
#ifndef SM_LEASE_RENEWER_H
#define SM_LEASE_RENEWER_H

#include "helper/helper.h"

/* Start and end the thread that renews leases. lease_renewer_start() returns false if the thread
 * could not be started. */
bool lease_renewer_start(struct helper *h) __attribute__((warn_unused_result));
void lease_renewer_stop(void);

/* Returns true after leases that were due could not be renewed, until they are. Then this helper
 * claims nothing: leases in hand may be over, and it would take up its own work once more. */
bool lease_renewer_fails(void);

/* Returns true if the lease is to be renewed at now (clock_mono()): that of an encode with each
 * look, another when a quarter of lease-seconds would have passed by the next look. */
bool lease_renewer_due(const struct lease *l, int64_t now);

/* Renews the lease from now on, however many there are. *l stays the caller's and must live until
 * lease_renewer_remove(). */
void lease_renewer_add(struct lease *l);
void lease_renewer_remove(struct lease *l);

#endif
