/*
 * http_client_keep: connections that a thread keeps from one call to the next. For http_client.c.
 */
#ifndef SM_HTTP_CLIENT_KEEP_H
#define SM_HTTP_CLIENT_KEEP_H

/* The calling thread's handle (a CURL), with no option set and the connections of its
 * calls so far; it ends with the thread. NULL: there is none, for want of memory; take
 * one of your own. */
void *http_client_keep(void);

#endif
