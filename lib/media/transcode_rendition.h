/*
 * transcode_rendition: what the transcoder made, as a rendition of a medium.
 */
#ifndef SM_TRANSCODE_RENDITION_H
#define SM_TRANSCODE_RENDITION_H

#include "media/transcode.h"
#include "model/template.h"

/* Sets *r to output o of a job, named by the bytes of its file, which this reads. Its class is ""
 * and the caller's to set. 1; 0 when there is no file; -1 with errno set when it cannot be read. */
int transcode_rendition(const struct transcode_job *j, const struct transcode_output *o,
    struct rendition *r) __attribute__((warn_unused_result));

#endif
