/*
 * mime_read: reads a received MIME entity in place: header fields, their parameters, and the parts
 * of a multipart (RFC 2045, RFC 2046). Pure; it never reads past the end.
 *
 * Lines end in CR LF. A folded field is read as one line, in which one blank stands for each run of
 * blanks and line breaks. Comments and encoded words are not understood.
 */
#ifndef SM_MIME_READ_H
#define SM_MIME_READ_H

#include <stdbool.h>
#include <stddef.h>

enum { MIME_BOUNDARY = 70 }; /* RFC 2046, 5.1.1 */

struct mime_part {
	const char *head; /* its header lines, without the blank one */
	size_t nhead;
	const char *body;
	size_t nbody;
};

struct mime_parts {
	const char *p, *end;          /* what is left */
	char mark[MIME_BOUNDARY + 5]; /* CR LF, two dashes, the boundary */
	size_t len;                   /* of mark */
};

/* Copies the value of the first parameter name (any case), unquoted, from the n bytes of a field's
 * value to out, with a NUL, size bytes at most. What looks like a parameter inside a quoted value
 * is none. An unquoted value is cut to fit. Returns false, with anything in out, when there is no
 * such parameter, when its quoted value does not fit, or when it or one before it has no closing
 * quote. */
bool mime_parameter(const char *value, size_t n, const char *name, char *out, size_t size);

/* Copies the value of the first field called name (any case) to out, without the blanks around
 * it. Returns false when there is no such field or the value does not fit. */
bool mime_field(const struct mime_part *part, const char *name, char *out, size_t size);

/* Is this the media type in front of a Content-Type's parameters? Case does not matter. */
bool mime_is(const char *content_type, const char *type);

/* Splits an entity, which begins with its own header lines, at the blank line; *out points into
 * it. Returns false when there is no blank line. */
bool mime_split(const char *p, size_t n, struct mime_part *out) __attribute__((warn_unused_result));

/* Begins to read the parts of a multipart body of n bytes at p, which must stay there while r is
 * in use; content_type holds the boundary. Returns false when content_type has no boundary or
 * the boundary does not occur in the body. */
bool mime_open(struct mime_parts *r, const char *content_type, const char *p, size_t n)
    __attribute__((warn_unused_result));

/* Reads the next part. Returns 1 for a part, 0 after the last one, whose boundary closes the
 * body, and -1 for a body that is cut off or malformed. */
int mime_next(struct mime_parts *r, struct mime_part *out) __attribute__((warn_unused_result));

#endif
