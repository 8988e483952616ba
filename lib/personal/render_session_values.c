/* render_session_values: the texts that a request of render_session.h carries. Pure. */
#include "personal/render_session.h"

#include <stdio.h>
#include <string.h>

#include "base/record.h"
#include "personal/render_session_values.h"

static const struct record_form record_form = { "card", RENDER_VERSION };

const char *
render_ask_bad(const struct render_ask *ask)
{
	if (ask->version != RENDER_VERSION)
		return "the request is from another version of savemms";
	if (ask->what >= RENDER_WHATS)
		return "the request is of an unknown kind";
	if (ask->bytes == 0 || ask->bytes > RENDER_ASK)
		return "the request has no text, or too much";
	if (ask->what == RENDER_DRAW &&
	    (ask->box == 0 || ask->max_bytes == 0 || ask->max_bytes > RENDER_IMAGE))
		return "the request has no box or no size";
	return NULL;
}

unsigned
render_sessions(unsigned jobs)
{
	return jobs < 1 ? 3 : jobs < 62 ? jobs + 2 : 64;
}

void
render_values_encode(const struct render_values *v, struct buf *out)
{
	char key[8];

	record_start(out, &record_form);
	for (int i = 0; i < IMAGE_AREAS; i++) {
		(void)snprintf(key, sizeof key, "text%d", i);
		record_str(out, key, v->text[i]);
	}
	record_str(out, "code", v->code);
	record_str(out, "caption", v->caption);
	record_end(out);
}

static void
read_field(struct record *r, struct render_values *v)
{
	if (record_is(r, "code"))
		v->code = r->value;
	else if (record_is(r, "caption"))
		v->caption = r->value;
	else if (strlen(r->key) == 5 && strncmp(r->key, "text", 4) == 0 && r->key[4] >= '0' &&
	    r->key[4] < '0' + IMAGE_AREAS)
		v->text[r->key[4] - '0'] = r->value;
	else
		r->bad = true;
}

/* Tells whether there is a value if, and only if, the text varies. */
static bool
agrees(const char *value, const char *text)
{
	return (value != NULL) == (text != NULL && image_text_varies(text));
}

bool
render_values_decode(struct arena *a, const char *p, size_t n, const struct image_template *it,
    struct render_values *v)
{
	const struct image_barcode *b = it->barcode;
	struct record r;
	bool ok;

	memset(v, 0, sizeof *v);
	if (!record_open(&r, a, p, n, &record_form))
		return false;
	while (record_next(&r))
		read_field(&r, v);
	ok = record_whole(&r) && agrees(v->code, b != NULL ? b->text : NULL) &&
	    agrees(v->caption, b != NULL ? b->caption : NULL);
	for (size_t i = 0; ok && i < IMAGE_AREAS; i++)
		ok = agrees(v->text[i], i < it->narea ? it->area[i].text : NULL);
	return ok;
}
