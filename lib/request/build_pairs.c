/* build_pairs: reads pairs into a request. See build.h. */
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/num.h"
#include "model/fold.h"
#include "request/build.h"
#include "request/pairs.h"

enum { SLIDE_NUMBER_MAX = 9999 };

/* Takes "customtext_N" and "data_NAME" of sendSavedMMS. */
static void
take_send_pair(struct request *r, const struct pair *p)
{
	const char *rest;

	if ((rest = fold_after(p->name, "CUSTOMTEXT")) != NULL && (*rest == '_' || *rest == '-')) {
		struct request_text *t = build_custom(r);

		t->slide = rest + 1;
		build_take(&t->text, p->value);
	} else if ((rest = fold_after(p->name, "DATA")) != NULL && (*rest == '_' || *rest == '-')) {
		build_data(r, rest + 1, p->value);
	}
}

/* Splits the name "slide_N_what": returns N and sets *what. Returns 0 for any other name. */
static unsigned
slide_number(const char *name, const char **what)
{
	char digits[8];
	uint64_t n;
	size_t len;

	if ((name = fold_after(name, "SLIDE")) == NULL)
		return 0;
	name += strspn(name, "-_");
	len = strspn(name, ASCII_DIGITS);
	if (len == 0 || len >= sizeof digits || name[len] == '\0')
		return 0;
	memcpy(digits, name, len);
	digits[len] = '\0';
	*what = name + len + strspn(name + len, "-_");
	return num_u64(digits, 1, SLIDE_NUMBER_MAX, &n) ? (unsigned)n : 0;
}

static void
take_slide_pair(struct request_slide *s, const char *what, char *value)
{
	int kind = kind_by_element(what);
	enum part part = build_part(what);

	if (kind >= 0)
		build_take(&s->url[kind], value);
	else if (part == PART_IMAGE_TEMPLATE)
		build_take(&s->image_template, value);
	else if (part == PART_TEXT)
		build_take(&s->text, value);
	else if (part == PART_DURATION)
		build_take(&s->duration, value);
	build_note_order(s);
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
			map->at[n] = (uint16_t)(build_slide(r) - r->slide + 1);
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

struct request *
build_pairs(struct arena *a, const struct pairs *ps)
{
	struct request *r = build_new(a);

	for (size_t i = 0; r != NULL && i < ps->n; i++) {
		const struct field *f = build_field(ps->v[i].name);

		if (f != NULL)
			build_take(build_slot(r, f), ps->v[i].value);
	}
	if (r != NULL)
		r->pairs = *ps;
	return r;
}

bool
build_pairs_rest(struct arena *a, struct request *r)
{
	for (size_t i = 0; i < r->pairs.n; i++)
		take_send_pair(r, &r->pairs.v[i]);
	return r->pairs.n == 0 || read_slide_pairs(a, r, &r->pairs);
}
