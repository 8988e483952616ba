/*
 * answer_doc: writes the document of an API answer in the dialect of the answer, with doc.h. Here,
 * check buf_ok() of the answer's body.
 */
#ifndef SM_ANSWER_DOC_H
#define SM_ANSWER_DOC_H

#include <stddef.h>
#include <stdint.h>

#include "cgi/answer.h"
#include "model/doc.h"

/* Begins the document with a status that says success. The caller adds elements and then calls
 * answer_close(), which ends the document. */
void answer_open(struct answer *a);
void answer_close(struct answer *a);

/* Turns the answer into the failure document of savemms-api(7), Answers, with that HTTP status.
 * It is 503 for an E503 that will pass; the answer then has Retry-After. */
void answer_failure(struct answer *a, int status, const struct failure *f);

/* Writes an E503 document to out, which has size bytes, without allocating. Returns its length.
 * That of a resource is a problem (RFC 9457). */
size_t answer_doc_short(const struct answer *a, char *out, size_t size);

/* Add a text; nothing if it is NULL, or in JSON if it is "". answer_given() adds nothing in B
 * either if the text is "": for what a caller may leave out. */
void answer_text(struct answer *a, enum answer_name n, const char *text);
void answer_given(struct answer *a, enum answer_name n, const char *text);

/* Add an id, which JSON has as a string because its readers may count with 53 bits only, a number,
 * a duration of ms milliseconds as seconds, or a time in microseconds since 1970. */
void answer_id(struct answer *a, enum answer_name n, uint64_t id);
void answer_number(struct answer *a, enum answer_name n, uint64_t v);
void answer_seconds(struct answer *a, enum answer_name n, uint32_t ms);
void answer_time(struct answer *a, enum answer_name n, int64_t us);

/* Adds ids: a list between commas, in JSON an array of strings. */
void answer_ids(struct answer *a, enum answer_name n, const uint64_t *id, size_t count);

/* Begins an element with elements inside; answer_group_end() ends it. */
void answer_group(struct answer *a, enum answer_name n);
void answer_group_end(struct answer *a, enum answer_name n);

/* Begins an array, which XML does not have, of items: each is like a group. All of an array stand
 * together. */
void answer_array(struct answer *a, enum answer_name n);
void answer_array_end(struct answer *a);
void answer_item(struct answer *a, enum answer_name n);

#endif
