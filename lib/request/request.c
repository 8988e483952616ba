/* request: see request.h */
#include "request/request.h"

#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/num.h"
#include "model/text.h"
#include "request/charset.h"
#include "request/mime_read.h"
#include "request/pairs.h"
#include "request/xmlscan.h"
#include "request/xmltree.h"

static const struct field {
	const char *element;
	size_t offset;
} fields[] = {
#define FIELD(name, element) { element, offsetof(struct request, name) },
#include "model/request.def"
#undef FIELD
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static const char **
field_of(struct request *r, const struct field *f)
{
	return (const char **)(void *)((char *)r + f->offset);
}

/* Sets a value that was not set before; a blank value, or NULL, counts as absent. */
static void
take(const char **slot, char *value)
{
	char *v = value != NULL ? text_trim(value) : NULL;

	if (*slot == NULL && v != NULL && *v != '\0')
		*slot = v;
}

/* Returns a new slide, or the spare one at the end when there are more slides than are kept. */
static struct request_slide *
add_slide(struct request *r)
{
	struct request_slide
	    *s = &r->slide[r->nslide < REQUEST_SLIDES ? r->nslide : REQUEST_SLIDES];

	r->nslide++;
	return s;
}

static struct request_text *
add_custom(struct request *r)
{
	struct request_text
	    *t = &r->custom[r->ncustom < REQUEST_TEXTS ? r->ncustom : REQUEST_TEXTS];

	r->ncustom++;
	return t;
}

static void
add_data(struct request *r, const char *name, char *value)
{
	if (value == NULL)
		return; /* memory is short */
	r->data[r->ndata < REQUEST_DATA ? r->ndata : REQUEST_DATA] = (struct request_var){ name,
		text_trim(value) };
	r->ndata++;
}

static struct request *
new_request(struct arena *a)
{
	struct request *r = arena_zalloc(a, sizeof *r);

	if (r == NULL)
		return NULL;
	r->slide = arena_array(a, REQUEST_SLIDES + 1, sizeof *r->slide);
	r->custom = arena_array(a, REQUEST_TEXTS + 1, sizeof *r->custom);
	r->data = arena_array(a, REQUEST_DATA + 1, sizeof *r->data);
	return r->slide != NULL && r->custom != NULL && r->data != NULL ? r : NULL;
}

/* To be called after each element of a slide. */
static void
note_order(struct request_slide *s)
{
	if (s->url[KIND_IMAGE] != NULL && s->image_template == NULL)
		s->image_first = true;
}

/* --- XML --- */

/* Takes the text of the first child of this name that holds any. Markup inside a text is dropped,
 * its words are not. Memory that is short shows in the arena. */
static void
take_child(struct arena *a, const char **slot, const struct xnode *n, const char *name)
{
	for (struct xnode *c = n->child; c != NULL; c = c->next)
		if (strcasecmp(c->name, name) == 0)
			take(slot, xnode_all_text(a, c));
}

static void
read_slide(struct arena *a, struct request *r, const struct xnode *n)
{
	struct request_slide *s = add_slide(r);
	const char *duration = xnode_attr(n, "duration");
	char *copy;

	for (struct xnode *c = n->child; c != NULL; c = c->next) {
		int kind = kind_by_element(c->name);

		if (kind >= 0)
			take_child(a, &s->url[kind], c, "URL");
		else if (strcasecmp(c->name, "PERSONALIZED-IMAGE") == 0)
			take_child(a, &s->image_template, c, "TEMPLATE-ID");
		else if (strcasecmp(c->name, "TEXT") == 0)
			take(&s->text, xnode_all_text(a, c));
		else if (strcasecmp(c->name, "DURATION") == 0)
			take(&s->duration, xnode_all_text(a, c));
		note_order(s);
	}
	if (duration != NULL && (copy = arena_strdup(a, duration)) != NULL)
		take(&s->duration, copy);
}

static void
read_slides(struct arena *a, struct request *r, const struct xnode *n)
{
	for (struct xnode *c = n->child; c != NULL; c = c->next)
		if (strcasecmp(c->name, "SLIDE") == 0)
			read_slide(a, r, c);
		else if (strcasecmp(c->name, "CONTENT") == 0 ||
		    strcasecmp(c->name, "SEQUENCE") == 0)
			read_slides(a, r, c); /* the legacy shape: CONTENT/SEQUENCE/SLIDE */
}

/* Reads CUSTOMTEXT and DATA of sendSavedMMS. */
static void
read_send(struct arena *a, struct request *r, const struct xnode *n)
{
	for (struct xnode *c = n->child; c != NULL; c = c->next)
		if (strcasecmp(c->name, "CUSTOMTEXT") == 0) {
			struct request_text *t = add_custom(r);

			take_child(a, &t->text, c, "VALUE");
			take_child(a, &t->slide, c, "SLIDE");
		} else if (strcasecmp(c->name, "DATA") == 0) {
			for (struct xnode *v = c->child; v != NULL; v = v->next)
				add_data(r, v->name, xnode_all_text(a, v));
		}
}

static void
read_fields(struct arena *a, struct request *r, const struct xnode *n)
{
	for (const struct field *f = fields; f < fields + FIELDS; f++)
		take_child(a, field_of(r, f), n, f->element);
}

static struct request *
from_tree(struct arena *a, const struct xnode *root)
{
	struct request *r = new_request(a);
	const struct xnode *content;

	if (r == NULL)
		return NULL;
	read_fields(a, r, root);
	if ((content = xnode_child(root, "CONTENT")) != NULL)
		read_fields(a, r, content); /* the legacy shape: CONTENT/NAME */
	r->root = root;
	return r;
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

static struct request *
from_xml(struct arena *a, const struct charset_in *in, struct failure *f)
{
	struct request *r;
	struct xnode *root;
	const char *why;
	unsigned line;
	size_t len;
	char *text = charset_xml_to_utf8(a, in, &len, &why);

	if (text == NULL)
		return fail_text(a, f, why, " at line 1");
	if ((why = xmlscan(text, len, &line)) != NULL)
		return fail(f, E108, arena_printf(a, "%s at line %u", why, line));
	if ((root = xmltree_parse(a, text, len, &why)) == NULL)
		return fail(f, why != NULL ? E108 : E503, why);
	if (strcasecmp(root->name, "REQUEST") != 0)
		return fail(f, E100, NULL);
	if ((r = from_tree(a, root)) == NULL || arena_failed(a))
		return fail(f, E503, NULL);
	return r;
}

/* --- pairs --- */

enum { SLIDE_NUMBER_MAX = 9999 };

/* Takes "customtext_N" and "data_NAME" of sendSavedMMS. */
static void
take_send_pair(struct request *r, const struct pair *p)
{
	if (strncasecmp(p->name, "customtext_", 11) == 0) {
		struct request_text *t = add_custom(r);

		t->slide = p->name + 11;
		take(&t->text, p->value);
	} else if (strncasecmp(p->name, "data_", 5) == 0) {
		add_data(r, p->name + 5, p->value);
	}
}

/* Splits the name "slide_N_what": returns N and sets *what. Returns 0 for any other name. */
static unsigned
slide_number(const char *name, const char **what)
{
	char digits[8];
	uint64_t n;
	size_t len;

	if (strncasecmp(name, "slide_", 6) != 0)
		return 0;
	name += 6;
	len = strspn(name, ASCII_DIGITS);
	if (len == 0 || len >= sizeof digits || name[len] != '_')
		return 0;
	memcpy(digits, name, len);
	digits[len] = '\0';
	*what = name + len + 1;
	return num_u64(digits, 1, SLIDE_NUMBER_MAX, &n) ? (unsigned)n : 0;
}

static void
take_slide_pair(struct request_slide *s, const char *what, char *value)
{
	int kind = kind_by_element(what);

	if (kind >= 0)
		take(&s->url[kind], value);
	else if (strcasecmp(what, "personalized_image") == 0)
		take(&s->image_template, value);
	else if (strcasecmp(what, "text") == 0)
		take(&s->text, value);
	else if (strcasecmp(what, "duration") == 0)
		take(&s->duration, value);
	note_order(s);
}

/* The slide that each number of the names stands for, plus one; 0: none. */
struct slide_map {
	uint16_t at[SLIDE_NUMBER_MAX + 1];
};

/* Adds a slide for each number whose slide has something in it, in the order of the numbers. A form
 * also sends the fields that were left empty. Two passes, however many pairs and slides there
 * are. */
static void
add_slides(struct request *r, const struct pairs *ps, struct slide_map *map)
{
	const char *what;

	for (size_t i = 0; i < ps->n; i++)
		if (ps->v[i].value[strspn(ps->v[i].value, " \t\r\n")] != '\0')
			map->at[slide_number(ps->v[i].name, &what)] = 1;
	for (unsigned n = 1; n <= SLIDE_NUMBER_MAX; n++)
		if (map->at[n] != 0)
			map->at[n] = (uint16_t)(add_slide(r) - r->slide + 1);
}

static bool
read_slide_pairs(struct arena *a, struct request *r, const struct pairs *ps)
{
	struct slide_map *map = arena_zalloc(a, sizeof *map);
	const char *what;
	unsigned n;

	if (map == NULL)
		return false;
	add_slides(r, ps, map);
	for (size_t i = 0; i < ps->n; i++)
		if ((n = slide_number(ps->v[i].name, &what)) != 0 && map->at[n] != 0)
			take_slide_pair(&r->slide[map->at[n] - 1], what, ps->v[i].value);
	return true;
}

static struct request *
from_pairs(struct arena *a, const struct pairs *ps, struct failure *f)
{
	struct request *r = new_request(a);

	if (r == NULL)
		return fail(f, E503, NULL);
	for (const struct field *fd = fields; fd < fields + FIELDS; fd++)
		for (size_t i = 0; i < ps->n; i++)
			if (strcasecmp(ps->v[i].name, fd->element) == 0)
				take(field_of(r, fd), ps->v[i].value);
	r->pairs = *ps;
	return r;
}

bool
request_read_rest(struct arena *a, struct request *r)
{
	if (r->root != NULL) {
		read_slides(a, r, r->root);
		read_send(a, r, r->root);
	}
	for (size_t i = 0; i < r->pairs.n; i++)
		take_send_pair(r, &r->pairs.v[i]);
	return (r->pairs.n == 0 || read_slide_pairs(a, r, &r->pairs)) && !arena_failed(a);
}

/* --- which form the request has --- */

static bool
looks_like_xml(const char *p, size_t n)
{
	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		p += 3;
		n -= 3;
	}
	if (n >= 4 &&
	    (memcmp(p, "\xff\xfe<", 3) == 0 || memcmp(p, "\xfe\xff\0<", 4) == 0 ||
		memcmp(p, "\0<", 2) == 0))
		return true; /* UTF-16 */
	for (; n > 0 && strchr(" \t\r\n", *p) != NULL && *p != '\0'; p++)
		n--;
	return n > 0 && *p == '<';
}

struct request *
request_read(struct arena *a, const struct request_bytes *in, struct failure *f)
{
	struct request *r = request_read_head(a, in, f);

	return r != NULL && !request_read_rest(a, r) ? fail(f, E503, NULL) : r;
}

struct request *
request_read_head(struct arena *a, const struct request_bytes *in, struct failure *f)
{
	const char *type = in->content_type, *why;
	char charset[CHARSET_NAME];
	struct pairs ps = { 0 };
	const struct pair *xml;
	bool ok;

	*f = (struct failure){ 0 };
	if (!in->post || !mime_parameter(type, strlen(type), "charset", charset, sizeof charset))
		charset[0] = '\0';
	if (in->post && looks_like_xml(in->body, in->len))
		return from_xml(a,
		    &(struct charset_in){ .p = in->body, .n = in->len, .named = charset }, f);
	if (!in->post)
		ok = pairs_from_form(a, in->query, strlen(in->query), &ps);
	else if (mime_is(type, "application/x-www-form-urlencoded"))
		ok = pairs_from_form(a, in->body, in->len, &ps);
	else if (mime_is(type, "multipart/form-data"))
		ok = pairs_from_multipart(a, type, in->body, in->len, &ps);
	else
		ok = false;
	if (!ok)
		return fail(f, arena_failed(a) ? E503 : E100, NULL);
	if (in->post && (xml = pairs_find(&ps, "xml")) != NULL)
		return from_xml(a,
		    &(struct charset_in){ .p = xml->value,
			.n = xml->len,
			.named = xml->charset[0] != '\0' ? xml->charset : charset,
			.decoded = xml->file == NULL },
		    f);
	if (!pairs_decode(a, &ps, charset, &why))
		return fail_text(a, f, why, "");
	return from_pairs(a, &ps, f);
}
