/* arena: see arena.h. An arena is a list of blocks of at least 8 KiB. A larger allocation
 * gets a block of its own. */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8192, ALIGN = 16 };

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(ALIGN) unsigned char data[];
};

struct arena {
	struct block *head;
	size_t total, cap;
	bool failed;
};

struct arena *
arena_new(size_t cap)
{
	struct arena *a = calloc(1, sizeof *a);

	if (a != NULL)
		a->cap = cap;
	return a;
}

void
arena_free(struct arena **a)
{
	struct block *b, *next;

	if (*a == NULL)
		return;
	for (b = (*a)->head; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	free(*a);
	*a = NULL;
}

size_t
arena_used(const struct arena *a)
{
	return a->total;
}

static struct block *
block_add(struct arena *a, size_t n)
{
	size_t size = n > BLOCK ? n : BLOCK;
	struct block *b;

	if (a->total + size > a->cap || (b = malloc(sizeof *b + size)) == NULL)
		return NULL;
	b->size = size;
	b->used = 0;
	b->next = a->head;
	a->head = b;
	a->total += size;
	return b;
}

void *
arena_zalloc(struct arena *a, size_t n)
{
	struct block *b = a->head;
	void *p;

	if (n > SIZE_MAX / 2) {
		a->failed = true;
		return NULL;
	}
	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (b == NULL || b->size - b->used < n)
		b = block_add(a, n);
	if (b == NULL) {
		a->failed = true;
		return NULL;
	}
	p = b->data + b->used;
	b->used += n;
	return memset(p, 0, n);
}

void *
arena_array(struct arena *a, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / 2 / size) {
		a->failed = true;
		return NULL;
	}
	return arena_zalloc(a, n * size);
}

char *
arena_memdup(struct arena *a, const void *p, size_t n)
{
	char *d = arena_zalloc(a, n + 1);

	if (d != NULL && n > 0)
		memcpy(d, p, n);
	return d;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return s == NULL ? NULL : arena_memdup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *d = NULL;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0 && (d = arena_zalloc(a, (size_t)n + 1)) != NULL)
		(void)vsnprintf(d, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return d;
}

bool
arena_failed(const struct arena *a)
{
	return a->failed;
}
