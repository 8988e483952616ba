/* turn: see turn.h */
#include "transcode/turn.h"

static unsigned
count_kind(const struct turn *t, uint32_t kind)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->nrunning; i++)
		n += t->running[i].kind == kind;
	return n;
}

/* Returns how many requests of the same account and kind run. */
static unsigned
count_own(const struct turn *t, const struct turn_job *j)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t->nrunning; i++)
		n += t->running[i].kind == j->kind && t->running[i].account == j->account;
	return n;
}

int
turn_next(const struct turn *t)
{
	unsigned fewest = UINT32_MAX;
	int next = -1;

	for (unsigned i = 0; i < t->nwaiting; i++) {
		const struct turn_job *j = &t->waiting[i];
		unsigned all = count_kind(t, j->kind), own = count_own(t, j);
		bool room = all < t->most[j->kind] ||
		    (all == t->most[j->kind] && own == 0 && j->account != 0);

		if (room && own < fewest) {
			fewest = own;
			next = (int)i;
		}
	}
	return next;
}

bool
turn_may_wait(const struct turn *t, uint64_t account, unsigned places)
{
	unsigned own = 0;

	if (t->nwaiting >= places)
		return false;
	for (unsigned i = 0; i < t->nwaiting; i++)
		own += t->waiting[i].account == account;
	return account == 0 || own < (places + 1) / 2;
}
