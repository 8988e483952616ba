/*
 * request_write: a saveMMS request as the document programs send (SPEC 3). Pure.
 */
#ifndef SM_REQUEST_WRITE_H
#define SM_REQUEST_WRITE_H

struct buf;
struct request;

/* Appends the document: request_read() makes the same request of it, but for ACTION and
 * API_KEY, which are saveMMS and key. What is NULL or "" is left out; a slide is there also
 * when nothing is in it. Check buf_ok(). */
void request_write_save(struct buf *b, const struct request *r, const char *key);

#endif
