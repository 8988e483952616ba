/* document: see document.h */
#include "request/document.h"

#include <string.h>

#include "base/arena.h"
#include "request/charset.h"
#include "request/json_tree.h"
#include "request/xmlscan.h"
#include "request/xmltree.h"

enum document_form
document_form(const char *p, size_t n)
{
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	if (n >= 4 &&
	    (memcmp(p, "\xff\xfe<", 3) == 0 || memcmp(p, "\xfe\xff\0<", 4) == 0 ||
		memcmp(p, "\0<", 2) == 0))
		return DOCUMENT_XML; /* UTF-16 */
	for (; n > 0 && strchr(" \t\r\n", *p) != NULL && *p != '\0'; p++)
		n--;
	return n > 0 && *p == '<' ? DOCUMENT_XML :
	    n > 0 && *p == '{'    ? DOCUMENT_JSON :
				    DOCUMENT_OTHER;
}

void
document_fail(struct arena *a, struct failure *f, const char *why, const char *where)
{
	f->code = why != NULL ? E108 : E503;
	f->detail = why != NULL ? arena_printf(a, "%s%s", why, where) : NULL;
}

static void
strip_prefixes(struct xnode *n)
{
	const char *colon = strrchr(n->name, ':');

	if (colon != NULL && colon[1] != '\0')
		n->name = colon + 1;
	for (struct xnode *c = n->child; c != NULL; c = c->next)
		strip_prefixes(c);
}

/* Parses a text that is valid UTF-8. Returns NULL with the failure in *f. */
static struct xnode *
parse_xml(struct arena *a, const char *text, size_t len, struct failure *f)
{
	struct xnode *root;
	const char *why;
	unsigned line;

	if ((why = xmlscan(text, len, &line)) != NULL) {
		f->code = E108;
		f->detail = arena_printf(a, "%s at line %u", why, line);
		return NULL;
	}
	if ((root = xmltree_parse(a, text, len, &why)) == NULL)
		document_fail(a, f, why, "");
	return root;
}

/* Parses such a text, and once more with its ampersands mended. */
static struct xnode *
parse_mended(struct arena *a, const char *text, size_t len, struct failure *f)
{
	struct xnode *root = parse_xml(a, text, len, f);
	struct failure again = { 0 };
	char *mended;
	size_t n;

	if (root != NULL || f->code != E108)
		return root;
	if (!xmlscan_mend(a, text, len, &mended, &n))
		document_fail(a, f, NULL, "");
	if (f->code == E503 || mended == NULL)
		return NULL;
	if ((root = parse_xml(a, mended, n, &again)) != NULL || again.code == E503)
		*f = again;
	return root;
}

struct xnode *
document_xml(struct arena *a, const struct charset_in *in, bool mend, struct failure *f)
{
	struct xnode *root;
	const char *why;
	size_t len;
	char *text = charset_xml_to_utf8(a, in, &len, &why);

	if (text == NULL) {
		document_fail(a, f, why, " at line 1");
		return NULL;
	}
	root = mend ? parse_mended(a, text, len, f) : parse_xml(a, text, len, f);
	if (root != NULL)
		strip_prefixes(root);
	return root;
}

struct xnode *
document_json(struct arena *a, const struct charset_in *in, struct failure *f)
{
	struct xnode *root = NULL;
	const char *why;
	size_t len;
	char *text = charset_text_to_utf8(a, in, &len, &why);

	if (text != NULL && len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if (text == NULL || (root = json_tree_parse(a, text, len, &why)) == NULL)
		document_fail(a, f, why, "");
	return root;
}
