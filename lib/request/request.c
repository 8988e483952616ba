/* request: see request.h */
#include "request/request.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "model/fold.h"
#include "request/build.h"
#include "request/charset.h"
#include "request/document.h"
#include "request/mime_read.h"
#include "request/xmltree.h"

bool
request_wrong(const char *value)
{
	return value == request_wrong_type;
}

static struct request *
fail(struct failure *f, enum api_error code)
{
	f->code = code;
	return NULL;
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

/* A client of B sends its texts unescaped: at its home an ampersand may be bare. */
static struct request *
from_xml(struct arena *a, const struct charset_in *in, enum dialect home, struct failure *f)
{
	struct xnode *root = document_xml(a, in, home == DIALECT_B, f);
	struct request *r;

	if (root == NULL)
		return NULL;
	if (!fold_same(root->name, "REQUEST"))
		return fail(f, E100);
	if ((r = build_tree(a, root, dialect_of(root, home))) == NULL || arena_failed(a))
		return fail(f, E503);
	return r;
}

static struct request *
from_json(struct arena *a, const struct charset_in *in, struct failure *f)
{
	struct xnode *root = document_json(a, in, f);
	struct request *r;

	if (root == NULL)
		return NULL;
	if (root->type != XNODE_OBJECT)
		return fail(f, E100);
	if ((r = build_tree(a, root, DIALECT_C)) == NULL || arena_failed(a))
		return fail(f, E503);
	return r;
}

bool
request_read_rest(struct arena *a, struct request *r)
{
	if (r->root != NULL)
		build_tree_rest(a, r);
	return build_pairs_rest(a, r) && !arena_failed(a);
}

struct request *
request_read(struct arena *a, const struct request_bytes *in, struct failure *f)
{
	struct request *r = request_read_head(a, in, f);

	return r != NULL && !request_read_rest(a, r) ? fail(f, E503) : r;
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
		return fail(f, arena_failed(a) ? E503 : E100);
	if (in->post && (xml = pairs_find(&ps, "xml")) != NULL)
		return from_xml(a,
		    &(struct charset_in){ .p = xml->value,
			.n = xml->len,
			.named = xml->charset[0] != '\0' ? xml->charset : charset,
			.decoded = xml->file == NULL },
		    in->home, f);
	if (in->home != DIALECT_A)
		return fail(f, E100);
	if (!pairs_decode(a, &ps, charset, &why))
		return document_fail(a, f, why, ""), NULL;
	r = build_pairs(a, &ps);
	return r != NULL ? r : fail(f, E503);
}

struct request *
request_read_head(struct arena *a, const struct request_bytes *in, struct failure *f)
{
	const char *type = in->content_type;
	char charset[CHARSET_NAME];
	const struct charset_in body = { .p = in->body, .n = in->len, .named = charset };
	enum document_form form = in->post ? document_form(in->body, in->len) : DOCUMENT_OTHER;

	*f = (struct failure){ 0 };
	if (!in->post || !mime_parameter(type, strlen(type), "charset", charset, sizeof charset))
		charset[0] = '\0';
	if (form == DOCUMENT_XML)
		return from_xml(a, &body, in->home, f);
	if (form == DOCUMENT_JSON ||
	    (in->post && in->home == DIALECT_C && in->len > 0 &&
		!mime_is(type, "application/x-www-form-urlencoded") &&
		!mime_is(type, "multipart/form-data")))
		return from_json(a, &body, f);
	return from_pairs(a, in, charset, f);
}
