/* encode_job: the job that makes a medium of a template within the bytes it is granted. Pure. */
#ifndef SM_ENCODE_JOB_H
#define SM_ENCODE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/job.h"
#include "model/settings.h"
#include "model/template.h"

struct arena;

/* What a medium may take. */
struct encode_share {
	const struct template *template;
	size_t medium;         /* its place among those that share: budget_medium() */
	const uint64_t *bytes; /* CLASS_MAX of them, one a class; 0: nothing is made in it */
};

/* Sets *j to the encode of the medium, with the bytes, which are granted here and now, in its
 * body: when it runs, others may be done, and what it may take must not depend on which. The
 * body lives in a. False: memory is short. */
bool encode_job(struct arena *a, const struct settings *s, const struct encode_share *share,
    struct job *j) __attribute__((warn_unused_result));

#endif
