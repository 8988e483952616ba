/*
 * error: the error codes that callers of the API see (savemms-api(7), Error codes).
 */
#ifndef SM_ERROR_H
#define SM_ERROR_H

#include <stdbool.h>
#include <stddef.h>

#include "model/dialect.h"

enum api_error {
	E_NONE, /* no failure */
#define ERR(code, text) code,
#include "model/errors.def"
#undef ERR
	E_COUNT
};

/* A failure, and the values that its text needs. */
struct failure {
	enum api_error code; /* E_NONE: none */
	unsigned long x;     /* replaces X */
	/* replaces $error; behind a text without it, it stands in parentheses; NULL: "" */
	const char *detail;
	/* TO as given, which the answer to a failed send repeats (savemms-api(7), Checks
	 * of a send); NULL: not given */
	const char *to;
	/* a sentence that the console adds to the text; NULL: none */
	const char *note;
};

/* Sets code and x, the value of X in its text. Returns true, so that the function that found
 * the failure can return this result. */
bool failure_set(struct failure *f, enum api_error code, unsigned long x);

/* Returns the code as text, such as "E225". Returns NULL for E_NONE. */
const char *error_code(enum api_error e);

/* Returns the error of this code, such as "E225"; E_NONE if there is none. */
enum api_error error_by_code(const char *code);

/* Returns the text of the dialect as it stands in errors_bc.def or errors.def. Returns NULL for
 * E_NONE. */
const char *error_text(enum dialect d, enum api_error e);

/* Writes the failure's text in the dialect, with X and $error replaced. It cuts the text at size -
 * 1 bytes, but never inside a UTF-8 character. It replaces an X only where it stands as a word. */
void error_info(enum dialect d, const struct failure *f, char *out, size_t size);

#endif
