/*
 * record: the text form in which the store keeps accounts, templates and jobs.
 *
 *	savemms-NAME VERSION
 *	key value
 *	...
 *	end
 *
 * Each field has one line. In a value a backslash, a line feed and a carriage
 * return are written \\ \n \r; nothing else is special. A record without its
 * last line is not whole. Readers are strict: an unknown field is an error.
 */
#ifndef SM_RECORD_H
#define SM_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"

/* What the first line of a record says. */
struct record_form {
	const char *name; /* the kind of record */
	unsigned version; /* the version that is written, and the newest that is read */
};

/* These append the first line, a field, and the last line of a record. Check buf_ok(). */
void record_start(struct buf *out, const struct record_form *form);
void record_str(struct buf *out, const char *key, const char *value); /* NULL: no line */
void record_u64(struct buf *out, const char *key, uint64_t v);
void record_end(struct buf *out);

struct record {
	struct arena *arena;
	const char *p, *end;
	const char *key, *value; /* of the field last read */
	bool whole;              /* the end line has been seen */
	bool bad;                /* malformed, or memory was short */
};

/* Starts to read the n bytes at p. Returns false unless they begin as a record of this form,
 * of its version or an older one (1 or more). The text of the fields goes to the arena. */
bool record_open(struct record *r, struct arena *a, const char *p, size_t n,
    const struct record_form *form) __attribute__((warn_unused_result));

/* Reads the next field into key and value. Returns false at the end and on a fault;
 * record_whole() tells which it was. */
bool record_next(struct record *r);

/* Returns true when the end line was read, nothing follows it, and nothing was bad. */
bool record_whole(const struct record *r) __attribute__((warn_unused_result));

/* Returns the field's value as a number from min to max. If it is not one, returns 0 and marks
 * the record as bad. */
uint64_t record_number(struct record *r, uint64_t min, uint64_t max);

/* Copies the field's value to out, which has size bytes. If it does not fit, out becomes ""
 * and the record is marked as bad. */
void record_text(struct record *r, char *out, size_t size);

/* Returns true if the field has this key. */
bool record_is(const struct record *r, const char *key);

/* Splits a copy of the field's value at blanks into n words, which belong to the arena. If
 * there are fewer or more words, or memory is short, returns false and marks the record as
 * bad. */
bool record_words(struct record *r, char **word, size_t n);

#endif
