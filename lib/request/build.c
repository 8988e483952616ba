/* build: see build.h */
#include "request/build.h"

#include "base/arena.h"
#include "model/fold.h"
#include "model/text.h"

static const struct field fields[] = {
#define FIELD(name, element, type) { element, offsetof(struct request, name), FIELD_##type },
#include "model/request.def"
#undef FIELD
};

static const struct alias {
	const char *element;
	size_t offset;
} aliases[] = {
#define ALIAS(name, element) { element, offsetof(struct request, name) },
#include "model/request.def"
#undef ALIAS
};

static const struct {
	const char *element;
	enum part part;
} parts[] = {
#define PART(part, element) { element, PART_##part },
#include "model/request.def"
#undef PART
};

enum {
	FIELDS = sizeof fields / sizeof fields[0],
	ALIASES = sizeof aliases / sizeof aliases[0],
	PARTS = sizeof parts / sizeof parts[0]
};

const char request_wrong_type[1] = "";

const struct field *
build_field(const char *name)
{
	const struct alias *alias = NULL;

	for (size_t i = 0; i < ALIASES; i++)
		if (fold_same(aliases[i].element, name))
			alias = &aliases[i];
	for (const struct field *f = fields; f < fields + FIELDS; f++)
		if (alias != NULL ? f->offset == alias->offset : fold_same(f->element, name))
			return f;
	return NULL;
}

enum part
build_part(const char *name)
{
	for (size_t i = 0; i < PARTS; i++)
		if (fold_same(parts[i].element, name))
			return parts[i].part;
	return PART_NONE;
}

const char **
build_slot(struct request *r, const struct field *f)
{
	return (const char **)(void *)((char *)r + f->offset);
}

struct request *
build_new(struct arena *a)
{
	struct request *r = arena_zalloc(a, sizeof *r);

	if (r == NULL)
		return NULL;
	r->slide = arena_array(a, REQUEST_SLIDES + 1, sizeof *r->slide);
	r->custom = arena_array(a, REQUEST_TEXTS + 1, sizeof *r->custom);
	r->data = arena_array(a, REQUEST_DATA + 1, sizeof *r->data);
	return r->slide != NULL && r->custom != NULL && r->data != NULL ? r : NULL;
}

struct request_slide *
build_slide(struct request *r)
{
	struct request_slide
	    *s = &r->slide[r->nslide < REQUEST_SLIDES ? r->nslide : REQUEST_SLIDES];

	r->nslide++;
	return s;
}

struct request_text *
build_custom(struct request *r)
{
	struct request_text
	    *t = &r->custom[r->ncustom < REQUEST_TEXTS ? r->ncustom : REQUEST_TEXTS];

	r->ncustom++;
	return t;
}

void
build_data(struct request *r, const char *name, char *value)
{
	if (value == NULL)
		return; /* memory is short */
	r->data[r->ndata < REQUEST_DATA ? r->ndata : REQUEST_DATA] = (struct request_var){ name,
		text_trim(value) };
	r->ndata++;
}

void
build_take(const char **slot, char *value)
{
	char *v = value != NULL ? text_trim(value) : NULL;

	if (*slot == NULL && v != NULL && *v != '\0')
		*slot = v;
}

void
build_note_order(struct request_slide *s)
{
	if ((s->url[KIND_IMAGE] != NULL || s->part[KIND_IMAGE] != NULL) &&
	    s->image_template == NULL)
		s->image_first = true;
}
