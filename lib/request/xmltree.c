/*
 * xmltree: see xmltree.h. This is the only file that includes libxml2.
 *
 * Every complaint of the parser, and every sign of missing memory, makes the whole parse fail,
 * because libxml2 can hand over a document with parts missing.
 */
#include "request/xmltree.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/fold.h"
#include "request/xmlscan.h"

struct building {
	struct arena *arena;
	struct xnode *root, *at; /* at: the element that is open */
	/* The text of each open element as far as it has come: joining it to the element child
	 * by child would need memory that grows with the square of the document. */
	struct buf text[XMLSCAN_DEPTH];
	size_t depth;        /* elements that are open */
	bool failed;         /* memory was short */
	const char *refused; /* our reason to refuse the text */
};

/* Gives the open element its text, in one piece. */
static void
settle_text(struct building *b)
{
	struct buf *text = &b->text[b->depth - 1];

	if (text->len > 0 && (b->at->text = arena_memdup(b->arena, text->p, text->len)) == NULL)
		b->failed = true;
	buf_reset(text);
}

static void
add_attributes(struct building *b, struct xnode *n, const xmlChar **attr)
{
	for (; attr != NULL && attr[0] != NULL && !b->failed; attr += 2) {
		struct xattr *x = arena_zalloc(b->arena, sizeof *x);

		if (x == NULL ||
		    (x->name = arena_strdup(b->arena, (const char *)attr[0])) == NULL ||
		    (x->value = arena_strdup(b->arena,
			 attr[1] != NULL ? (const char *)attr[1] : "")) == NULL) {
			b->failed = true;
			return;
		}
		x->next = n->attr;
		n->attr = x;
	}
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar **attr)
{
	struct building *b = ((xmlParserCtxtPtr)ctx)->_private;
	struct xnode *n = arena_zalloc(b->arena, sizeof *n), **link;

	if (b->depth == XMLSCAN_DEPTH) {
		b->refused = "elements are nested too deeply";
		xmlStopParser(ctx);
		return;
	}
	if (n == NULL || (n->name = arena_strdup(b->arena, (const char *)name)) == NULL ||
	    (n->text = arena_zalloc(b->arena, 1)) == NULL) {
		b->failed = true;
		xmlStopParser(ctx);
		return;
	}
	add_attributes(b, n, attr);
	n->parent = b->at;
	n->at = b->depth > 0 ? b->text[b->depth - 1].len : 0;
	link = b->at != NULL ? &b->at->child : &b->root;
	while (*link != NULL)
		link = &(*link)->next;
	*link = n;
	b->at = n;
	b->depth++;
}

static void
on_end(void *ctx, const xmlChar *name)
{
	struct building *b = ((xmlParserCtxtPtr)ctx)->_private;

	(void)name;
	if (b->at == NULL)
		return;
	settle_text(b);
	b->at = b->at->parent;
	b->depth--;
}

static void
on_text(void *ctx, const xmlChar *p, int n)
{
	struct building *b = ((xmlParserCtxtPtr)ctx)->_private;

	struct buf *text = b->depth > 0 ? &b->text[b->depth - 1] : NULL;

	if (text == NULL)
		return;
	buf_add(text, p, (size_t)n);
	if (!buf_ok(text))
		b->failed = true;
}

static xmlEntityPtr
on_entity(void *ctx, const xmlChar *name)
{
	(void)ctx;
	return xmlGetPredefinedEntity(name); /* any other is "not defined" */
}

static void
on_dtd(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	struct building *b = ((xmlParserCtxtPtr)ctx)->_private;

	(void)name;
	(void)external;
	(void)system;
	b->refused = "a document type is not allowed";
	xmlStopParser(ctx);
}

static xmlParserInputPtr
load_nothing(const char *url, const char *id, xmlParserCtxtPtr ctxt)
{
	(void)url;
	(void)id;
	(void)ctxt;
	return NULL;
}

void
xmltree_init(void)
{
	xmlInitParser();
	xmlSetExternalEntityLoader(load_nothing);
}

/* Returns the parser's complaint as one line, without a line break. */
static const char *
complaint(struct arena *a, xmlParserCtxtPtr ctxt)
{
	xmlErrorPtr e = xmlCtxtGetLastError(ctxt);
	const char *msg = e != NULL && e->message != NULL ? e->message : "not well formed";

	return arena_printf(a, "%.*s at line %d", (int)strcspn(msg, "\r\n"), msg,
	    e != NULL ? e->line : 1);
}

static struct xnode *
run(struct building *b, xmlParserCtxtPtr ctxt, const char *p, size_t n, const char **why)
{
	xmlSAXHandler *sax = ctxt->sax;

	memset(sax, 0, sizeof *sax);
	sax->startElement = on_start;
	sax->endElement = on_end;
	sax->characters = sax->cdataBlock = sax->ignorableWhitespace = on_text;
	sax->getEntity = on_entity;
	sax->internalSubset = on_dtd;
	ctxt->_private = b;
	(void)xmlCtxtUseOptions(ctxt,
	    /* NOENT: the five entities of XML, which are all that on_entity() knows, become
	     * characters in attributes, too */
	    XML_PARSE_NONET | XML_PARSE_NOENT | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
		XML_PARSE_IGNORE_ENC | XML_PARSE_SAX1);
	(void)xmlParseChunk(ctxt, p, (int)n, 1);
	*why = NULL;
	if (b->refused != NULL)
		*why = b->refused;
	else if (b->failed || ctxt->errNo == XML_ERR_NO_MEMORY)
		return NULL;
	else if (!ctxt->wellFormed || ctxt->errNo != XML_ERR_OK ||
	    xmlCtxtGetLastError(ctxt) != NULL)
		*why = complaint(b->arena, ctxt);
	return *why == NULL ? b->root : NULL;
}

struct xnode *
xmltree_parse(struct arena *a, const char *p, size_t n, const char **why)
{
	struct building b = { .arena = a };
	struct xnode *root = NULL;
	xmlParserCtxtPtr ctxt;

	*why = NULL;
	for (int i = 0; i < XMLSCAN_DEPTH; i++)
		buf_init(&b.text[i], n + 16);
	ctxt = xmlCreatePushParserCtxt(NULL, NULL, NULL, 0, NULL);
	if (ctxt != NULL)
		root = run(&b, ctxt, p, n, why);
	xmlFreeParserCtxt(ctxt);
	for (int i = 0; i < XMLSCAN_DEPTH; i++)
		buf_free(&b.text[i]);
	return root;
}

/* Writes the text of an element and of all inside it to w, or only counts it if w is NULL.
 * Returns its length. The parser limits the depth to XMLSCAN_DEPTH. */
static size_t
all_text(const struct xnode *n, char *w)
{
	size_t from = 0, len = 0, part;

	for (const struct xnode *c = n->child; c != NULL; c = c->next) {
		part = c->at - from;
		if (w != NULL && part > 0)
			memcpy(w + len, n->text + from, part);
		from = c->at;
		len += part;
		len += all_text(c, w != NULL ? w + len : NULL);
	}
	part = strlen(n->text + from);
	if (w != NULL && part > 0)
		memcpy(w + len, n->text + from, part);
	return len + part;
}

char *
xnode_all_text(struct arena *a, const struct xnode *n)
{
	char *out;

	if (n->child == NULL)
		return n->text;
	if ((out = arena_zalloc(a, all_text(n, NULL) + 1)) != NULL)
		(void)all_text(n, out);
	return out;
}

struct xnode *
xnode_child(const struct xnode *n, const char *name)
{
	struct xnode *c = n->child;

	while (c != NULL && !fold_same(c->name, name))
		c = c->next;
	return c;
}

const char *
xnode_attr(const struct xnode *n, const char *name)
{
	for (const struct xattr *x = n->attr; x != NULL; x = x->next)
		if (strcasecmp(x->name, name) == 0)
			return x->value;
	return NULL;
}
