/*
 * exposition: writes metrics in the text format of Prometheus, version 0.0.4, or as OpenMetrics
 * 1.0.0. They differ in the names of counters and of information, and OpenMetrics has an end.
 */
#ifndef SM_EXPOSITION_H
#define SM_EXPOSITION_H

#include <stdbool.h>
#include <stdint.h>

#include "ops/meter.h"

struct buf;

struct exposition {
	struct buf *out;
	bool open; /* as OpenMetrics */
};

/* Tells whether an Accept header (RFC 9110, 12.5.1; NULL: none) prefers OpenMetrics to text/plain.
 * Without a preference it is the older format. Pure. */
bool exposition_prefers_open(const char *accept);

/* Returns the Content-Type. */
const char *exposition_type(const struct exposition *x);

/* Begins a family of samples, which the caller appends to out: name is that of the samples, type
 * "counter" (the name then ends with _total), "gauge" or "info" (it ends with _info). */
void exposition_head(const struct exposition *x, const char *name, const char *type,
    const char *help);

/* Writes a family of one sample without labels. */
void exposition_gauge(const struct exposition *x, const char *name, const char *help, uint64_t v);

/* Writes the histogram of a duration of meter.h, as savemms_NAME_duration_seconds. */
void exposition_duration(const struct exposition *x, struct meter *m, enum meter_duration which);

/* Writes what ends all of it. */
void exposition_end(const struct exposition *x);

#endif
