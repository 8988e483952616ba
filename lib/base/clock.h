/*
 * clock: the time, in microseconds, and its text form.
 */
#ifndef SM_CLOCK_H
#define SM_CLOCK_H

#include <stdint.h>

enum { CLOCK_TEXT = 32 }; /* bytes clock_iso() may write */

/* Wall-clock time, microseconds since 1970 UTC. Records carry this one. */
int64_t clock_now(void);

/* A clock that never jumps, microseconds. Deadlines use this one. */
int64_t clock_mono(void);

/* Writes "2026-11-22T10:20:00+00:00" (SPEC 4: ISO 8601 with offset, UTC). */
void clock_iso(int64_t us, char out[CLOCK_TEXT]);

/* Reads an ISO 8601 date ("2026-11-22") or date and time with or without
 * seconds and offset ("2026-11-22T10:20:00+02:00", "...Z"); without an offset
 * it is UTC. Fractions of a second are allowed and ignored. Microseconds, or -1 when the text is
 * none of these. */
int64_t clock_parse(const char *s);

#endif
