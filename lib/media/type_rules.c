/*
 * type_rules: see type_rules.h.
 *
 * Pure: there is no I/O, no memory is taken, and nothing can fail. A header that holds several
 * types matches no known type. Formats are compared by family (media.def), because phones write MP4
 * files with a 3GP or QuickTime brand (savemms-media(7), Formats).
 */
#include "media/type_rules.h"

#include <string.h>

#include "base/ascii.h"

enum promise { PROMISE_NONE, PROMISE_KIND, PROMISE_EXT };

/* Returns the next character of a path, decoded, and moves *p behind it. A percent sign that
 * starts no escape stands for itself. */
static int
next_char(const char **p)
{
	const char *s = *p;

	if (s[0] == '%' && ascii_hex_value(s[1]) >= 0 && ascii_hex_value(s[2]) >= 0) {
		*p += 3;
		return ascii_hex_value(s[1]) * 16 + ascii_hex_value(s[2]);
	}
	*p += 1;
	return (unsigned char)s[0];
}

/* Returns where the path starts: behind scheme and host if there are any. */
static const char *
path_of(const char *url)
{
	const char *s = strstr(url, "://");

	if (s == NULL || strcspn(url, "/?#") < (size_t)(s - url))
		return url;
	s += 3;
	return s + strcspn(s, "/?#");
}

void
type_rule_ext(const char *url, char ext[TYPERULE_EXT])
{
	const char *s = path_of(url), *end = s + strcspn(s, "?#"), *p;
	bool dot = false, good = true;
	size_t n = 0;

	for (p = end; p > s && p[-1] != '/';)
		p--;
	while (p < end) {
		int c = next_char(&p);

		if (c == '.') {
			dot = good = true;
			n = 0;
			continue;
		}
		c = ascii_lower((char)c);
		if (n == TYPERULE_EXT - 1 || !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')))
			good = false;
		else
			ext[n++] = (char)c;
	}
	ext[dot && good ? n : 0] = '\0';
}

void
type_rule_mime(const char *content_type, char mime[TYPERULE_MIME])
{
	const char *s = content_type != NULL ? content_type : "";
	size_t n;

	s += strspn(s, " \t");
	n = strcspn(s, ";");
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	if (n >= TYPERULE_MIME)
		n = 0;
	for (size_t i = 0; i < n; i++)
		mime[i] = ascii_lower(s[i]);
	mime[n] = '\0';
}

/* Returns what the headers promise about the bytes. */
static enum promise
promise(enum kind k, const char *content_type, const char *ext)
{
	char mime[TYPERULE_MIME];

	type_rule_mime(content_type, mime);
	if (mime[0] == '\0')
		return PROMISE_NONE;
	if (kind_allows_mime(k, mime))
		return PROMISE_KIND;
	if ((strcmp(mime, "application/octet-stream") == 0 ||
		strcmp(mime, "binary/octet-stream") == 0) &&
	    ext[0] != '\0' && kind_allows_ext(k, ext))
		return PROMISE_EXT;
	return PROMISE_NONE;
}

enum api_error
type_rule_headers(enum kind k, const char *content_type, const char *ext)
{
	return promise(k, content_type, ext) != PROMISE_NONE ? E_NONE : E229;
}

bool
type_rule_bytes(enum kind k, const char *content_type, const char *ext, enum format found)
{
	enum promise p = promise(k, content_type, ext);

	if (p == PROMISE_NONE || found == FORMAT_NONE || format_kind(found) != k)
		return false;
	return p == PROMISE_KIND || format_has_ext(found, ext);
}

bool
type_rule_utf16(const unsigned char *head, size_t n)
{
	static const char begin[] = "BEGIN:V";
	size_t i = n >= 2 && (head[0] ^ head[1]) == 1 && head[0] >= 0xfe ? 2 : 0; /* FF FE, FE FF */
	bool big = i < n && head[i] == '\0';

	if (n < i + 2 * strlen(begin))
		return false;
	for (const char *p = begin; *p != '\0'; p++, i += 2)
		if (head[big ? i : i + 1] != '\0' ||
		    ascii_lower((char)head[big ? i + 1 : i]) != ascii_lower(*p))
			return false;
	return true;
}
