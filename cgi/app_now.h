/*
 * app_now: what a request works with, as savemms.conf says when the request begins.
 */
#ifndef SM_APP_NOW_H
#define SM_APP_NOW_H

#include "cgi/app.h"

/* Begins with app, which stays the caller's and must outlive all requests. Call it before the
 * threads. */
void app_first(struct app *app);

/* Returns what a request that begins now works with: the settings are read again if the operator
 * has asked for it (savemms reload). If they are wrong, the old ones stay (logged). Any thread may
 * call; requests do not wait while another thread reads. */
struct app *app_now(void);

#endif
