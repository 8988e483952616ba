/* xmlout: see xmlout.h */
#include "base/xmlout.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"

static const char *
reference(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\r':
		return "&#13;"; /* XML readers turn a bare CR into LF */
	default:
		return (unsigned char)c < 0x20 && c != '\t' && c != '\n' ? "\xef\xbf\xbd" : NULL;
	}
}

/* Writes n bytes with references. apos is the reference for an apostrophe, or NULL to leave it. */
static void
escape(struct buf *b, const char *p, size_t n, const char *apos)
{
	size_t from = 0;

	for (size_t i = 0; i < n; i++) {
		bool none = n - i >= 3 &&
		    (memcmp(p + i, "\xef\xbf\xbe", 3) == 0 ||
			memcmp(p + i, "\xef\xbf\xbf", 3) == 0);
		const char *ref = none ? "\xef\xbf\xbd" : p[i] == '\'' ? apos : reference(p[i]);

		if (ref == NULL)
			continue;
		buf_add(b, p + from, i - from);
		buf_adds(b, ref);
		i += none ? 2 : 0;
		from = i + 1;
	}
	buf_add(b, p + from, n - from);
}

void
xml_bytes(struct buf *b, const char *p, size_t n)
{
	escape(b, p, n, NULL);
}

void
html_bytes(struct buf *b, const char *p, size_t n)
{
	escape(b, p, n, "&#39;");
}

void
xml_text(struct buf *b, const char *text)
{
	xml_bytes(b, text, strlen(text));
}

void
xml_open(struct buf *b, const char *name)
{
	buf_addc(b, '<');
	buf_adds(b, name);
	buf_addc(b, '>');
}

void
xml_close(struct buf *b, const char *name)
{
	buf_adds(b, "</");
	buf_adds(b, name);
	buf_addc(b, '>');
}

void
xml_elem(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	xml_open(b, name);
	xml_text(b, text);
	xml_close(b, name);
}

void
xml_elem_u64(struct buf *b, const char *name, uint64_t v)
{
	xml_open(b, name);
	buf_printf(b, "%" PRIu64, v);
	xml_close(b, name);
}
