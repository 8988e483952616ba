/*
 * upgrade: savemms.fcgi goes on as another version that was installed in its place.
 */
#ifndef SM_UPGRADE_H
#define SM_UPGRADE_H

#include "cgi/app.h"

/* If another version was installed in the place of this program, becomes it between two requests:
 * the listening socket stays open with what waits at it. Returns when there is none, or when
 * requests were under way all the time; then the next tries are further and further apart, because
 * callers wait during a try. workers is how many there are (park.h). Only one thread may call. */
void upgrade(struct app *app, unsigned workers);

#endif
