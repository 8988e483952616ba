/* mergetag: see mergetag.h */
#include "model/mergetag.h"

#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "model/message.h"
#include "model/text.h"

#define LETTERS ASCII_UPPER ASCII_LOWER "_"

size_t
mergetag_name(const char *text)
{
	return strspn(text, LETTERS) > 0 ? strspn(text, LETTERS ASCII_DIGITS) : 0;
}

/* Reads a tag that begins at r->p. Returns false if none begins there. When a default has no
 * closing brace, the reader looks for no more tags: no brace can follow later either. */
static bool
read_tag(struct mergetag_reader *r, struct mergetag_piece *out)
{
	const char *s, *close;

	if (r->unclosed || r->p[0] != '{' || r->p[1] != '$' ||
	    (out->namelen = mergetag_name(r->p + 2)) == 0)
		return false;
	out->name = r->p + 2;
	s = out->name + out->namelen;
	out->def = "";
	out->deflen = 0;
	close = s;
	if (*s == '|') {
		out->def = s + 1;
		if ((close = strchr(out->def, '}')) == NULL) {
			r->unclosed = true;
			return false;
		}
		out->deflen = (size_t)(close - out->def);
	}
	if (*close != '}')
		return false;
	out->n = (size_t)(close + 1 - r->p);
	return true;
}

void
mergetag_start(struct mergetag_reader *r, const char *text)
{
	r->p = text;
	r->unclosed = false;
}

bool
mergetag_next(struct mergetag_reader *r, struct mergetag_piece *out)
{
	const char *next;

	if (*r->p == '\0')
		return false;
	out->p = r->p;
	out->tag = read_tag(r, out);
	if (!out->tag) {
		next = strchr(r->p + 1, '{');
		out->n = next != NULL ? (size_t)(next - r->p) : strlen(r->p);
	}
	r->p += out->n;
	return true;
}

void
mergetag_plain(struct buf *out, const char *p, size_t n)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c >= 0x20 && c != 0x7f) || c == '\t' || c == '\n')
			continue;
		buf_add(out, p + from, i - from);
		if (c == '\r' && (i + 1 == n || p[i + 1] != '\n'))
			buf_addc(out, '\n');
		from = i + 1;
	}
	buf_add(out, p + from, n - from);
}

void
mergetag_cut(struct buf *out, const char *p, size_t n)
{
	size_t fits = text_within(p, n, out->cap - out->len);

	mergetag_plain(out, p, fits);
	if (fits < n)
		out->failed = out->full = true;
}

/* Returns the value of the variable whose name is the n bytes at name, or NULL. */
static const char *
value_of(const struct message_var *var, size_t nvar, const char *name, size_t n)
{
	size_t low = 0, high = nvar;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strncasecmp(name, var[mid].name, n);

		if (c == 0 && var[mid].name[n] == '\0')
			return var[mid].value;
		if (c > 0)
			low = mid + 1;
		else
			high = mid; /* of two names that begin alike, the shorter comes first */
	}
	return NULL;
}

void
mergetag_fill(struct buf *out, const char *text, const struct message_var *var, size_t nvar,
    mergetag_put *put)
{
	struct mergetag_reader r;
	struct mergetag_piece piece;

	mergetag_start(&r, text);
	while (!out->failed && mergetag_next(&r, &piece)) {
		const char *value = piece.tag ? value_of(var, nvar, piece.name, piece.namelen) :
						NULL;

		if (!piece.tag)
			put(out, piece.p, piece.n);
		else if (value == NULL || value[strspn(value, " \t\r\n")] == '\0')
			put(out, piece.def, piece.deflen);
		else
			put(out, value, strlen(value));
	}
}
