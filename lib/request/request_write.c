/* request_write: see request_write.h */
#include "request/request_write.h"

#include <stddef.h>

#include "base/buf.h"
#include "base/xmlout.h"
#include "request/request.h"

/* Writes <outer><inner>value</inner></outer>, or without inner when that is NULL, on a line of
 * its own. Writes nothing when the value is NULL or "". */
static void
line(struct buf *b, const char *indent, const char *outer, const char *inner, const char *value)
{
	if (value == NULL || value[0] == '\0')
		return;
	buf_adds(b, indent);
	if (inner != NULL) {
		xml_open(b, outer);
		xml_elem(b, inner, value);
		xml_close(b, outer);
	} else {
		xml_elem(b, outer, value);
	}
	buf_addc(b, '\n');
}

static void
write_slide(struct buf *b, const struct request_slide *s)
{
	static const char indent[] = "        ";

	buf_adds(b, "    <SLIDE>\n");
	for (int k = 0; k < KIND_COUNT; k++)
		line(b, indent, kind_element((enum kind)k), "URL", s->url[k]);
	line(b, indent, "PERSONALIZED-IMAGE", "TEMPLATE-ID", s->image_template);
	line(b, indent, "TEXT", NULL, s->text);
	line(b, indent, "DURATION", NULL, s->duration);
	buf_adds(b, "    </SLIDE>\n");
}

void
request_write_save(struct buf *b, const struct request *r, const char *key)
{
	static const char indent[] = "    ";

	buf_adds(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<REQUEST>\n");
	line(b, indent, "ACTION", NULL, "saveMMS");
	line(b, indent, "API_KEY", NULL, key);
	line(b, indent, "NAME", NULL, r->name);
	line(b, indent, "SUBJECT", NULL, r->subject);
	line(b, indent, "FALLBACKSMSTEXT", NULL, r->fallback);
	line(b, indent, "DISABLEFALLBACKSMS", NULL, r->no_fallback);
	line(b, indent, "DISABLEFALLBACKSMSLINK", NULL, r->no_fallback_link);
	line(b, indent, "CLIENT_REFERENCE", NULL, r->reference);
	for (size_t i = 0; i < r->nslide; i++)
		write_slide(b, &r->slide[i]);
	buf_adds(b, "</REQUEST>\n");
}
