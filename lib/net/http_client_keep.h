/*
 * http_client_keep: connections that a thread keeps from one call to the next. Only http_client.c
 * uses it.
 */
#ifndef SM_HTTP_CLIENT_KEEP_H
#define SM_HTTP_CLIENT_KEEP_H

/* Returns the calling thread's handle (a CURL), with no option set and with the connections of
 * its calls so far. The handle ends with the thread; do not free it. Returns NULL when memory is
 * short; the caller then makes a handle of its own. */
void *http_client_keep(void);

#endif
