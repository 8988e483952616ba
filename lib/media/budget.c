/* budget: shares out the bytes of a class; see budget.h */
#include "media/budget.h"

#include <string.h>

enum {
	ROUND = 1024,       /* bytes; a share below its need is cut to a multiple of this */
	ROUND_FROM = 16384, /* from this size on, so that templates that differ only in a few
	                       letters make the same renditions */
};

/* Returns lambda times the weight, kept within lo and hi. */
static uint64_t
clamp(uint64_t lambda, uint32_t weight, uint64_t lo, uint64_t hi)
{
	uint64_t want = lambda > UINT64_MAX / weight ? UINT64_MAX : lambda * weight;

	return want < lo ? lo : want > hi ? hi : want;
}

/* The budget is shared out in stages, in each of which an item keeps what it has. */
enum stage { TO_SMALLEST, TO_LEAST, TO_NEED };

static uint64_t
upper(const struct budget_item *it, enum stage st, uint64_t budget)
{
	uint64_t up = st == TO_SMALLEST ? it->smallest : st == TO_LEAST ? it->least : it->need;

	if (up > it->need)
		up = it->need;
	if (up > budget)
		up = budget;
	return up > it->share ? up : it->share;
}

struct stage_budget {
	enum stage stage;
	uint64_t budget;
};

static uint64_t
granted(const struct budget_item *it, const struct stage_budget *p, uint64_t lambda)
{
	return clamp(lambda, p->stage == TO_NEED ? it->weight : 1, it->share,
	    upper(it, p->stage, p->budget));
}

static bool
affordable(const struct budget_item *it, size_t n, const struct stage_budget *p, uint64_t lambda)
{
	uint64_t left = p->budget;

	for (size_t i = 0; i < n; i++) {
		uint64_t g = granted(&it[i], p, lambda);

		if (g > left)
			return false;
		left -= g;
	}
	return true;
}

/* Raises all items to the largest lambda that the budget covers, found by halving. */
static void
raise_all(struct budget_item *it, size_t n, const struct stage_budget *p)
{
	uint64_t low = 0, high = p->budget;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2 + 1; /* does not overflow */

		if (affordable(it, n, p, middle))
			low = middle;
		else
			high = middle - 1;
	}
	for (size_t i = 0; i < n; i++)
		it[i].share = granted(&it[i], p, low);
}

void
budget_share(struct budget_item *it, size_t n, uint64_t budget)
{
	for (size_t i = 0; i < n; i++)
		it[i].share = it[i].floor;
	for (int st = TO_SMALLEST; st <= TO_NEED; st++)
		raise_all(it, n, &(struct stage_budget){ (enum stage)st, budget });
}

struct medium *
budget_medium(const struct template *t, size_t i)
{
	for (size_t s = 0; s < t->nslide; s++)
		for (size_t k = 0; k < t->slide[s].nmedium; k++)
			if (!kind_is_object(t->slide[s].medium[k].kind) && i-- == 0)
				return &t->slide[s].medium[k];
	return NULL;
}

static uint64_t
rounded(const struct budget_item *it)
{
	uint64_t down = it->share / ROUND * ROUND;

	if (it->share >= it->need || it->share < ROUND_FROM || down < it->floor ||
	    down < it->smallest)
		return it->share;
	return down;
}

/* Shares out class k; the floors are the shares of the class below. */
static void
share_class(const struct class *c, const struct template *t, struct budget_item *it, unsigned k,
    struct budget_shares *out)
{
	out->budget[k] = budget_of(c, t);
	for (size_t i = 0; i < out->n; i++) {
		budget_facts(c, budget_medium(t, i), &it[i]);
		it[i].floor = k > 0 ? out->share[i][k - 1] : 0;
	}
	budget_share(it, out->n, out->budget[k]);
	for (size_t i = 0; i < out->n; i++)
		out->share[i][k] = rounded(&it[i]);
}

void
budget_shares(const struct settings *s, const struct template *t, struct budget_shares *out)
{
	struct budget_item it[BUDGET_MEDIA];

	for (out->n = 0; out->n < BUDGET_MEDIA && budget_medium(t, out->n) != NULL; out->n++)
		;
	for (unsigned k = 0; k < s->nclass; k++)
		share_class(&s->class[k], t, it, k, out);
}
