/*
 * url: the URLs under which callers reach this server.
 */
#ifndef SM_URL_H
#define SM_URL_H

#include "cgi/app.h"

/* Returns the scheme, host and path under which this server is reached, without a slash at the
 * end: the setting base-url, or else what this request used. Returns NULL when the host is
 * not known (http_host()) or memory is short. The result may be in the arena or in the settings. */
const char *base_url(const struct app *app, const struct http *http, struct arena *a);

/* Returns the URL below which the hosted pages of the account's messages are reached: its domain
 * if it has one, else base_url(). Returns NULL when that does or memory is short. */
const char *page_base(const struct app *app, const struct http *http, const struct account *ac,
    struct arena *a);

/* Sets the base of the page of a message that the call sends. Returns false, with the call failed
 * as E503, when it is not known. */
bool page_base_set(struct call *c, struct message *m) __attribute__((warn_unused_result));

/* Returns the URL at which media_file() serves a blob, in c->arena, or NULL when memory is
 * short. */
const char *media_url(const struct call *c, const char *sha, enum format f);

#endif
