/* record: see record.h. A reader never looks past the bytes it was given. */
#include "base/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

void
record_start(struct buf *out, const struct record_form *form)
{
	buf_printf(out, "savemms-%s %u\n", form->name, form->version);
}

void
record_str(struct buf *out, const char *key, const char *value)
{
	if (value == NULL)
		return;
	buf_adds(out, key);
	buf_addc(out, ' ');
	for (;;) {
		size_t n = strcspn(value, "\\\n\r");

		buf_add(out, value, n);
		value += n;
		if (*value == '\0')
			break;
		buf_adds(out, *value == '\\' ? "\\\\" : *value == '\n' ? "\\n" : "\\r");
		value++;
	}
	buf_addc(out, '\n');
}

void
record_u64(struct buf *out, const char *key, uint64_t v)
{
	buf_printf(out, "%s %" PRIu64 "\n", key, v);
}

void
record_end(struct buf *out)
{
	buf_adds(out, "end\n");
}

/* Decodes the escapes of n bytes at p. Returns NULL for an unknown escape or a NUL byte, or when
 * memory is short. */
static char *
unescape(struct arena *a, const char *p, size_t n)
{
	char *out = arena_zalloc(a, n + 1), *w = out;

	for (size_t i = 0; out != NULL && i < n; i++) {
		char c = p[i];

		if (c == '\0')
			return NULL;
		if (c == '\\') {
			if (++i == n || strchr("\\nr", p[i]) == NULL || p[i] == '\0')
				return NULL;
			c = p[i] == 'n' ? '\n' : p[i] == 'r' ? '\r' : '\\';
		}
		*w++ = c;
	}
	return out;
}

/* Reads the key and value of a line. Returns false at the end of the bytes and on a fault. */
static bool
line(struct record *r)
{
	const char *nl, *blank;

	if (r->p == r->end)
		return false;
	nl = memchr(r->p, '\n', (size_t)(r->end - r->p));
	if (nl == NULL) {
		r->bad = true;
		return false;
	}
	blank = memchr(r->p, ' ', (size_t)(nl - r->p));
	if (blank == NULL)
		blank = nl;
	r->key = unescape(r->arena, r->p, (size_t)(blank - r->p));
	r->value = blank == nl ? "" : unescape(r->arena, blank + 1, (size_t)(nl - blank - 1));
	r->p = nl + 1;
	if (r->key == NULL || r->value == NULL)
		r->bad = true;
	return !r->bad;
}

bool
record_open(struct record *r, struct arena *a, const char *p, size_t n,
    const struct record_form *form)
{
	uint64_t v;

	memset(r, 0, sizeof *r);
	r->arena = a;
	r->p = p;
	r->end = p + n;
	return line(r) && strncmp(r->key, "savemms-", 8) == 0 &&
	    strcmp(r->key + 8, form->name) == 0 && num_u64(r->value, 1, form->version, &v);
}

bool
record_next(struct record *r)
{
	if (r->bad || r->whole || !line(r))
		return false;
	if (strcmp(r->key, "end") != 0)
		return true;
	r->whole = true;
	r->bad = r->p != r->end || r->value[0] != '\0';
	return false;
}

bool
record_whole(const struct record *r)
{
	return r->whole && !r->bad;
}

uint64_t
record_number(struct record *r, uint64_t min, uint64_t max)
{
	uint64_t v = 0;

	if (!num_u64(r->value, min, max, &v))
		r->bad = true;
	return v;
}

void
record_text(struct record *r, char *out, size_t size)
{
	size_t n = strlen(r->value);

	if (n >= size) {
		r->bad = true;
		n = 0;
	}
	memcpy(out, r->value, n);
	out[n] = '\0';
}

bool
record_is(const struct record *r, const char *key)
{
	return strcmp(r->key, key) == 0;
}

bool
record_words(struct record *r, char **word, size_t n)
{
	char *s = arena_strdup(r->arena, r->value);

	for (size_t i = 0; s != NULL && i < n; i++) {
		char *blank = strchr(s, ' ');

		word[i] = s;
		if ((blank == NULL) != (i == n - 1))
			break;
		if (i == n - 1)
			return true;
		*blank = '\0';
		s = blank + 1;
	}
	r->bad = true;
	return false;
}
