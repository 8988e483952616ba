/*
 * classify: tells what a medium really is from its bytes (savemms-api(7), Media types).
 *
 * Our own rules (media_magic_fd()) are asked first, and their answer stands. Only a file that they
 * do not know goes to libmagic, which reads it in a caged child of savemms-transcode: the programs
 * that call this have a database and secrets. Where the child cannot be asked, that is no fault of
 * the file.
 */
#ifndef SM_CLASSIFY_H
#define SM_CLASSIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "media/transcode.h"
#include "model/media.h"
#include "model/settings.h"

/* Who asks. */
struct classify_by {
	struct transcoder *transcoder;
	const struct settings *settings; /* of the limits of the child */
	uint64_t account;                /* whose medium it is; 0: of none */
};

/* Begins to tell the format of the file open for reading at fd, which stays the caller's; its
 * offset is neither used nor moved. Sets *found and leaves *ask NULL if our own rules know it.
 * Else sets *found to FORMAT_NONE and *ask to a question under way, which the caller ends with
 * classify_wait() or transcode_end(). Returns false when the question cannot be asked (logged).
 * Any thread may call. */
bool classify_start(const struct classify_by *by, int fd, enum format *found,
    struct transcode_job **ask) __attribute__((warn_unused_result));

/* Waits for the answer until then, and ends *ask. Sets *found, to FORMAT_NONE when the file is of
 * no format that we know, or makes libmagic fail, crash or exceed its limits. Returns false when
 * the file could not be examined (logged). */
bool classify_wait(struct transcode_job **ask, const struct transcode_until *until,
    enum format *found) __attribute__((warn_unused_result));

/* Says what the transcoder's final answer to the question means: sets *found and returns as
 * classify_wait() does. Pure. */
bool classify_judge(const struct transcode_result *res, enum format *found)
    __attribute__((warn_unused_result));

/* Starts and waits, in the queue until transcode_queue_until(). */
bool classify_fd(const struct classify_by *by, int fd, enum format *found)
    __attribute__((warn_unused_result));

#endif
