/* choose: see choose.h */
#include "choose.h"

#include <string.h>

#include "arena.h"

struct search {
	struct arena *a;
	const struct decision *d;
	struct compose_in in;
	choose_picture_fn *picture;
	void *ctx;
	struct choice *out;
};

enum found { FOUND, TOO_LARGE, ENDED };

static enum found
try_class(struct search *s, const struct class *c, unsigned attach)
{
	struct compose_picture *pic = s->picture != NULL ? arena_zalloc(s->a, sizeof *pic) : NULL;
	const struct composed *mms;

	s->in.class = c->name;
	s->in.attach = attach;
	s->in.picture = pic;
	if (s->picture != NULL && pic == NULL)
		return ENDED;
	if (pic != NULL) {
		enum choose_picture rc = s->picture(s->ctx, c, pic);

		if (rc != CHOOSE_PICTURE)
			return rc == CHOOSE_SMALLER ? TOO_LARGE : ENDED;
	}
	if ((mms = compose(s->a, &s->in)) == NULL)
		return ENDED;
	if (mms->bytes > s->d->limit)
		return TOO_LARGE;
	*s->out = (struct choice){ mms, c, attach };
	return FOUND;
}

bool
choose(struct arena *a, const struct decision *d, const struct compose_in *base, choose_picture_fn *picture,
    void *ctx, struct choice *out)
{
	const unsigned attach[] = { d->attach, d->attach & (1U << KIND_VCARD) };
	struct search s = { a, d, *base, picture, ctx, out };
	enum found found = TOO_LARGE;

	memset(out, 0, sizeof *out);
	for (int i = 0; found == TOO_LARGE && i < 2 && (i == 0 || attach[1] != attach[0]); i++)
		for (unsigned k = 0; found == TOO_LARGE && k < d->nclass; k++)
			found = try_class(&s, d->class[k], attach[i]);
	return found != ENDED;
}
