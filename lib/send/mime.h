/*
 * mime: writes a composed MMS, its media included, as a MIME entity; see mime_part.h.
 */
#ifndef SM_MIME_H
#define SM_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "model/settings.h"
#include "send/mime_part.h"

/* The receiver of the bytes. put returns false to stop the writing. */
struct mime_out {
	bool (*put)(void *ctx, const void *p, size_t n);
	void *ctx;
};

/* Writes the header lines of the entity, a blank line and the body: mime_weight() bytes if media
 * are put in. Returns false if put did, if memory is short, or if a blob cannot be read or
 * differs in length from its record; the log names such a blob. */
bool mime_related(const struct settings *s, const struct mime *m, const struct mime_out *out)
    __attribute__((warn_unused_result));

#endif
