/*
 * mime_part: the parts of a composed MMS: their headers, their encoding, and the size of the
 * whole. Pure.
 *
 * Media travel in base64, which every MMSC takes, or in binary if the transport allows it. Texts
 * and the SMIL travel as they are, with CR LF as line breaks (RFC 2046, 4.1.1).
 *
 * The boundary occurs in no part. Every boundary begins with MIME_MARK. Base64 has no underscore,
 * and a text that holds the mark goes in base64. Media in binary may hold any bytes, but what
 * follows the mark is drawn at random after they were stored, from 62^32 names. So nobody can
 * place it there, and by chance it occurs in one message of 1 MB among 2^170.
 */
#ifndef SM_MIME_PART_H
#define SM_MIME_PART_H

#include <stddef.h>
#include <stdint.h>

#include "model/routing.h"
#include "send/compose.h"

struct buf;

/* MIME_LINE: bytes of a line before encoding. MIME_ENCODED: bytes of it afterwards, with CR LF
 * (RFC 2045, 6.8: 76 characters at most). */
enum { MIME_LINE = 57, MIME_ENCODED = 78 };

#define MIME_MARK "=_savemms_"

/* MIME_RANDOM: characters that follow the mark. MIME_MARKED: size of a boundary with its NUL. */
enum { MIME_RANDOM = 32, MIME_MARKED = sizeof MIME_MARK + MIME_RANDOM };

/* Content-Transfer-Encoding (RFC 2045, 6), ordered by what a relay must be able to carry. */
enum mime_encoding { MIME_BASE64, MIME_7BIT, MIME_8BIT, MIME_BINARY };

enum mime_media {
	MIME_EMBED, /* the entity holds the blobs */
	MIME_REFER  /* the entity names the blobs: message/external-body, local-file (RFC
	               2046, 5.2.3) */
};

/* A composed MMS as a MIME entity: multipart/related with the SMIL first (RFC 2387, 2392,
 * 2231). */
struct mime {
	const struct composed *c;
	const char *boundary; /* from mime_boundary() */
	enum mime_media media;
	enum transport_parts parts; /* the encoding of the media that are put in */
};

/* Makes a boundary from the mark and unique, which is cut to MIME_RANDOM characters. Nobody may
 * have known unique when the message was requested: it is a TRACKINGID, or drawn now. */
void mime_boundary(char out[MIME_MARKED], const char *unique);

/* Returns the length of n bytes in base64, line breaks included. */
uint64_t mime_encoded(uint64_t n);
/* Returns how many bytes give at most n bytes of base64 in whole lines. */
uint64_t mime_decoded(uint64_t n);

/* Tells whether the part is a text or the SMIL: UTF-8 in lines. */
bool mime_is_text(const struct compose_part *p);

/* Returns the encoding of a part that is put in. A text that RFC 2045 (2.7, 2.8) does not let
 * travel as it is, such as one with a line above 998 bytes, is encoded as media are. */
enum mime_encoding mime_encoding(const struct compose_part *p, enum transport_parts parts);

/* Returns how n bytes of text can travel as they are: MIME_7BIT or MIME_8BIT. MIME_BINARY means
 * that they cannot. */
enum mime_encoding mime_text_encoding(const char *text, size_t n);

/* Appends the headers of the whole entity. The first delimiter begins with the empty line after
 * them. */
void mime_head(struct buf *out, const struct mime *m);

/* Appends the delimiter, the headers of a part that is put in, and the empty line. */
void mime_part_head(struct buf *out, const struct mime *m, const struct compose_part *p);

/* Does the same for a part that names the file path: message/external-body with the headers of
 * the part it stands for (RFC 2046, 5.2.3), and the empty lines. */
void mime_part_refer(struct buf *out, const struct mime *m, const struct compose_part *p,
    const char *path);

/* Appends a text as it travels, before encoding, with CR LF as line breaks. */
void mime_part_text(struct buf *out, const struct compose_part *p);

/* Appends the closing delimiter. */
void mime_tail(struct buf *out, const struct mime *m);

/* Appends "name: value" CR LF, or nothing for an empty value. A value that is not short printable
 * ASCII becomes encoded words (RFC 2047: UTF-8, base64, 75 characters each), so no value can end
 * its line. value is UTF-8; the caller vouches for name. */
void mime_header(struct buf *out, const char *name, const char *value);

/* Returns the number of bytes that mime_related() writes with all blobs put in, whatever m->media
 * says, or UINT64_MAX if memory is short. */
uint64_t mime_weight(const struct mime *m);

#endif
