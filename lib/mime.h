/*
 * mime: a composed MMS as a MIME entity: multipart/related, the SMIL first (RFC 2387,
 * 2392, 2045, 2231).
 */
#ifndef SM_MIME_H
#define SM_MIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "compose.h"
#include "settings.h"

enum mime_media {
	MIME_EMBED,	/* blobs are read and put in, base64 */
	MIME_REFER	/* blobs are named: message/external-body, access-type=local-file (RFC 2046 5.2.3) */
};

/* Where it goes; put returns false to end it. */
struct mime_out {
	bool (*put)(void *ctx, const void *p, size_t n);
	void *ctx;
};

/* Writes the entity's own Content-Type header line, a blank line and the body, with
 * boundary between parts. False when put said so, or a blob cannot be read (logged). */
bool mime_related(const struct settings *s, const struct composed *c, const char *boundary, enum mime_media how,
    const struct mime_out *out) __attribute__((warn_unused_result));

#endif
