/*
 * render_run: the child of a session (personal/render_session.h).
 */
#ifndef SM_RENDER_RUN_H
#define SM_RENDER_RUN_H

#include "transcode/transcode_child.h"

/* Runs a session that draws personal images (personal/render_session.h). It answers on the socket
 * answer until the other end closes the socket or the session reaches its limits. board is the file
 * that holds the texts and the images. Returns the exit status of the process; 0 means that nothing
 * needs an explanation. */
int render_run(const struct transcode_request *req, int background, int board, int answer);

/* Lets the cage read the fonts and the configuration of fontconfig. Returns false when the cage has
 * no room for more rules. */
bool render_allow_fonts(struct cage *c) __attribute__((warn_unused_result));

#endif
