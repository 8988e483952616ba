/*
 * mime_read: a MIME entity that came in, read in place: header fields, their parameters,
 * the parts of a multipart (RFC 2045, RFC 2046). Pure; never looks behind the end.
 *
 * Lines end in CR LF. Fields that are folded are read to the end of their first line
 * with what follows joined by a blank. Comments and encoded words are not understood.
 */
#ifndef SM_MIME_READ_H
#define SM_MIME_READ_H

#include <stdbool.h>
#include <stddef.h>

enum { MIME_BOUNDARY = 70 }; /* RFC 2046, 5.1.1 */

struct mime_part {
	const char *head; /* its header lines, the blank one not among them */
	size_t nhead;
	const char *body;
	size_t nbody;
};

struct mime_parts {
	const char *p, *end;          /* what is left */
	char mark[MIME_BOUNDARY + 5]; /* CR LF, two dashes, the boundary */
	size_t len;                   /* of mark */
};

/* The value of parameter name in a field's value, unquoted, into out, cut to size. False
 * when there is none. */
bool mime_parameter(const char *value, size_t n, const char *name, char *out, size_t size);

/* The value of the first field called name, without blanks around it, into out. False
 * when there is none or it does not fit. */
bool mime_field(const struct mime_part *part, const char *name, char *out, size_t size);

/* Is the media type in front of a Content-Type's parameters this one? Any case. */
bool mime_is(const char *content_type, const char *type);

/* An entity with its own header lines in front: split at the blank line. False: none. */
bool mime_split(const char *p, size_t n, struct mime_part *out) __attribute__((warn_unused_result));

/* Begins reading the parts of a multipart body; content_type holds the boundary. False
 * when it has none or the body does not begin with it. */
bool mime_open(struct mime_parts *r, const char *content_type, const char *p, size_t n)
    __attribute__((warn_unused_result));

/* The next part: 1; 0 behind the last one, whose boundary closes the body; -1 for a
 * body that is cut off or otherwise not in the form. */
int mime_next(struct mime_parts *r, struct mime_part *out) __attribute__((warn_unused_result));

#endif
