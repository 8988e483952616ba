/* buf: see buf.h */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
buf_init(struct buf *b, size_t cap)
{
	memset(b, 0, sizeof *b);
	b->cap = cap;
}

void
buf_free(struct buf *b)
{
	size_t cap = b->cap;

	free(b->p);
	buf_init(b, cap);
}

void
buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = b->full = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

/* Makes room for n more bytes and the NUL. */
static bool
grow(struct buf *b, size_t n)
{
	size_t want, room;
	char *p;

	if (b->failed)
		return false;
	if (n > b->cap - b->len) {
		b->full = true;
		return false;
	}
	want = b->len + n + 1;
	if (want <= b->room)
		return true;
	room = b->room > 0 ? b->room : 128;
	while (room < want)
		room *= 2;
	if ((p = realloc(b->p, room)) == NULL)
		return false;
	b->p = p;
	b->room = room;
	return true;
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (!grow(b, n)) {
		b->failed = true;
		return;
	}
	if (n > 0)
		memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
}

void
buf_adds(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0 || !grow(b, (size_t)n)) {
		b->failed = true;
	} else {
		(void)vsnprintf(b->p + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
	va_end(ap);
}

const char *
buf_str(const struct buf *b)
{
	return b->p != NULL ? b->p : "";
}

bool
buf_ok(const struct buf *b)
{
	return !b->failed;
}
