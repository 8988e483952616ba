/*
 * clock: the time in microseconds, and its text form.
 */
#ifndef SM_CLOCK_H
#define SM_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

enum { CLOCK_TEXT = 32, CLOCK_BOOT = 40 }; /* bytes clock_iso() and clock_boot() may write */

/* Returns wall-clock time, in microseconds since 1970 UTC. Records hold this time. */
int64_t clock_now(void);

/* Returns the time of a clock that never jumps, in microseconds. Deadlines use it. */
int64_t clock_mono(void);

/* Writes the id of this boot, which no other boot of any machine has, 36 characters and NULs.
 * Returns false when the system does not tell. */
bool clock_boot(char out[CLOCK_BOOT]) __attribute__((warn_unused_result));

/* Writes the time as ISO 8601 with an offset, in UTC: "2026-11-22T10:20:00+00:00"
 * (savemms-api(7), Other actions). */
void clock_iso(int64_t us, char out[CLOCK_TEXT]);

/* Reads an ISO 8601 date ("2026-11-22"), or a date and time with or without
 * seconds and offset ("2026-11-22T10:20:00+02:00", "...Z"). Without an offset
 * the time is UTC. Fractions of a second are allowed and ignored. A blank for the
 * + of an offset is taken as +, because that is what forms make of one. Returns microseconds
 * since 1970 UTC, or -1 when the text has none of these forms. */
int64_t clock_parse(const char *s);

#endif
