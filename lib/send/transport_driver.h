/*
 * transport_driver: what each kind of transport implements. Only the transports include it.
 */
#ifndef SM_TRANSPORT_DRIVER_H
#define SM_TRANSPORT_DRIVER_H

#include <stdbool.h>
#include <stddef.h>

#include "send/transport.h"

/* One per kind; transport.c has the table. */
struct transport_driver {
	/* Does what transport_submit() promises: sets rc, and id or why. */
	void (*submit)(struct transport_job *j, struct arena *a);
	/* Does what transport_settle() promises, for the jobs of this kind that are
	 * TRANSPORT_TAKEN. n is never 0. NULL: nothing remains to be done once submit has
	 * returned. */
	void (*settle)(struct transport_job *const *j, size_t n);
	/* Does what transport_wire() promises. NULL: this kind carries no MMS. */
	uint64_t (*wire)(const struct transport_job *j);
	bool repeats; /* see transport_repeats() */
};

extern const struct transport_driver spool_driver;
extern const struct transport_driver mm7_driver;
extern const struct transport_driver sms_http_driver;

#endif
