/* request: see request.h */
#include "request/request.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/fold.h"
#include "request/build.h"
#include "request/charset.h"
#include "request/json_tree.h"
#include "request/mime_read.h"
#include "request/xmlscan.h"
#include "request/xmltree.h"

bool
request_wrong(const char *value)
{
	return value == request_wrong_type;
}

static struct request *
fail(struct failure *f, enum api_error code, const char *detail)
{
	f->code = code;
	f->detail = detail;
	return NULL;
}

/* Sets *f to what charset.h said: E108 with why, or E503 if that is NULL. */
static struct request *
fail_text(struct arena *a, struct failure *f, const char *why, const char *where)
{
	return why != NULL ? fail(f, E108, arena_printf(a, "%s%s", why, where)) :
			     fail(f, E503, NULL);
}

/* --- XML --- */

/* Prefixes of namespaces do not count. */
static void
strip_prefixes(struct xnode *n)
{
	const char *colon = strrchr(n->name, ':');

	if (colon != NULL && colon[1] != '\0')
		n->name = colon + 1;
	for (struct xnode *c = n->child; c != NULL; c = c->next)
		strip_prefixes(c);
}

/* A document is in B where that is at home or C is, and wherever its key has a hyphen. */
static enum dialect
dialect_of(const struct xnode *root, enum dialect home)
{
	for (const struct xnode *c = root->child; c != NULL; c = c->next)
		if (strcasecmp(c->name, "api-key") == 0)
			return DIALECT_B;
	return home == DIALECT_A ? DIALECT_A : DIALECT_B;
}

/* Parses a text that is valid UTF-8. Returns NULL with the failure in *f. */
static struct xnode *
parse_xml(struct arena *a, const char *text, size_t len, struct failure *f)
{
	struct xnode *root;
	const char *why;
	unsigned line;

	if ((why = xmlscan(text, len, &line)) != NULL) {
		(void)fail(f, E108, arena_printf(a, "%s at line %u", why, line));
		return NULL;
	}
	if ((root = xmltree_parse(a, text, len, &why)) == NULL)
		(void)fail(f, why != NULL ? E108 : E503, why);
	return root;
}

/* Parses such a text. In B's home, one that is not well formed is parsed once more with each bare
 * ampersand made a reference: a client of B sends its texts unescaped. */
static struct xnode *
parse_for(struct arena *a, const char *text, size_t len, enum dialect home, struct failure *f)
{
	struct xnode *root = parse_xml(a, text, len, f);
	struct failure again = { 0 };
	char *mended;
	size_t n;

	if (root != NULL || f->code != E108 || home != DIALECT_B)
		return root;
	if (!xmlscan_mend(a, text, len, &mended, &n))
		(void)fail(f, E503, NULL);
	if (f->code == E503 || mended == NULL)
		return NULL;
	if ((root = parse_xml(a, mended, n, &again)) != NULL || again.code == E503)
		*f = again;
	return root;
}

static struct request *
from_xml(struct arena *a, const struct charset_in *in, enum dialect home, struct failure *f)
{
	struct request *r;
	struct xnode *root;
	const char *why;
	size_t len;
	char *text = charset_xml_to_utf8(a, in, &len, &why);

	if (text == NULL)
		return fail_text(a, f, why, " at line 1");
	if ((root = parse_for(a, text, len, home, f)) == NULL)
		return NULL;
	strip_prefixes(root);
	if (!fold_same(root->name, "REQUEST"))
		return fail(f, E100, NULL);
	if ((r = build_tree(a, root, dialect_of(root, home))) == NULL || arena_failed(a))
		return fail(f, E503, NULL);
	return r;
}

/* --- JSON --- */

static struct request *
from_json(struct arena *a, const struct charset_in *in, struct failure *f)
{
	struct request *r;
	struct xnode *root;
	const char *why;
	size_t len;
	char *text = charset_text_to_utf8(a, in, &len, &why);

	if (text == NULL)
		return fail_text(a, f, why, "");
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
		text += 3;
		len -= 3;
	}
	if ((root = json_tree_parse(a, text, len, &why)) == NULL)
		return fail(f, why != NULL ? E108 : E503, why);
	if (root->type != XNODE_OBJECT)
		return fail(f, E100, NULL);
	if ((r = build_tree(a, root, DIALECT_C)) == NULL || arena_failed(a))
		return fail(f, E503, NULL);
	return r;
}

bool
request_read_rest(struct arena *a, struct request *r)
{
	if (r->root != NULL)
		build_tree_rest(a, r);
	return build_pairs_rest(a, r) && !arena_failed(a);
}

/* --- which form the request has --- */

enum form { FORM_OTHER, FORM_XML, FORM_JSON };

/* Looks at the first character of a body, behind a byte order mark and blanks. */
static enum form
form_of(const char *p, size_t n)
{
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	if (n >= 4 &&
	    (memcmp(p, "\xff\xfe<", 3) == 0 || memcmp(p, "\xfe\xff\0<", 4) == 0 ||
		memcmp(p, "\0<", 2) == 0))
		return FORM_XML; /* UTF-16 */
	for (; n > 0 && strchr(" \t\r\n", *p) != NULL && *p != '\0'; p++)
		n--;
	return n > 0 && *p == '<' ? FORM_XML : n > 0 && *p == '{' ? FORM_JSON : FORM_OTHER;
}

struct request *
request_read(struct arena *a, const struct request_bytes *in, struct failure *f)
{
	struct request *r = request_read_head(a, in, f);

	return r != NULL && !request_read_rest(a, r) ? fail(f, E503, NULL) : r;
}

/* Reads the pairs of a query or a form. Returns false when there are none that can be read, or
 * memory is short. */
static bool
read_pairs(struct arena *a, const struct request_bytes *in, struct pairs *ps)
{
	if (!in->post)
		return pairs_from_form(a, in->query, strlen(in->query), ps);
	if (mime_is(in->content_type, "application/x-www-form-urlencoded"))
		return pairs_from_form(a, in->body, in->len, ps);
	return mime_is(in->content_type, "multipart/form-data") &&
	    pairs_from_multipart(a, in->content_type, in->body, in->len, ps);
}

/* Reads a request that came as pairs: a document in one of them, or in A's home all of them. */
static struct request *
from_pairs(struct arena *a, const struct request_bytes *in, const char *charset, struct failure *f)
{
	struct pairs ps = { 0 };
	const struct pair *xml;
	struct request *r;
	const char *why;

	if (!read_pairs(a, in, &ps))
		return fail(f, arena_failed(a) ? E503 : E100, NULL);
	if (in->post && (xml = pairs_find(&ps, "xml")) != NULL)
		return from_xml(a,
		    &(struct charset_in){ .p = xml->value,
			.n = xml->len,
			.named = xml->charset[0] != '\0' ? xml->charset : charset,
			.decoded = xml->file == NULL },
		    in->home, f);
	if (in->home != DIALECT_A)
		return fail(f, E100, NULL);
	if (!pairs_decode(a, &ps, charset, &why))
		return fail_text(a, f, why, "");
	r = build_pairs(a, &ps);
	return r != NULL ? r : fail(f, E503, NULL);
}

struct request *
request_read_head(struct arena *a, const struct request_bytes *in, struct failure *f)
{
	const char *type = in->content_type;
	char charset[CHARSET_NAME];
	const struct charset_in body = { .p = in->body, .n = in->len, .named = charset };
	enum form form = in->post ? form_of(in->body, in->len) : FORM_OTHER;

	*f = (struct failure){ 0 };
	if (!in->post || !mime_parameter(type, strlen(type), "charset", charset, sizeof charset))
		charset[0] = '\0';
	if (form == FORM_XML)
		return from_xml(a, &body, in->home, f);
	if (form == FORM_JSON ||
	    (in->post && in->home == DIALECT_C && in->len > 0 &&
		!mime_is(type, "application/x-www-form-urlencoded") &&
		!mime_is(type, "multipart/form-data")))
		return from_json(a, &body, f);
	return from_pairs(a, in, charset, f);
}
