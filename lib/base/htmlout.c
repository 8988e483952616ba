/* htmlout: see htmlout.h */
#include "base/htmlout.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

void
html_text(struct buf *b, const char *text)
{
	if (text != NULL)
		html_bytes(b, text, strlen(text));
}

static size_t
line_length(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && *p != '\r' && *p != '\n')
		p++;
	return (size_t)(p - from);
}

static void
html_line_bytes(struct buf *b, const char *p, size_t len)
{
	const char *end = p + len;

	while (p < end) {
		size_t n = line_length(p, end);

		html_bytes(b, p, n);
		p += n;
		if (p == end)
			return;
		buf_adds(b, "<br>\n");
		p += *p == '\r' && p + 1 < end && p[1] == '\n' ? 2 : 1;
	}
}

void
html_lines(struct buf *b, const char *text)
{
	if (text != NULL)
		html_line_bytes(b, text, strlen(text));
}

static bool
holds_url(const char *attribute)
{
	static const char *const names[] = { "href", "src", "poster", "action", "formaction" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strcmp(attribute, names[i]) == 0)
			return true;
	return false;
}

/* Returns true only for URLs that are clearly harmless, because browsers drop blanks and line
 * breaks from a scheme. */
static bool
harmless(const char *url)
{
	return strncasecmp(url, "http://", 7) == 0 || strncasecmp(url, "https://", 8) == 0 ||
	    url[strcspn(url, ":/?#")] != ':';
}

void
html_open(struct buf *b, const char *name, ...)
{
	const char *attribute, *value;
	va_list ap;

	buf_addc(b, '<');
	buf_adds(b, name);
	va_start(ap, name);
	while ((attribute = va_arg(ap, const char *)) != NULL) {
		if ((value = va_arg(ap, const char *)) == NULL)
			continue;
		if (holds_url(attribute) && !harmless(value))
			value = "#";
		buf_addc(b, ' ');
		buf_adds(b, attribute);
		buf_adds(b, "=\"");
		html_text(b, value);
		buf_addc(b, '"');
	}
	va_end(ap);
	buf_addc(b, '>');
}

void
html_close(struct buf *b, const char *name)
{
	buf_adds(b, "</");
	buf_adds(b, name);
	buf_addc(b, '>');
}

void
html_elem(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	html_open(b, name, NULL);
	html_text(b, text);
	html_close(b, name);
}

void
html_elem_u64(struct buf *b, const char *name, uint64_t v)
{
	html_open(b, name, NULL);
	buf_printf(b, "%" PRIu64, v);
	html_close(b, name);
}

void
html_doc_open(struct buf *b, const char *lang, const char *title, const char *style)
{
	buf_adds(b, "<!DOCTYPE html>\n");
	html_open(b, "html", "lang", lang, NULL);
	buf_adds(b,
	    "\n<head>\n<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	    "<meta name=\"robots\" content=\"noindex\">\n");
	html_elem(b, "title", title);
	buf_addc(b, '\n');
	if (style != NULL) {
		html_open(b, "link", "rel", "stylesheet", "href", style, NULL);
		buf_addc(b, '\n');
	}
	buf_adds(b, "</head>\n<body>\n");
}

void
html_doc_close(struct buf *b)
{
	buf_adds(b, "</body>\n</html>\n");
}
