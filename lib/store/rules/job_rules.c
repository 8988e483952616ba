/* job_rules: see job_rules.h */
#include "store/rules/job_rules.h"

enum { MAX_MS = 1000000000 };

int64_t
job_later(int64_t now, uint64_t ms)
{
	return now + (int64_t)(ms < MAX_MS ? ms : MAX_MS) * 1000;
}

bool
job_is_held(const struct job *stored, const struct job *j)
{
	return stored->token == j->token && !stored->dead && stored->owner[0] != '\0';
}

void
job_renewed(struct job *held, int64_t until, unsigned permille, unsigned left_ms)
{
	held->due = until;
	held->permille = permille;
	held->left_ms = left_ms;
}

void
job_returned(struct job *held, int64_t now, const struct job_return *r)
{
	bool fault = r->how == GIVE_FAULT || r->how == GIVE_KEEP;

	held->owner[0] = '\0';
	held->due = job_later(now, r->delay_ms);
	held->dead = r->how == GIVE_DEAD_LETTER || r->how == GIVE_KEEP;
	if ((r->how == GIVE_RELEASE || fault) && held->attempt > 0)
		held->attempt--;
	if (fault && held->faults < UINT32_MAX)
		held->faults++;
	held->why = r->why != NULL ? r->why : "";
	held->permille = held->left_ms = 0;
}

bool
job_made_due(struct job *j, int64_t now, bool anew)
{
	if (j->owner[0] != '\0' && j->due > now)
		return false;
	j->owner[0] = '\0';
	j->token++; /* a holder whose lease has expired loses it here */
	j->attempt = anew ? 0 : j->attempt;
	j->faults = anew ? 0 : j->faults;
	j->lost = anew ? 0 : j->lost;
	j->dead = 0;
	j->due = now;
	return true;
}
