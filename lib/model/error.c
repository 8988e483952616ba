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

const char *
error_text(enum api_error e)
{
	return table[e].text;
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

void
error_info(const struct failure *f, char *out, size_t size)
{
	const char *text = table[f->code].text, *at;
	char number[24];
	size_t len = 0;
	int n;

	if ((at = variable(text, &len)) == NULL) {
		n = snprintf(out, size, "%s", text);
	} else {
		(void)snprintf(number, sizeof number, "%lu", f->x);
		n = snprintf(out, size, "%.*s%s%s", (int)(at - text), text,
		    len == 1              ? number :
			f->detail != NULL ? f->detail :
					    "",
		    at + len);
	}
	if (n >= 0 && (size_t)n < size)
		return;
	for (n = (int)size - 1; n > 0 && ((unsigned char)out[n - 1] & 0xc0) == 0x80; n--)
		; /* go back over the rest of a cut character */
	out[n > 0 && ((unsigned char)out[n - 1] & 0x80) ? n - 1 : n] = '\0';
}
