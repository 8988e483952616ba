/*
 * record: the text form in which the store keeps accounts, templates and jobs.
 *
 *	savemms-NAME VERSION
 *	key value
 *	...
 *	end
 *
 * One line a field. In a value a backslash, a line feed and a carriage return
 * are written \\ \n \r; nothing else is special. A record without its last line
 * is not whole. Readers are strict: what they do not know is an error.
 */
#ifndef SM_RECORD_H
#define SM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

/* What a record is headed by. */
struct record_form {
	const char *name; /* what it is of */
	unsigned version; /* that is written, and the newest that is read */
};

void record_start(struct buf *out, const struct record_form *form);
void record_str(struct buf *out, const char *key, const char *value); /* NULL: no line */
void record_u64(struct buf *out, const char *key, uint64_t v);
void record_end(struct buf *out);

struct record {
	struct arena *arena;
	const char *p, *end;
	const char *key, *value; /* of the field last read */
	bool whole;              /* the end line has been seen */
	bool bad;                /* malformed, or memory short */
};

/* Starts to read n bytes at p, which must be a record of this form or of an older version
 * of it, from 1. False otherwise. Fields' text goes to the arena. */
bool record_open(struct record *r, struct arena *a, const char *p, size_t n,
    const struct record_form *form) __attribute__((warn_unused_result));

/* Reads the next field into key and value. False at the end or on a fault;
 * record_whole() tells which. */
bool record_next(struct record *r);

/* True when the end line was read, nothing follows it, and nothing was bad. */
bool record_whole(const struct record *r) __attribute__((warn_unused_result));

/* The field's value as a number in min..max; on a fault 0, and the record is bad. */
uint64_t record_number(struct record *r, uint64_t min, uint64_t max);

/* Copies the value to out; one that does not fit makes the record bad. */
void record_text(struct record *r, char *out, size_t size);

/* Does the field have this key? */
bool record_is(const struct record *r, const char *key);

/* Splits the value at blanks into n words, cutting it up in place. False, and the
 * record is bad, when there are fewer or more. */
bool record_words(struct record *r, char **word, size_t n);

#endif
