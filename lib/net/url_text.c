/* url_text: see url_text.h. */
#include "net/url_text.h"

#include <string.h>

#include "base/ascii.h"

/* What may stand in a path and a query (RFC 3986, 3.3 and 3.4). A
 * percent sign that starts no escape stays too, as browsers leave it. */
static const char in_path[] = ASCII_ALNUM "-._~!$&'()*+,;=:@/%",
		  in_query[] = ASCII_ALNUM "-._~!$&'()*+,;=:@/%?";

enum { SCHEME_MOST = 16 };

/* A part of a text, from p to end. */
struct span {
	const char *p, *end;
};

static bool
removed(char c)
{
	return c == '\t' || c == '\n' || c == '\r';
}

static bool
blank(char c)
{
	return (unsigned char)c <= 0x20;
}

/* Appends the scheme with its colon, if there is one, and moves s behind it. One that is longer
 * than any is none: libcurl would take it and what follows for a path. */
static bool
scheme(struct span *s, struct buf *out)
{
	const char *p = s->p;

	while (p < s->end && strchr(ASCII_ALNUM "+-.", *p) != NULL)
		p++;
	if (p == s->p || p == s->end || *p != ':' || p - s->p > SCHEME_MOST)
		return false;
	buf_add(out, s->p, (size_t)(p + 1 - s->p));
	s->p = p + 1;
	return true;
}

/* Appends two slashes and the host, with the port, and moves s behind them. */
static bool
host(struct span *s, struct buf *out)
{
	const char *p = s->p + 2;

	while (p < s->end && strchr("/?#", *p) == NULL) {
		if (blank(*p) || strchr("%\\\x7f", *p) != NULL)
			return false;
		p++;
	}
	buf_add(out, s->p, (size_t)(p - s->p));
	if (p == s->p + 2)
		return false;
	s->p = p;
	return true;
}

/* Appends s up to a character of ends, encodes what is not in keep, and moves s there. */
static void
encode(struct span *s, const char *ends, const char *keep, struct buf *out)
{
	for (; s->p < s->end && strchr(ends, *s->p) == NULL; s->p++) {
		char c = *s->p == '\\' && keep == in_path ? '/' : *s->p;

		if (strchr(keep, c) != NULL)
			buf_addc(out, c);
		else
			buf_printf(out, "%%%02X", (unsigned char)c);
	}
}

/* Appends s, which has no tabs or line breaks, as url_text() does. */
static bool
append(struct span s, bool relative, struct buf *out)
{
	bool absolute = scheme(&s, out);

	if (!absolute && !relative)
		return false;
	/* with a backslash, this would be a host for browsers */
	if (s.end - s.p >= 2 && strchr("/\\", s.p[0]) != NULL && strchr("/\\", s.p[1]) != NULL) {
		if (s.p[0] != '/' || s.p[1] != '/' || !host(&s, out))
			return false;
	} else if (absolute) {
		return false;
	}
	encode(&s, "?#", in_path, out);
	if (s.p < s.end && *s.p == '?') {
		buf_addc(out, '?');
		s.p++;
		encode(&s, "#", in_query, out);
	}
	return true;
}

bool
url_text(const char *url, bool relative, struct buf *out)
{
	struct buf clean;
	struct span s;
	bool ok;

	buf_init(&clean, strlen(url));
	for (; *url != '\0'; url++)
		if (!removed(*url))
			buf_addc(&clean, *url);
	s.p = buf_str(&clean);
	s.end = s.p + clean.len;
	while (s.p < s.end && blank(*s.p))
		s.p++;
	while (s.p < s.end && blank(s.end[-1]))
		s.end--;
	ok = append(s, relative, out);
	out->failed = out->failed || !buf_ok(&clean); /* memory is short */
	buf_free(&clean);
	return ok;
}
