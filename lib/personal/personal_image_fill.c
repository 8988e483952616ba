/*
 * personal_image_fill: fills in the merge tags of the texts of a personal image. Pure.
 *
 * Every piece of a text, value or not, keeps the direction it sets to itself: what it opens
 * (Unicode UAX #9: embeddings, overrides, isolates) is closed at its end, and what it closes
 * without having opened it is left out.
 */
#include "personal/personal_image.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/mergetag.h"
#include "model/text.h"
#include "personal/render_session.h"

enum {
	LRE = 0x202a,
	RLE = 0x202b,
	PDF = 0x202c,
	LRO = 0x202d,
	RLO = 0x202e,
	LRI = 0x2066,
	RLI = 0x2067,
	FSI = 0x2068,
	PDI = 0x2069,
	DEPTH = 60 /* UAX #9 has 125 levels; openers beyond this depth are left out */
};

static void
put_char(struct buf *out, uint32_t c)
{
	char utf8[4];

	buf_add(out, utf8, text_put(c, utf8));
}

static uint32_t
closer_of(uint32_t c)
{
	if (c == LRE || c == RLE || c == LRO || c == RLO)
		return PDF;
	return c >= LRI && c <= FSI ? PDI : 0;
}

/* Tells whether c fits into RENDER_TEXT, together with the closers still due. */
static bool
room(const struct buf *out, unsigned depth)
{
	return out->len + 4 + 3 * (size_t)(depth + 1) <= RENDER_TEXT;
}

/* Appends one piece of a text: n bytes of valid UTF-8. What exceeds RENDER_TEXT is cut off. */
static void
put_text(struct buf *out, const char *p, size_t n)
{
	uint32_t open[DEPTH];
	unsigned depth = 0;
	struct buf plain;
	const char *s;

	buf_init(&plain, n + 1);
	mergetag_plain(&plain, p, n);
	out->failed |= !buf_ok(&plain);
	for (s = buf_str(&plain); *s != '\0' && room(out, depth);) {
		uint32_t c = text_take(&s), closer = closer_of(c);

		if (closer != 0 && depth == DEPTH)
			continue;
		if (closer != 0)
			open[depth++] = closer;
		else if ((c == PDF || c == PDI) && (depth == 0 || open[depth - 1] != c))
			continue;
		else if (c == PDF || c == PDI)
			depth--;
		put_char(out, c);
	}
	while (depth > 0)
		put_char(out, open[--depth]);
	buf_free(&plain);
}

/* Fills in one text. *out is NULL for a text without tags, and "" for one that exceeds
 * RENDER_TEXT. Returns false if memory is short. */
static bool
fill(const struct personal_image_want *w, struct arena *a, const char *text, mergetag_put *put,
    const char **out)
{
	struct buf b;

	*out = NULL;
	if (!image_text_varies(text))
		return true;
	buf_init(&b, RENDER_TEXT);
	mergetag_fill(&b, text, w->var, w->nvar, put);
	if (buf_ok(&b))
		*out = arena_memdup(a, buf_str(&b), b.len);
	else if (b.full)
		*out = ""; /* the caller notices it */
	buf_free(&b);
	return *out != NULL;
}

static void
put_code(struct buf *out, const char *p, size_t n)
{
	buf_add(out, p, n);
}

/* Fills in the text of the barcode. Nothing is cut or left out of it except the blanks around it.
 * Returns false if memory is short, or, with why set, if the value is empty or too long. */
static bool
fill_code(const struct personal_image_want *w, struct arena *a, const char **out,
    char why[TRANSCODE_WHY])
{
	char *copy;

	if (!fill(w, a, w->it->barcode->text, put_code, out))
		return false;
	if (*out == NULL)
		return true;
	if ((copy = arena_strdup(a, *out)) == NULL)
		return false;
	*out = text_trim(copy);
	if ((*out)[0] != '\0')
		return true;
	(void)snprintf(why, TRANSCODE_WHY, "%s barcode: the value is empty or longer than %d bytes",
	    image_code_name(w->it->barcode->type), RENDER_TEXT);
	return false;
}

bool
personal_image_fill(const struct personal_image_want *w, struct arena *a, struct render_values *v,
    char why[TRANSCODE_WHY])
{
	const struct image_template *it = w->it;

	why[0] = '\0';
	memset(v, 0, sizeof *v);
	for (size_t i = 0; i < it->narea; i++)
		if (!fill(w, a, it->area[i].text, put_text, &v->text[i]))
			return false;
	return it->barcode == NULL ||
	    (fill(w, a, it->barcode->caption, put_text, &v->caption) &&
		fill_code(w, a, &v->code, why));
}
