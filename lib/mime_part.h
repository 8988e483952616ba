/*
 * mime_part: the headers of a part of a composed MMS, and what it weighs. Pure.
 *
 * Every part travels in base64, texts and the SMIL too: each MMSC takes it, no line is
 * ever too long for a relay, and no boundary can occur inside (its delimiter begins with
 * two hyphens, which base64 has not).
 */
#ifndef SM_MIME_PART_H
#define SM_MIME_PART_H

#include <stddef.h>
#include <stdint.h>

#include "compose.h"

struct buf;

/* Bytes of a line before encoding, and after it with its CR LF (RFC 2045 6.8: 76
 * characters at most). */
enum { MIME_LINE = 57, MIME_ENCODED = 78 };

/* The length of boundaries that mime_weight() counts with: TRACKINGID's. */
enum { MIME_BOUNDARY = 32 };

/* n bytes in base64, in lines. */
uint64_t mime_encoded(uint64_t n);

/* Appends the Content-Type header of the whole; the first delimiter begins with the empty
 * line after it. */
void mime_head(struct buf *out, const struct composed *c, const char *boundary);

/* Appends the delimiter, the headers of a part in base64 and the empty line. */
void mime_part_head(struct buf *out, const struct compose_part *p, const char *boundary);

/* The same for a part that names a file: message/external-body with the headers of the
 * part it stands for (RFC 2046 5.2.3), and the empty lines. */
void mime_part_refer(struct buf *out, const struct compose_part *p, const char *boundary, const char *path);

/* Appends the closing delimiter. */
void mime_tail(struct buf *out, const char *boundary);

/* Appends "name: value" CR LF, nothing for an empty value. A value that is not short
 * printable ASCII goes as encoded words (RFC 2047: UTF-8, base64, 75 characters each),
 * so no value ends its line. value is UTF-8; name is ours. */
void mime_header(struct buf *out, const char *name, const char *value);

/* What mime_related() writes with MIME_EMBED, in bytes, and the headers a transport puts
 * before it. UINT64_MAX when memory is short. */
uint64_t mime_weight(const struct composed *c);

#endif
