/*
 * idempotency: the header Idempotency-Key, by which a caller may repeat a request
 * (savemms-api(7), Repeating a request; draft-ietf-httpapi-idempotency-key-header-07). Pure.
 */
#ifndef SM_IDEMPOTENCY_H
#define SM_IDEMPOTENCY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/crypt.h"
#include "model/dialect.h"
#include "model/error.h"

enum { IDEMPOTENCY_KEY = 256 }; /* of 1 to 255 characters, and the NUL */

/* Reads the value of the header: a string of RFC 8941 of 1 to 255 visible ASCII characters, whose
 * parameters do not count, or such characters without quotation marks, if there is no comma among
 * them. Blanks around it do not count. Returns false, with
 * anything in out, for any other value: two such headers that were joined, for example. */
bool idempotency_key(const char *header, char out[IDEMPOTENCY_KEY]);

/* Writes the fingerprint of a request as hex: a SHA-256 of its dialect, of the charset that its
 * Content-Type names, and of the n bytes of its body, which mean another thing in another of these.
 * That of multipart/form-data is taken of the name, type and bytes of each part in turn, because a
 * program that repeats a form chooses another boundary. */
void idempotency_print(enum dialect d, const char *content_type, const char *body, size_t n,
    char out[SHA256_HEX]);

/* Tells whether the outcome of a request is kept for its repetitions: success (E_NONE), and what
 * the checks 4 to 17 of a save refuse, which look at nothing but the request and the account's
 * image templates. Whatever else failed may succeed next time. */
bool idempotency_keeps(enum api_error e);

#endif
