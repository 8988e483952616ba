/*
 * http_client_header: the header lines of an outgoing call. A part of http_client.
 */
#ifndef SM_HTTP_CLIENT_HEADER_H
#define SM_HTTP_CLIENT_HEADER_H

struct curl_slist;

/* Makes libcurl's list of the lines "Name: value", which end with NULL; header may be NULL. No
 * Accept-Encoding is sent: an answer is short, but some servers encode it unasked. The caller frees
 * it with curl_slist_free_all(). Returns NULL when memory is short. */
struct curl_slist *http_client_header(const char *const *header);

#endif
