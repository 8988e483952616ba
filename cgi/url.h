/*
 * url: where this server is reached from outside.
 */
#ifndef SM_URL_H
#define SM_URL_H

#include "cgi/app.h"

/* Scheme, host and path under which this server is reached, without a slash at the end:
 * base-url, else as this request came. NULL when its Host header is no host name. */
const char *base_url(const struct app *app, const struct http *http, struct arena *a);

/* Where the hosted pages of an account's messages are reached: at its domain if it has one,
 * else below base_url(); NULL as there. */
const char *page_base(const struct app *app, const struct http *http, const struct account *ac,
    struct arena *a);

/* The URL under which media_file() serves a blob. NULL when memory is short. */
const char *media_url(const struct call *c, const char *sha, enum format f);

#endif
