/*
 * serve: the transcoder's loop.
 */
#ifndef SM_SERVE_H
#define SM_SERVE_H

/* Serves requests from the control socket until it closes, with at most jobs children of a kind at
 * once; then kills the children that still run. Returns the program's exit status: 0, or 1 when the
 * loop could not be set up (logged). */
int serve(int control, unsigned jobs);

#endif
