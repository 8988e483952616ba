/*
 * serve: the transcoder's loop.
 */
#ifndef SM_SERVE_H
#define SM_SERVE_H

/* Serves requests from the control socket with at most jobs children at once
 * until the socket closes; then kills what still runs. Returns the program's
 * exit status: 0, or 1 when the loop could not be set up or polled (logged). */
int serve(int control, unsigned jobs);

#endif
