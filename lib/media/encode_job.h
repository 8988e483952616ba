/* encode_job: the job that encodes a medium of a template within the bytes it is granted. Pure. */
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
	size_t medium;         /* its index, as for budget_medium() */
	const uint64_t *bytes; /* one for each of CLASS_MAX classes; 0: make nothing */
};

/* Sets *j to the job that encodes the medium, with the bytes in its body. They are granted here
 * and now: when the job runs, other media may be done, and what this one may take must not
 * depend on which. The body lives in a. Returns false when memory is short. */
bool encode_job(struct arena *a, const struct settings *s, const struct encode_share *share,
    struct job *j) __attribute__((warn_unused_result));

#endif
