/* jobtext: see jobtext.h */
#include "admin/jobtext.h"

#include <inttypes.h>
#include <stdio.h>

void
job_state_text(const struct job *j, int64_t now, char out[JOB_STATE])
{
	int64_t left = j->due > now ? (j->due - now + 999999) / 1000000 : 0;

	if (j->dead)
		(void)snprintf(out, JOB_STATE, "dead");
	else if (j->owner[0] != '\0' && left > 0)
		(void)snprintf(out, JOB_STATE, "leased by %s for %" PRId64 " s", j->owner, left);
	else if (j->owner[0] != '\0')
		(void)snprintf(out, JOB_STATE, "due now, its helper died");
	else if (left > 0)
		(void)snprintf(out, JOB_STATE, "due in %" PRId64 " s", left);
	else
		(void)snprintf(out, JOB_STATE, "due now");
}

void
job_progress_text(const struct job *j, char out[JOB_STATE])
{
	if (j->kind != JOB_ENCODE || (j->permille == 0 && j->left_ms == 0))
		(void)snprintf(out, JOB_STATE, "-");
	else
		(void)snprintf(out, JOB_STATE, "%" PRIu32 ".%" PRIu32 " %%, %" PRIu32 " s left",
		    j->permille / 10, j->permille % 10, (j->left_ms + 999) / 1000);
}
