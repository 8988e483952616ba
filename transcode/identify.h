/*
 * identify: asks libmagic, in the child, of which format a medium is that our own rules do not
 * know.
 */
#ifndef SM_IDENTIFY_H
#define SM_IDENTIFY_H

#include "transcode/transcode_child.h"

/* Loads libmagic's database, unless that is done. The parent calls it before it forks a child for
 * TRANSCODE_IDENTIFY, because no file can be opened in the cage. If it fails (logged), the child
 * answers TS_BROKEN, and the next call tries again. */
void identify_load(void);

/* Carries out TRANSCODE_IDENTIFY and sets *res. Returns 0. The process is already in its cage. */
int identify_run(const struct job_request *j, struct transcode_result *res);

/* Returns the format that a MIME type from libmagic stands for: one of media.def's names or of
 * libmagic's other ones, in any case. Returns FORMAT_NONE for all others. */
enum format identify_mime(const char *mime);

#endif
