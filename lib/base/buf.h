/*
 * buf: a growing byte buffer whose cap is given at birth.
 *
 * Errors stick: after an append that does not fit or finds no memory, the
 * buffer keeps what it had, ignores what follows, and buf_ok() is false. So a
 * writer appends freely and asks once before the result is used. The bytes are
 * always followed by a NUL that does not count.
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
	bool full; /* it was the cap that an append failed for */
};

/* Starts an empty buffer; nothing is allocated yet. */
void buf_init(struct buf *b, size_t cap);

/* Frees the bytes and makes the buffer empty again, its cap kept. */
void buf_free(struct buf *b);

/* Empties the buffer, keeps its memory, forgets a failure. */
void buf_reset(struct buf *b);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The text, "" when empty. */
const char *buf_str(const struct buf *b);

/* False once an append has failed. */
bool buf_ok(const struct buf *b) __attribute__((warn_unused_result));

#endif
