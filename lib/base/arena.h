/*
 * arena: memory of one request or one job, given back all at once.
 *
 * Everything a request allocates hangs off one arena, so there is one free and
 * no ownership to follow. Every function returns NULL when memory is short or
 * the arena's cap is reached; arena_failed() then stays true, so a caller may
 * build several things and ask once.
 */
#ifndef SM_ARENA_H
#define SM_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Makes an arena that will hold at most cap bytes. NULL when memory is short.
 * Ownership: the caller's; ends with arena_free(). */
struct arena *arena_new(size_t cap) __attribute__((warn_unused_result));

/* Frees the arena and all that was taken from it; sets *a to NULL. */
void arena_free(struct arena **a);

/* n zeroed bytes, aligned for any type. NULL when memory is short. */
void *arena_zalloc(struct arena *a, size_t n) __attribute__((warn_unused_result));

/* n objects of size bytes, zeroed; NULL when the product overflows, too. */
void *arena_array(struct arena *a, size_t n, size_t size) __attribute__((warn_unused_result));

/* A copy of n bytes at p with a NUL behind it. */
char *arena_memdup(struct arena *a, const void *p, size_t n) __attribute__((warn_unused_result));

/* A copy of a string; NULL for NULL. */
char *arena_strdup(struct arena *a, const char *s) __attribute__((warn_unused_result));

/* printf into the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));

/* Bytes taken from the system so far. */
size_t arena_used(const struct arena *a);

/* True once any request to this arena has failed. */
bool arena_failed(const struct arena *a);

#endif
