/* encode_job: see encode_job.h */
#include "media/encode_job.h"

#include "base/arena.h"
#include "base/buf.h"
#include "media/budget.h"

enum { WANT_MAX = 1024 };

bool
encode_job(struct arena *a, const struct settings *s, const struct encode_share *share,
    struct job *j)
{
	const struct template *t = share->template;
	const struct medium *m = budget_medium(t, share->medium);
	struct buf want;

	*j = (struct job){ .kind = JOB_ENCODE, .lane = job_lane(s, m) };
	while (m < t->slide[j->slide].medium ||
	    m >= t->slide[j->slide].medium + t->slide[j->slide].nmedium)
		j->slide++;
	j->medium = (uint32_t)(m - t->slide[j->slide].medium);
	buf_init(&want, WANT_MAX);
	budget_want_write(s, share->bytes, &want);
	j->body = buf_ok(&want) ? arena_strdup(a, buf_str(&want)) : NULL;
	buf_free(&want);
	return j->body != NULL;
}
