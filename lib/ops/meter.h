/*
 * meter: what the processes of an instance have answered, counted together.
 *
 * The counts are in a file that all have mapped, changed by atomic additions only. They
 * begin anew when the file is removed or the program is one that counts otherwise.
 */
#ifndef SM_METER_H
#define SM_METER_H

#include <stdint.h>

#include "model/error.h"

enum {
#define ACTION(name, fn) METER_##name,
#include "model/actions.def"
#undef ACTION
	METER_NONE, /* no action that is known */
	METER_ACTIONS
};

enum { METER_MINUTES = 60 }; /* kept one by one, the one that runs included */

struct meter;

/* NULL when it cannot be had, which is logged: nothing is counted then. */
struct meter *meter_open(const char *path);
void meter_close(struct meter **m);

/* One answer to an action (METER_...). m may be NULL here and below. */
void meter_call(struct meter *m, unsigned action, enum api_error result);

/* Answers to the action with that result, since counting began. */
uint64_t meter_total(struct meter *m, unsigned action, enum api_error result);

struct meter_minute {
	uint64_t calls;
	uint64_t refused; /* with any error but E503 */
	uint64_t broken;  /* with E503: our fault */
};
/* The minute that is back minutes before the one that runs. */
void meter_minute(struct meter *m, unsigned back, struct meter_minute *out);

/* "saveMMS", ...; "none". */
const char *meter_action_name(unsigned action);

#endif
