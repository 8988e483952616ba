/*
 * meter: counts the answers of all processes of an instance together, and how long things take.
 *
 * The counts are in a file that all processes have mapped and change by atomic additions
 * only. They start again at 0 when the file is removed, or when a version of the program
 * with another layout opens it.
 */
#ifndef SM_METER_H
#define SM_METER_H

#include <stdint.h>

#include "model/error.h"

enum {
#define ACTION(name, fn) METER_##name,
#include "model/actions.def"
#undef ACTION
	METER_NONE, /* no known action */
	METER_ACTIONS
};

enum { METER_MINUTES = 60 }; /* minutes that are kept, the current one included */

/* What is timed. The buckets are those of Prometheus, and longer ones for films. */
enum meter_duration {
	METER_REQUEST,
	METER_FETCH,
	METER_ENCODE,
	METER_DELIVERY,
	METER_POSTBACK,
	METER_DURATIONS
};

enum { METER_BUCKETS = 15 };

struct meter;

/* Opens the file at path. Returns NULL when that fails; nothing is counted then. The caller closes
 * the meter. */
struct meter *meter_open(const char *path);

/* Closes the meter and sets *m to NULL. *m may be NULL. */
void meter_close(struct meter **m);

/* Counts one answer to an action (METER_...). Here and below m may be NULL. */
void meter_call(struct meter *m, unsigned action, enum api_error result);

/* Returns how many answers to the action had that result since counting began. */
uint64_t meter_total(struct meter *m, unsigned action, enum api_error result);

struct meter_minute {
	uint64_t calls;
	uint64_t refused; /* with any error but E503 */
	uint64_t broken;  /* with E503: the server's fault */
};

/* Sets *out to the counts of the minute that was `back` minutes before the current one. They are 0
 * for a minute that is not kept. */
void meter_minute(struct meter *m, unsigned back, struct meter_minute *out);

/* Counts one duration, in microseconds. */
void meter_duration(struct meter *m, enum meter_duration which, int64_t us);

struct meter_histogram {
	uint64_t count[METER_BUCKETS]; /* of each bucket by itself */
	uint64_t sum_us;
};

/* Sets *out to what has been counted; the sum may have a duration that the counts have not. */
void meter_histogram(struct meter *m, enum meter_duration which, struct meter_histogram *out);

/* Returns the longest duration of bucket i in milliseconds; UINT_MAX for the last one, which has no
 * bound. */
unsigned meter_bucket_ms(unsigned i);

/* Returns the name of the action, such as "saveMMS", or "none". */
const char *meter_action_name(unsigned action);

#endif
