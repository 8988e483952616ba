/* fill: see fill.h */
#include "admin/serve/fill.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"

static const char capitals[] = ASCII_UPPER ASCII_DIGITS "_";
static const char in_path[] = ASCII_ALNUM "/._-+:,=~";

static const char *
value_of(const char *name, size_t len, const struct fill *f, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(f[i].name) == len && memcmp(f[i].name, name, len) == 0)
			return f[i].value;
	return NULL;
}

bool
fill_text(struct buf *out, const char *text, const struct fill *f, size_t n, char err[FILL_ERR])
{
	const char *at;

	for (; (at = strchr(text, '@')) != NULL; text = at) {
		size_t len = strspn(at + 1, capitals);
		const char *value;

		buf_add(out, text, (size_t)(at - text));
		if (len == 0 || at[len + 1] != '@') {
			buf_addc(out, *at++);
			continue;
		}
		if ((value = value_of(at + 1, len, f, n)) == NULL) {
			(void)snprintf(err, FILL_ERR, "there is no value for @%.*s@",
			    (int)(len < 40 ? len : 40), at + 1);
			return false;
		}
		buf_adds(out, value);
		at += len + 2;
	}
	buf_adds(out, text);
	return true;
}

bool
fill_path_ok(const char *path)
{
	const unsigned char *s = (const unsigned char *)path;

	for (; *s != '\0'; s++)
		if (*s < 0x80 && strchr(in_path, *s) == NULL)
			return false;
	return path[0] == '/';
}
