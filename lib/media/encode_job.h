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

/* Sets *j to the encode of the i-th medium that shares (budget_medium()), with bytes, which are granted
 * here and now, in its body: when it runs, others may be done, and what it may take must not depend on
 * which. Where bytes are 0 in a class nothing is made. The body lives in a. False: memory is short. */
bool encode_job(struct arena *a, const struct settings *s, const struct template *t, size_t i,
    const uint64_t bytes[CLASS_MAX], struct job *j) __attribute__((warn_unused_result));

#endif
