/*
 * mime_part: the parts of a composed MMS: their headers, how each is encoded, and what all of
 * it weighs. Pure.
 *
 * Media travel in base64, which every MMSC takes, or in binary where a transport says so. Texts
 * and the SMIL travel as they are, their line breaks as CR LF (RFC 2046, 4.1.1).
 *
 * The boundary occurs in no part. All boundaries begin with MIME_MARK: base64 has no underscore,
 * and a text with the mark in it goes in base64. Media in binary are any bytes; what follows the
 * mark is drawn at random after they were stored, from 62^32 names, so that nobody can put it
 * there, and it is there by chance in one message of 1 MB among 2^170.
 */
#ifndef SM_MIME_PART_H
#define SM_MIME_PART_H

#include <stddef.h>
#include <stdint.h>

#include "model/routing.h"
#include "send/compose.h"

struct buf;

/* Bytes of a line before encoding, and after it with its CR LF (RFC 2045 6.8: 76
 * characters at most). */
enum { MIME_LINE = 57, MIME_ENCODED = 78 };

#define MIME_MARK "=_savemms_"

/* MIME_RANDOM: characters that follow the mark. MIME_MARKED: room for a boundary and its NUL. */
enum { MIME_RANDOM = 32, MIME_MARKED = sizeof MIME_MARK + MIME_RANDOM };

/* Content-Transfer-Encoding (RFC 2045, 6), in the order of what a relay must be able to carry. */
enum mime_encoding { MIME_BASE64, MIME_7BIT, MIME_8BIT, MIME_BINARY };

enum mime_media {
	MIME_EMBED, /* blobs are read and put in */
	MIME_REFER  /* blobs are named: message/external-body, access-type=local-file (RFC
	               2046 5.2.3) */
};

/* A composed MMS as a MIME entity: multipart/related, the SMIL first (RFC 2387, 2392, 2231). */
struct mime {
	const struct composed *c;
	const char *boundary; /* of mime_boundary() */
	enum mime_media media;
	enum transport_parts parts; /* how media are encoded that are put in */
};

/* Makes a boundary: the mark and unique, cut to MIME_RANDOM characters. unique is what nobody
 * knew when the message was asked for: a TRACKINGID, or drawn now. */
void mime_boundary(char out[MIME_MARKED], const char *unique);

/* n bytes in base64, in lines. */
uint64_t mime_encoded(uint64_t n);
/* How many bytes come to at most n in base64, in whole lines. */
uint64_t mime_decoded(uint64_t n);

/* Is it a text or the SMIL: of lines, in UTF-8? */
bool mime_is_text(const struct compose_part *p);

/* How a part that is put in is encoded. A text whose lines RFC 2045 (2.7, 2.8) does not let
 * go as they are, being above 998 bytes, goes as media do. */
enum mime_encoding mime_encoding(const struct compose_part *p, enum transport_parts parts);

/* How n bytes of text of such lines can go: MIME_7BIT or MIME_8BIT; MIME_BINARY: neither. */
enum mime_encoding mime_text_encoding(const char *text, size_t n);

/* Appends the headers of the whole; the first delimiter begins with the empty line after them. */
void mime_head(struct buf *out, const struct mime *m);

/* Appends the delimiter, the headers of a part that is put in, and the empty line. */
void mime_part_head(struct buf *out, const struct mime *m, const struct compose_part *p);

/* The same for a part that names a file: message/external-body with the headers of the
 * part it stands for (RFC 2046 5.2.3), and the empty lines. */
void mime_part_refer(struct buf *out, const struct mime *m, const struct compose_part *p,
    const char *path);

/* Appends a text as it travels, not yet encoded: each line break CR LF. */
void mime_part_text(struct buf *out, const struct compose_part *p);

/* Appends the closing delimiter. */
void mime_tail(struct buf *out, const struct mime *m);

/* Appends "name: value" CR LF, nothing for an empty value. A value that is not short
 * printable ASCII goes as encoded words (RFC 2047: UTF-8, base64, 75 characters each),
 * so no value ends its line. value is UTF-8; name is ours. */
void mime_header(struct buf *out, const char *name, const char *value);

/* The bytes that mime_related() writes, with blobs put in whatever m->media says. UINT64_MAX when
 * memory is short. */
uint64_t mime_weight(const struct mime *m);

#endif
