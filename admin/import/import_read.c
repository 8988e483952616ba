/*
 * import_read: see import.h. The answers have the names of requests, but for a few; so the reader
 * of requests reads them, and their writer writes the saveMMS. Pure.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admin/import/import.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/num.h"
#include "model/fold.h"
#include "model/text.h"
#include "request/build.h"
#include "request/charset.h"
#include "request/document.h"
#include "request/request_write.h"
#include "request/xmltree.h"

enum { TREE_CAP = 128 << 20, BODY_CAP = 4 << 20 };

/* The names of answers.def that are not those of a request. */
#define TEMPLATE "MMS_TEMPLATE"
#define LISTED_NAME "mms-name"
#define LISTED_SUBJECT "mms-subject"

/* One template of a file. */
struct reading {
	struct import *im;
	struct arena *a; /* of the file */
	const struct xnode *node;
	struct request *r;
	const char *poster; /* NULL: none */
};

/* Returns the trimmed text of a node, or NULL. */
static const char *
text_in(struct arena *a, const struct xnode *n)
{
	const char *all = xnode_all_text(a, n);
	char *text = all != NULL ? arena_strdup(a, all) : NULL;

	text = text != NULL ? text_trim(text) : NULL;
	return text != NULL && *text != '\0' ? text : NULL;
}

/* Returns the trimmed text of a child, or NULL. */
static const char *
text_of(struct arena *a, const struct xnode *n, const char *name)
{
	const struct xnode *c = xnode_child(n, name);

	return c != NULL ? text_in(a, c) : NULL;
}

/* Ids go into file names, lines and elements elsewhere, so what may be in one is what no reader of
 * these takes for something else. */
static bool
usable(const char *old)
{
	size_t n = old != NULL ? strlen(old) : 0;

	return n > 0 && n <= IMPORT_OLD && ascii_only(old, ASCII_ALNUM "._-");
}

/* Is there a URL in the node? */
static bool
has_url(const struct reading *rd, const struct xnode *n)
{
	bool any = text_of(rd->a, n, "URL") != NULL;

	for (const struct xnode *c = n->child; c != NULL && !any; c = c->next)
		any = has_url(rd, c);
	return any;
}

/* Looks at the media and texts of a slide: what the reader of requests would leave out must not be
 * lost in silence. */
static const char *
lost_part(const struct reading *rd, const struct xnode *slide, size_t number)
{
	bool seen[KIND_COUNT] = { false };
	size_t texts = 0;

	for (const struct xnode *c = slide->child; c != NULL; c = c->next) {
		int kind = kind_by_element(c->name);

		if (build_part(c->name) == PART_TEXT && text_in(rd->a, c) != NULL && ++texts > 1)
			return arena_printf(rd->a, "slide %zu has two texts", number);
		if (kind < 0 && has_url(rd, c))
			return arena_printf(rd->a, "slide %zu has a medium of an unknown kind",
			    number);
		if (kind < 0)
			continue;
		if (text_of(rd->a, c, "URL") == NULL)
			return arena_printf(rd->a, "a medium of slide %zu has no URL", number);
		if (seen[kind])
			return arena_printf(rd->a, "slide %zu has two media of one kind", number);
		seen[kind] = true;
	}
	return NULL;
}

/* Does a slide hold JSON of a wrong type? */
static bool
mistyped(const struct request_slide *s)
{
	bool any = request_wrong(s->text);

	for (int k = 0; k < KIND_COUNT; k++)
		any = any || request_wrong(s->url[k]);
	return any;
}

/* Counts what is called a slide and holds something, wherever in the node it stands. */
static size_t
slides_below(const struct xnode *n)
{
	size_t count = 0;

	for (const struct xnode *c = n->child; c != NULL; c = c->next)
		count += slides_below(c) + (build_part(c->name) == PART_SLIDE && c->child != NULL);
	return count;
}

/* Returns whether there are slides where the reader of requests does not look for them. */
static bool
misplaced(const struct reading *rd)
{
	size_t count = 0;

	for (const struct xnode *s = NULL; (s = build_next_slide(rd->node, s)) != NULL;)
		count += s->child != NULL;
	return slides_below(rd->node) != count;
}

/* Returns why the slides cannot be saved as they are, or NULL. */
static const char *
wrong_slides(const struct reading *rd)
{
	const char *total = text_of(rd->a, rd->node, "TOTAL_SLIDES"), *why = NULL;
	const struct request *r = rd->r;
	size_t number = 0;
	uint64_t n;

	if (r->nslide > REQUEST_SLIDES)
		return "it has too many slides";
	if (total != NULL && num_u64(total, 0, UINT64_MAX, &n) && n != r->nslide)
		return arena_printf(rd->a, "only %zu of its %s slides are in the file", r->nslide,
		    total);
	for (size_t i = 0; i < r->nslide; i++) {
		if (r->slide[i].wrong)
			return arena_printf(rd->a, "slide %zu is not an object", i + 1);
		if (mistyped(&r->slide[i]))
			return arena_printf(rd->a, "slide %zu has a part of a wrong type", i + 1);
		if (r->slide[i].image_template != NULL)
			return arena_printf(rd->a,
			    "slide %zu has a personalized image: make that by 'savemms "
			    "image-template add', then save the template by hand",
			    i + 1);
		if (r->slide[i].foreign)
			return arena_printf(rd->a, "slide %zu holds what is not sent to handsets",
			    i + 1);
	}
	for (const struct xnode *s = NULL;
	     why == NULL && (s = build_next_slide(rd->node, s)) != NULL;)
		why = lost_part(rd, s, ++number);
	return why;
}

/* Returns the URL of the largest rendition of a medium, or NULL. */
static const char *
largest_rendition(struct arena *a, const struct xnode *medium)
{
	const char *url = NULL;
	uint64_t most = 0, n;

	for (const struct xnode *c = medium->child; c != NULL; c = c->next) {
		const char *bytes, *at;

		if (!fold_same(c->name, "RENDITION") || (at = text_of(a, c, "URL")) == NULL)
			continue;
		if ((bytes = text_of(a, c, "BYTES")) == NULL || !num_u64(bytes, 0, UINT64_MAX, &n))
			n = 0;
		if (url == NULL || n > most) {
			url = at;
			most = n;
		}
	}
	return url;
}

/* Puts the renditions that the vendor serves in place of the sources. The slides have passed
 * wrong_slides(). Returns whether there is any. */
static bool
take_renditions(struct reading *rd)
{
	size_t number = 0;
	bool any = false;

	for (const struct xnode *s = NULL; (s = build_next_slide(rd->node, s)) != NULL;) {
		for (const struct xnode *c = s->child; c != NULL; c = c->next) {
			int kind = kind_by_element(c->name);
			const char *url = kind >= 0 ? largest_rendition(rd->a, c) : NULL;

			if (url == NULL)
				continue;
			rd->r->slide[number].url[kind] = url;
			any = true;
		}
		number++;
	}
	return any;
}

/* Makes one slide of what a list tells. Returns why there is none, or NULL. */
static const char *
from_poster(struct reading *rd)
{
	struct request_slide *s;

	if (!rd->im->posters)
		return "the list does not tell its slides: give the answer of getMMSIDDetails, "
		       "too, or --posters";
	if (rd->poster == NULL && rd->r->fallback == NULL)
		return "the list tells neither a poster nor a fallback text";
	s = build_slide(rd->r);
	s->url[KIND_IMAGE] = rd->poster;
	s->text = rd->r->fallback;
	return NULL;
}

static const char *
write_body(const struct reading *rd)
{
	const char *out = NULL;
	struct buf b;

	buf_init(&b, BODY_CAP);
	request_write_save(&b, rd->r, rd->im->key);
	if (buf_ok(&b))
		out = arena_strdup(rd->im->a, buf_str(&b));
	buf_free(&b);
	return out;
}

/* Answers of A have names without hyphens. What was made in B or C may have neither subject nor
 * fallback text, so its request is one of B. The id may stand where build_tree() looks for it: in
 * the node or in its CONTENT. */
static enum dialect
dialect_of(const struct xnode *node)
{
	const struct xnode *content = xnode_child(node, "CONTENT"),
			   *id = xnode_child(node, "MMSID");

	if (id == NULL && content != NULL)
		id = xnode_child(content, "MMSID");
	return id != NULL && id->type == XNODE_ELEMENT && strchr(id->name, '-') == NULL ?
	    DIALECT_A :
	    DIALECT_B;
}

/* Makes the request of what a node describes. Returns false when memory is short. */
static bool
read_request(struct reading *rd)
{
	struct request *r = rd->r = build_tree(rd->a, rd->node, DIALECT_C);

	if (r == NULL)
		return false;
	build_tree_rest(rd->a, r);
	rd->poster = text_of(rd->a, rd->node, "POSTER_URL");
	r->name = r->name == NULL ? text_of(rd->a, rd->node, LISTED_NAME) : r->name;
	r->subject = r->subject == NULL ? text_of(rd->a, rd->node, LISTED_SUBJECT) : r->subject;
	r->name = r->name == NULL || request_wrong(r->name) ? r->mmsid : r->name;
	if (!rd->im->own_reference || r->reference == NULL || request_wrong(r->reference))
		r->reference = r->mmsid;
	return !arena_failed(rd->a);
}

/* Adds the template that a node describes. Returns false with the reason in *why, or with NULL
 * there when memory is short. */
static bool
add(struct reading *rd, const struct xnode *node, const char **why)
{
	struct import *im = rd->im;
	struct import_item *it = &im->item[im->n];
	const char *reason, *name, *date = text_of(rd->a, node, "DATE_CREATED");

	if (im->n >= IMPORT_ITEMS)
		return *why = "there are too many templates for one run", false;
	rd->node = node;
	if (!read_request(rd))
		return false;
	if (!usable(rd->r->mmsid)) {
		im->unnamed++;
		return true;
	}
	*it = (struct import_item){ .order = im->n++, .described = rd->r->nslide > 0 };
	im->described += it->described;
	im->listed += !it->described;
	it->dialect = dialect_of(node);
	it->created = date != NULL ? clock_parse(date) : -1;
	it->old = arena_strdup(im->a, rd->r->mmsid);
	name = import_name(rd->a, rd->r->name);
	it->name = name != NULL ? arena_strdup(im->a, name) : NULL;
	reason = misplaced(rd) ? "slides of it stand where none are looked for" :
	    it->described      ? wrong_slides(rd) :
				 from_poster(rd);
	if (reason != NULL)
		it->why = arena_strdup(im->a, reason);
	else
		it->body = write_body(rd);
	if (it->body != NULL && it->described && take_renditions(rd) &&
	    (it->spare = write_body(rd)) == NULL)
		return false;
	return it->old != NULL && it->name != NULL && (it->body != NULL || it->why != NULL) &&
	    !arena_failed(rd->a);
}

/* Returns the code of an answer that failed, with a colon before it; "" if it has none that has
 * the form of a code. */
static const char *
code_of(const struct reading *rd, const struct xnode *root)
{
	const char *code = text_of(rd->a, root, "ERRORCODE");

	if (code == NULL || strlen(code) > IMPORT_CODE || !ascii_only(code, ASCII_ALNUM))
		return "";
	return arena_printf(rd->a, ": %s", code);
}

/* Adds what the document has. */
static bool
add_all(struct reading *rd, const struct xnode *root, const char **why)
{
	const char *status = text_of(rd->a, root, "STATUS"),
		   *total = text_of(rd->a, root, "TOTAL_RESULTS");
	size_t found = 0;
	uint64_t n;

	*why = NULL;
	if (status != NULL && strcasecmp(status, "Success") != 0) {
		const char *code = code_of(rd, root);

		if (code != NULL)
			*why = arena_printf(rd->im->a, "it is the answer to a call that failed%s",
			    code);
		return false;
	}
	for (const struct xnode *c = root->child; c != NULL; c = c->next) {
		if (!fold_same(c->name, TEMPLATE))
			continue;
		found++;
		if (!add(rd, c, why))
			return false;
	}
	if (total != NULL && num_u64(total, 0, UINT64_MAX, &n) && n > rd->im->total)
		rd->im->total = n;
	if (found > 0 || total != NULL)
		return true;
	if (xnode_child(root, "MMSID") == NULL)
		return *why = "it tells of no template", false;
	return add(rd, root, why);
}

bool
import_read(struct import *im, const char *p, size_t n, const char **why)
{
	struct reading rd = { .im = im, .a = arena_new(TREE_CAP) };
	const struct charset_in in = { .p = p, .n = n, .named = "" };
	enum document_form form = document_form(p, n);
	struct failure f = { .code = E503 };
	struct xnode *root = NULL;
	bool ok = false;

	*why = NULL;
	if (rd.a != NULL && form == DOCUMENT_OTHER)
		*why = "it is neither XML nor JSON";
	else if (rd.a != NULL)
		root = form == DOCUMENT_XML ? document_xml(rd.a, &in, true, &f) :
					      document_json(rd.a, &in, &f);
	if (root != NULL)
		ok = add_all(&rd, root, why);
	else if (*why == NULL && f.code == E108)
		*why = arena_strdup(im->a, f.detail);
	arena_free(&rd.a);
	return ok;
}
