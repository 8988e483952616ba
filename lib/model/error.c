/* error: see error.h */
#include "model/error.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *code, *text;
} table[E_COUNT] = {
#define ERR(code, text) [code] = { #code, text },
#include "model/errors.def"
#undef ERR
};

/* What B and C say instead, as far as they have texts of their own. */
static const struct {
	const char *b, *c;
} others[E_COUNT] = {
#define TEXT(code, b, c) [code] = { b, c },
#include "model/errors_bc.def"
#undef TEXT
};

bool
failure_set(struct failure *f, enum api_error code, unsigned long x)
{
	f->code = code;
	f->x = x;
	return true;
}

const char *
error_code(enum api_error e)
{
	return table[e].code;
}

enum api_error
error_by_code(const char *code)
{
	for (int e = E_NONE + 1; e < E_COUNT; e++)
		if (strcmp(table[e].code, code) == 0)
			return (enum api_error)e;
	return E_NONE;
}

const char *
error_text(enum dialect d, enum api_error e)
{
	const char *own = d == DIALECT_B ? others[e].b : d == DIALECT_C ? others[e].c : NULL;

	return own != NULL ? own : table[e].text;
}

/* Returns where the variable part of the text starts, and sets *len to the length of its name.
 * Returns NULL if there is none. */
static const char *
variable(const char *text, size_t *len)
{
	const char *at = strstr(text, "$error");

	if (at != NULL) {
		*len = strlen("$error");
		return at;
	}
	for (at = text; (at = strchr(at, 'X')) != NULL; at++)
		if ((at == text || at[-1] == ' ') && (at[1] == ' ' || at[1] == '.')) {
			*len = 1;
			return at;
		}
	return NULL;
}

/* Writes the text with its variable part replaced, and behind a text without one the detail, if
 * there is any, in parentheses. Returns the length that it needs. */
static int
write_text(const char *text, const struct failure *f, char *out, size_t size)
{
	char number[24];
	size_t len = 0;
	const char *at = variable(text, &len), *detail = f->detail != NULL ? f->detail : "";

	if (at == NULL)
		return snprintf(out, size, detail[0] != '\0' ? "%s (%s)" : "%s", text, detail);
	(void)snprintf(number, sizeof number, "%lu", f->x);
	return snprintf(out, size, "%.*s%s%s", (int)(at - text), text, len == 1 ? number : detail,
	    at + len);
}

void
error_info(enum dialect d, const struct failure *f, char *out, size_t size)
{
	int n = write_text(error_text(d, f->code), f, out, size);

	if (n >= 0 && (size_t)n < size)
		return;
	for (n = (int)size - 1; n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80; n--)
		; /* go back over the rest of a cut character */
	out[n > 0 && ((unsigned char)out[n - 1] & 0x80) ? n - 1 : n] = '\0';
}
