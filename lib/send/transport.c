/* transport: see transport.h. The kinds are rows here; each has a file of its own. */
#include "send/transport.h"

#include <stdio.h>

#include "send/transport_private.h"

enum { SETTLE_AT_ONCE = 64 };

static const struct transport_ops *const kinds[] = {
	[TRANSPORT_SPOOL] = &transport_spool,
	[TRANSPORT_MM7] = &transport_mm7,
	[TRANSPORT_SMS_HTTP] = &transport_sms_http,
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* NULL: this kind is not built in. */
static const struct transport_ops *
ops_of(const struct transport_job *j)
{
	return (size_t)j->way->kind < KINDS ? kinds[j->way->kind] : NULL;
}

uint64_t
transport_wire(const struct transport_job *j)
{
	const struct transport_ops *ops = ops_of(j);

	return ops != NULL && ops->wire != NULL ? ops->wire(j) : 0;
}

bool
transport_repeats(const struct transport *way)
{
	const struct transport_job j = { .way = way };

	return ops_of(&j) != NULL && ops_of(&j)->repeats;
}

void
transport_submit(struct transport_job *j, struct arena *a)
{
	const struct transport_ops *ops = ops_of(j);

	j->id[0] = j->why[0] = '\0';
	if (j->mms != NULL && j->mms->air == UINT64_MAX) {
		j->rc = TRANSPORT_TOO_BIG;
		(void)snprintf(j->why, sizeof j->why, "values make it larger than any message may be");
		return;
	}
	if (ops != NULL) {
		ops->submit(j, a);
		return;
	}
	j->rc = TRANSPORT_REFUSED;
	(void)snprintf(j->why, sizeof j->why, "transport %s is of a kind that is not built in", j->way->name);
}

/* Jobs of one kind and one instance are settled together, SETTLE_AT_ONCE at a time. */
static void
settle_kind(const struct transport_ops *ops, struct transport_job *const *j, size_t n)
{
	struct transport_job *mine[SETTLE_AT_ONCE];
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (j[i]->rc == TRANSPORT_TAKEN && ops_of(j[i]) == ops)
			mine[k++] = j[i];
		if (k == SETTLE_AT_ONCE || (k > 0 && i + 1 == n)) {
			ops->settle(mine, k);
			k = 0;
		}
	}
}

void
transport_settle(struct transport_job *const *j, size_t n)
{
	for (size_t i = 0; i < KINDS; i++)
		if (kinds[i] != NULL && kinds[i]->settle != NULL)
			settle_kind(kinds[i], j, n);
}
