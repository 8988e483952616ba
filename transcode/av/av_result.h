/*
 * av_result: records what libav* reports, and tells the parent about progress, results and
 * failures.
 */
#ifndef SM_AV_RESULT_H
#define SM_AV_RESULT_H

#include "transcode/av/av_job.h"
#include "transcode/av/av_lib.h"

/* Starts to record: the first error that libav* reports from now on is kept, and the previous
 * record is cleared. */
void av_listen(void);

/* Returns the recorded error as one line of printable ASCII, or "" if there was none. The text
 * stays valid until the next call of av_listen(). */
const char *av_said(void);

/* Reports progress at most twice a second. part (0 to 1) is how much is done of the step that spans
 * the permilles from to to. */
void av_progress(struct av_job *j, unsigned from, unsigned to, double part);

/* Sets the result for an end other than AV_DONE: AV_REFUSED becomes TS_CORRUPT, AV_BROKEN becomes
 * TS_BROKEN, and so on. Returns 0, like child_fail(). */
int av_fail(struct av_job *j, enum av_end end, const char *why);

/* Writes n bytes to fd, the file of target i, and sets bytes and fits in the result's out[i]; the
 * caller sets the other members. Returns false with the result set on failure. */
bool av_deliver(struct av_job *j, unsigned i, int fd, const void *p, size_t n);

#endif
