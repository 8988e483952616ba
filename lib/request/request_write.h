/*
 * request_write: a saveMMS request as the document that programs send (savemms-api(7), saveMMS).
 * Pure.
 */
#ifndef SM_REQUEST_WRITE_H
#define SM_REQUEST_WRITE_H

struct buf;
struct request;

/* Appends the document to b. request_read() reads it back as the same request, except that
 * ACTION is saveMMS and API_KEY is key. Values that are NULL or "" are left out; a slide is
 * written even when it is empty. The caller checks buf_ok(). */
void request_write_save(struct buf *b, const struct request *r, const char *key);

#endif
