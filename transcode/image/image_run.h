/*
 * image_run: takes an image through its child.
 */
#ifndef SM_IMAGE_RUN_H
#define SM_IMAGE_RUN_H

#include "transcode/transcode_child.h"

/*
 * Make the renditions of the medium of job *j, which they do not change. The source is open for
 * reading. out[i] is the empty file of target i, open for writing; it may belong to another user,
 * so it can be written but not opened again. The caller has checked req: version, format, counts,
 * and budgets that do not fall.
 *
 * The caller passes res zeroed, with version set and out[i].same_as = i; the function sets status,
 * the facts of the source, out[] and why. It returns 0 when res is to be sent as the final answer;
 * any other value means that the process must exit without an answer. While they run, the
 * functions send only TS_PROGRESS messages to answer (child_progress()).
 */
int image_run(const struct job_request *j, struct transcode_result *res);

#endif
