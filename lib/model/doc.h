/*
 * doc: writes a document in a dialect (savemms-api(7), Dialects): XML with the names of A or B, or
 * JSON. The same calls write all three, for answers and for postbacks. Check buf_ok() of the
 * buffer.
 */
#ifndef SM_DOC_H
#define SM_DOC_H

#include <stddef.h>
#include <stdint.h>

#include "model/dialect.h"
#include "model/media.h"

struct buf;

/* The elements and members of answers and postbacks, in the order of answers.def. */
enum answer_name {
#define NAME(name, a, b, c) ANSWER_##name,
#include "model/answers.def"
#undef NAME
	ANSWER_NAMES
};

/* Returns how a dialect calls it, or NULL if the dialect does not have it. */
const char *doc_name(enum dialect d, enum answer_name n);

/* Return the name of a medium's element, and of the element that names one which could not be
 * encoded (ANSWER_NAMES: a medium of this kind is not encoded). */
enum answer_name doc_kind(enum kind k);
enum answer_name doc_kind_failed(enum kind k);

struct doc {
	struct buf *out;
	enum dialect dialect;
};

/* Begins the document after what stands before it in XML (head), and ends it. */
void doc_open(const struct doc *d, const char *head, enum answer_name root);
void doc_close(const struct doc *d, enum answer_name root);

/* Adds a text; nothing if it is NULL, or in JSON if it is "". doc_given() adds no empty text in any
 * dialect, and nothing that the dialect has no name for. */
void doc_text(const struct doc *d, enum answer_name n, const char *text);
void doc_given(const struct doc *d, enum answer_name n, const char *text);

/* Add an id, which JSON has as a string because its readers may count with 53 bits only, a number
 * as it stands in digits, a number, or a time in microseconds since 1970. */
void doc_id(const struct doc *d, enum answer_name n, uint64_t id);
void doc_digits(const struct doc *d, enum answer_name n, const char *digits);
void doc_number(const struct doc *d, enum answer_name n, uint64_t v);
void doc_time(const struct doc *d, enum answer_name n, int64_t us);

/* Adds ids: a list between commas, in JSON an array of strings. */
void doc_ids(const struct doc *d, enum answer_name n, const uint64_t *id, size_t count);

/* Begins an element with elements inside; doc_group_end() ends it. */
void doc_group(const struct doc *d, enum answer_name n);
void doc_group_end(const struct doc *d, enum answer_name n);

/* Begins an array, which XML does not have, of items: each is like a group. All of an array stand
 * together. */
void doc_array(const struct doc *d, enum answer_name n);
void doc_array_end(const struct doc *d);
void doc_item(const struct doc *d, enum answer_name n);

#endif
