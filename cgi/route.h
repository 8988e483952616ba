/*
 * route: passes an HTTP request to the page or to the API, which answers it.
 */
#ifndef SM_ROUTE_H
#define SM_ROUTE_H

#include "cgi/app.h"

/* Answers any HTTP request: fills answer, which the caller sends. */
void route(struct app *app, struct http *http, struct answer *answer);

#endif
