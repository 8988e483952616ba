/*
 * mime: a composed MMS written as a MIME entity, its media read; see mime_part.h.
 */
#ifndef SM_MIME_H
#define SM_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "model/settings.h"
#include "send/mime_part.h"

/* Where it goes; put returns false to end it. */
struct mime_out {
	bool (*put)(void *ctx, const void *p, size_t n);
	void *ctx;
};

/* Writes the entity's own header lines, a blank line and the body: mime_weight() bytes where
 * media are put in. False when put said so, memory is short, or a blob cannot be read or is not
 * as long as its record says (logged). */
bool mime_related(const struct settings *s, const struct mime *m, const struct mime_out *out)
    __attribute__((warn_unused_result));

#endif
