/*
 * gif: fits animations to budgets with the gifsicle program (savemms-media(7), Animations); it
 * carries out the decisions of gif_task.h.
 */
#ifndef SM_GIF_H
#define SM_GIF_H

#include "transcode/image/image.h"

/* Makes all targets of an animation by running gifsicle in a cage. The caller has set the upright
 * size of src in res. Returns as image_run(). */
int gif_run(const struct transcode_request *req, const struct gif_source *src, const int *out,
    struct transcode_result *res);

/* Tells whose fault it is that gifsicle ended with this wait status (not 0) and this output on
 * stderr. */
enum transcode_status gif_failure(int status, const char *diagnostics);

#endif
