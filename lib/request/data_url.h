/*
 * data_url: reads a URL that is its own content (RFC 2397): "data:image/png;base64,iVBO...". Pure.
 */
#ifndef SM_DATA_URL_H
#define SM_DATA_URL_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct data_url {
	const char *type; /* with its parameters; "text/plain;charset=US-ASCII" if it names none */
	unsigned char *bytes;
	size_t n;
};

/* Tells whether the URL's scheme is data. */
bool data_url_is(const char *url);

/* Reads one; type and bytes are the arena's. Returns false if it is not whole or not of that form,
 * or when memory is short (arena_failed()). */
bool data_url_read(struct arena *a, const char *url, struct data_url *out)
    __attribute__((warn_unused_result));

#endif
