/*
 * transport_driver: what a kind of transport implements. Only the transports know it.
 */
#ifndef SM_TRANSPORT_DRIVER_H
#define SM_TRANSPORT_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "send/transport.h"

/* One row a kind in transport.c. */
struct transport_driver {
	/* As transport_submit() says: sets rc, and id or why. */
	void (*submit)(struct transport_job *j, struct arena *a);
	/* As transport_settle() says, for the jobs of this kind that are TRANSPORT_TAKEN;
	 * n is never 0. NULL: nothing is owed once submit has returned. */
	void (*settle)(struct transport_job *const *j, size_t n);
	/* As transport_wire() says. NULL: this kind carries no MMS. */
	uint64_t (*wire)(const struct transport_job *j);
	bool repeats; /* see transport_repeats() */
};

extern const struct transport_driver spool_driver;
extern const struct transport_driver mm7_driver;
extern const struct transport_driver sms_http_driver;

#endif
