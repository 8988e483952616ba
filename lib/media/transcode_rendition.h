/*
 * transcode_rendition: turns what the transcoder made into a rendition of a medium.
 */
#ifndef SM_TRANSCODE_RENDITION_H
#define SM_TRANSCODE_RENDITION_H

#include "media/transcode.h"
#include "model/template.h"

/* Sets *r to output o of a job and reads the output's file to name it by its bytes. The class is
 * "" and the caller's to set. Returns 1; 0 when there is no file; -1 with errno set when it
 * cannot be read. */
int transcode_rendition(const struct transcode_job *j, const struct transcode_output *o,
    struct rendition *r) __attribute__((warn_unused_result));

#endif
