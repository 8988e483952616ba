/*
 * buf: a growing byte buffer with a cap that is set when it is made.
 *
 * Errors stick: after an append that does not fit or finds no memory, the
 * buffer keeps what it had and ignores every later append, and buf_ok() returns
 * false. So a writer appends freely and checks once, before the result is used.
 * A NUL, which does not count, always follows the bytes.
 */
#ifndef SM_BUF_H
#define SM_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct buf {
	char *p; /* never NULL after an append that succeeded */
	size_t len;
	size_t room; /* allocated */
	size_t cap;  /* never more than this many bytes */
	bool failed;
	bool full; /* an append failed because of the cap */
};

/* Starts an empty buffer. It allocates nothing yet. The owner frees it with buf_free(). */
void buf_init(struct buf *b, size_t cap);

/* Frees the bytes. The buffer is empty again and keeps its cap. */
void buf_free(struct buf *b);

/* Empties the buffer and clears a failure. The memory stays allocated. */
void buf_reset(struct buf *b);

/* These append n bytes, a string, a character, or text formatted as printf() does. */
void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Returns the text, which stays the buffer's; "" when it is empty. */
const char *buf_str(const struct buf *b);

/* Returns false once an append has failed. */
bool buf_ok(const struct buf *b) __attribute__((warn_unused_result));

#endif
