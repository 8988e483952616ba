/*
 * budget_rounds: the rounds after the first, and how they end. See budget.h.
 */
#include "media/budget.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/list.h"
#include "base/num.h"
#include "model/settings_value.h"

enum {
	FULL_PERCENT = 90,   /* of its budget: a class that is filled this far stays as it is */
	WORTH_PERCENT = 110, /* of what it has: a share above this is worth another try */
};

bool
budget_better(const struct rendition *a, const struct rendition *b)
{
	uint64_t pa = (uint64_t)a->width * a->height, pb = (uint64_t)b->width * b->height;

	return pa != pb ? pa > pb : a->bytes > b->bytes;
}

const struct rendition *
budget_pick(const struct rendition *has, const struct rendition *made, uint64_t budget)
{
	if (has == NULL || (made->bytes <= budget && has->bytes > budget))
		return made;
	if (made->bytes > budget)
		return has->bytes <= budget || has->bytes <= made->bytes ? has : made;
	return budget_better(made, has) ? made : has;
}

bool
budget_take(struct arena *a, struct medium *m, const struct rendition *made, uint64_t budget)
{
	struct rendition *has = (struct rendition *)(uintptr_t)medium_rendition(m, made->class);

	if (m->rendition == NULL)
		m->rendition = arena_array(a, CLASS_MAX, sizeof *m->rendition);
	if (m->rendition == NULL)
		return false;
	if (budget_pick(has, made, budget) != made) {
		if (made->size == SIZE_LEAST && has->bytes > budget)
			has->size = SIZE_LEAST; /* smaller by chance: none smaller can be made */
		return true;
	}
	if (has == NULL)
		has = &m->rendition[m->nrendition++];
	*has = *made;
	return true;
}

static struct rendition *
rendition_of(const struct template *t, size_t i, const char *class)
{
	return (struct rendition *)(uintptr_t)medium_rendition(budget_medium(t, i), class);
}

/* What class k looks like after a round. */
struct class_use {
	bool reachable; /* no medium is over its share at its smallest */
	bool full;
};

static struct class_use
class_use(const struct settings *s, const struct template *t, const struct budget_shares *sh,
    unsigned k)
{
	struct class_use f = { .reachable = sh->budget[k] > 0 };
	uint64_t used = 0;

	for (size_t i = 0; i < sh->n; i++) {
		const struct rendition *r = rendition_of(t, i, s->class[k].name);
		uint64_t share = sh->share[i][k];

		if (r == NULL || (r->size == SIZE_LEAST && r->bytes > share))
			f.reachable = false;
		used += r != NULL && r->bytes < share ? r->bytes : share;
	}
	f.full = used >= sh->budget[k] / 100 * FULL_PERCENT;
	return f;
}

/* Is this rendition to be made once more, with this share? */
static bool
another_try(const struct rendition *r, uint64_t share, bool upwards)
{
	if (r->bytes > share)
		return true;
	return r->size != SIZE_BEST && upwards && share > r->bytes / 100 * WORTH_PERCENT;
}

bool
budget_again(const struct settings *s, const struct template *t, const struct budget_shares *sh,
    bool upwards, struct budget_wants *out)
{
	bool any = false;

	for (unsigned k = 0; k < s->nclass; k++) {
		struct class_use f = class_use(s, t, sh, k);

		for (size_t i = 0; i < sh->n; i++) {
			const struct rendition *r = rendition_of(t, i, s->class[k].name);
			bool again = f.reachable &&
			    another_try(r, sh->share[i][k], upwards && !f.full);

			out->bytes[i][k] = again ? sh->share[i][k] : 0;
			any = any || again;
		}
	}
	return any;
}

/* Returns the sum of the media's bytes in class k; UINT64_MAX when a rendition is missing. */
static uint64_t
sum_of(const struct settings *s, const struct template *t, unsigned k)
{
	uint64_t sum = 0;
	const struct medium *m;

	for (size_t i = 0; (m = budget_medium(t, i)) != NULL; i++) {
		const struct rendition *r = medium_rendition(m, s->class[k].name);

		if (r == NULL)
			return UINT64_MAX;
		sum += r->bytes;
	}
	return sum;
}

/* Tells whether a class may get this rendition of m that another one has instead of its own.
 * Handsets of classes with AMR take no MP3, and others may not play AMR. */
static bool
exchangeable(const struct medium *m, const struct rendition *other, const struct rendition *own)
{
	return m->kind != KIND_AUDIO || other->format == own->format;
}

/* Gives class k the renditions of the class below that are better, where there is room. */
static void
take_from_below(const struct settings *s, struct template *t, unsigned k)
{
	uint64_t budget = budget_of(&s->class[k], t), sum = sum_of(s, t, k);

	for (size_t i = 0; budget_medium(t, i) != NULL; i++) {
		struct rendition *r = rendition_of(t, i, s->class[k].name);
		const struct rendition *below = rendition_of(t, i, s->class[k - 1].name);

		if (r == NULL || below == NULL || !budget_better(below, r) ||
		    !exchangeable(budget_medium(t, i), below, r) ||
		    sum - r->bytes + below->bytes > budget)
			continue;
		sum += below->bytes - r->bytes;
		*r = *below;
		memcpy(r->class, s->class[k].name, CLASS_NAME);
	}
}

static void
remove_rendition(struct medium *m, const char *class)
{
	size_t n = 0;

	for (size_t i = 0; i < m->nrendition; i++)
		if (strcmp(m->rendition[i].class, class) != 0)
			m->rendition[n++] = m->rendition[i];
	m->nrendition = n;
}

static void
make_link(struct template *t, const char *class)
{
	struct medium *m;

	for (size_t i = 0; (m = budget_medium(t, i)) != NULL; i++)
		remove_rendition(m, class);
	if (!template_is_link(t, class) && t->nlink < CLASS_MAX)
		memcpy(t->link_class[t->nlink++], class, CLASS_NAME);
}

void
budget_settle(const struct settings *s, struct template *t)
{
	bool failed = template_state(t) == TEMPLATE_FAILED;
	struct medium *m;

	for (unsigned k = 0; !failed && k < s->nclass; k++) {
		uint64_t budget = budget_of(&s->class[k], t);

		if (k > 0)
			take_from_below(s, t, k);
		if (budget == 0 || sum_of(s, t, k) > budget)
			make_link(t, s->class[k].name);
	}
	for (size_t i = 0; (m = budget_medium(t, i)) != NULL; i++)
		for (size_t r = 0; r < m->nrendition; r++)
			m->rendition[r].size = SIZE_BEST;
}

void
budget_want_write(const struct settings *s, const uint64_t want[CLASS_MAX], struct buf *out)
{
	bool first = true;

	for (unsigned k = 0; k < s->nclass; k++)
		if (want[k] != 0) {
			buf_printf(out, "%s%s:%" PRIu64, first ? "" : ", ", s->class[k].name,
			    want[k]);
			first = false;
		}
}

bool
budget_want_read(const struct settings *s, const char *text, uint64_t want[CLASS_MAX])
{
	char item[CLASS_NAME + 24], *colon;
	uint64_t v;

	memset(want, 0, CLASS_MAX * sizeof *want);
	while (list_next(&text, item, sizeof item)) {
		if ((colon = strchr(item, ':')) == NULL)
			return false;
		*colon = '\0';
		if (!class_name_ok(item) || !num_u64(colon + 1, 1, INT64_MAX, &v))
			return false;
		for (unsigned k = 0; k < s->nclass; k++)
			if (strcmp(s->class[k].name, item) == 0)
				want[k] = v;
	}
	return true;
}
