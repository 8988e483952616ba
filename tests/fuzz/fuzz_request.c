/*
 * fuzz_request: an XML body from its bytes to a checked template: charset, xmlscan,
 * xmltree, request_read(), validate_save().
 *
 * Promises looked after: converted text is valid UTF-8 of the length said, with a
 * NUL behind it; a refusal has a reason; all text of a request is valid UTF-8; a
 * template that passed is one the store can keep and read again.
 */
#include "fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/text.h"
#include "request/charset.h"
#include "request/request.h"
#include "request/validate.h"
#include "request/xmlscan.h"
#include "request/json_tree.h"
#include "request/xmltree.h"

static void
valid(const char *s)
{
	MUST(s == NULL || text_valid(s, strlen(s)));
}

static void
check_tree(struct arena *a, const struct xnode *n, unsigned depth)
{
	const char *all;

	for (; n != NULL; n = n->next) {
		MUST(depth <= XMLSCAN_DEPTH);
		MUST(n->name != NULL && n->text != NULL);
		valid(n->name);
		valid(n->text);
		MUST(n->parent == NULL || n->at <= strlen(n->parent->text));
		MUST((all = xnode_all_text(a, n)) != NULL || arena_failed(a));
		valid(all);
		MUST(all == NULL || strlen(all) >= strlen(n->text));
		for (const struct xattr *at = n->attr; at != NULL; at = at->next)
			MUST(at->name != NULL && at->value != NULL);
		check_tree(a, n->child, depth + 1);
	}
}

/* The text of a form in the same charset. */
static void
check_text(struct arena *a, const struct charset_in *in)
{
	const char *why = NULL;
	size_t len = 0;
	char *text = charset_text_to_utf8(a, in, &len, &why);

	if (text != NULL)
		MUST(text[len] == '\0' && text_valid(text, len));
	else
		MUST(why != NULL || arena_failed(a));
}

/* The parts by themselves: a text that is refused by one may be taken by another. The length of
 * the input chooses what its Content-Type says. */
static void
parts(struct arena *a, const char *body, size_t n)
{
	static const char *const charsets[] = { "", "utf-16", "Shift_JIS", "gb18030", "big5",
		"euc-kr", "euc-jp", "windows-1258", "iso-8859-7", "utf-16le", "?" };
	const struct charset_in in = { .p = body,
		.n = n,
		.named = charsets[n % (sizeof charsets / sizeof charsets[0])],
		.decoded = n / 2 % 2 == 0 };
	const char *why = NULL;
	unsigned line = 0;
	size_t len = 0;
	char *text = charset_xml_to_utf8(a, &in, &len, &why);
	struct xnode *root;

	check_text(a, &in);

	if (text == NULL) {
		MUST(why != NULL || arena_failed(a));
		return;
	}
	MUST(text[len] == '\0' && text_valid(text, len));
	if (xmlscan(text, len, &line) != NULL)
		return;
	why = NULL;
	root = xmltree_parse(a, text, len, &why);
	MUST(root != NULL || why != NULL || arena_failed(a));
	if (root != NULL)
		check_tree(a, root, 1);
}

/* The same request as one that sends what it saves: a message that passed is one the store
 * can keep and read again. */
static void
check_send(struct arena *a, const struct request *r, const struct settings *s,
    const struct template *t)
{
	static struct account ac = { .id = 1, .senders = "12345" };
	const struct send_env env = { .settings = s, .account = &ac, .template = t };
	struct failure f = { .code = E_NONE };
	struct message *m;
	struct buf b;

	for (size_t i = 0; i < r->ncustom && i < REQUEST_TEXTS; i++)
		valid(r->custom[i].text);
	for (size_t i = 0; i < r->ndata && i < REQUEST_DATA; i++) {
		valid(r->data[i].name);
		valid(r->data[i].value);
	}
	m = validate_send(a, r, &env, &f);
	MUST(m != NULL ? f.code == E_NONE : f.code != E_NONE);
	if (m == NULL)
		return;
	buf_init(&b, FUZZ_MEMORY);
	message_encode(m, &b);
	MUST(!buf_ok(&b) || message_decode(a, b.p, b.len) != NULL || arena_failed(a));
	buf_free(&b);
}

static void
check_request(struct arena *a, const struct request *r, const struct settings *s)
{
	const struct validate_env env = { .settings = s };
	struct failure f = { .code = E_NONE };
	const struct template *t;

#define FIELD(name, element, type) valid(r->name);
#include "model/request.def"
#undef FIELD
	for (size_t i = 0; i < r->nslide && i < REQUEST_SLIDES; i++) {
		for (size_t k = 0; k < KIND_COUNT; k++)
			valid(r->slide[i].url[k]);
		valid(r->slide[i].image_template);
		valid(r->slide[i].text);
		valid(r->slide[i].duration);
	}
	t = validate_save(a, r, &env, &f);
	MUST(t != NULL ? f.code == E_NONE : f.code != E_NONE);
	if (t == NULL)
		return;
	MUST(t->nslide >= 1 && t->nslide <= s->max_slides);
	check_send(a, r, s, t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings settings;
	const struct request_bytes in = { .post = true,
		.home = (enum dialect)(size % DIALECTS),
		.content_type = "text/xml",
		.body = (const char *)data,
		.len = size };
	struct arena *a = arena_new(FUZZ_MEMORY);
	const struct request *r;
	struct failure f;

	if (a == NULL)
		return 0;
	if (settings.nclass == 0) {
		settings_defaults(&settings, "/nonexistent");
		xmltree_init();
		json_tree_init();
	}
	r = request_read(a, &in, &f);
	MUST(r != NULL ? f.code == E_NONE : f.code == E100 || f.code == E108 || f.code == E503);
	if (r != NULL)
		check_request(a, r, &settings);
	parts(a, (const char *)data, size);
	arena_free(&a);
	return 0;
}
