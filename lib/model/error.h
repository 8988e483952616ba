/*
 * error: the one vocabulary of failure that callers of the API see (SPEC 7).
 */
#ifndef SM_ERROR_H
#define SM_ERROR_H

#include <stdbool.h>
#include <stddef.h>

enum api_error {
	E_NONE, /* no failure */
#define ERR(code, text) code,
#include "model/errors.def"
#undef ERR
	E_COUNT
};

/* A failure with what its text needs. */
struct failure {
	enum api_error code; /* E_NONE: none */
	unsigned long x;     /* replaces X */
	const char *detail;  /* replaces $error; NULL: "" */
	/* TO as given, which a failed sendSavedMMS repeats (SPEC 6.2); NULL: not told */
	const char *to;
};

/* Makes it this failure, X standing for x; true, to be returned by who has found it. */
bool failure_set(struct failure *f, enum api_error code, unsigned long x);

/* "E225". NULL for E_NONE. */
const char *error_code(enum api_error e);

/* The text of the table as written there. */
const char *error_text(enum api_error e);

/* Writes the failure's text with X and $error put in; cut at size - 1 bytes,
 * never inside a UTF-8 character. Only texts that hold a lone X get a number. */
void error_info(const struct failure *f, char *out, size_t size);

#endif
