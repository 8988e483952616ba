/*
 * arena: the memory of one request or one job, freed all at once.
 *
 * Everything a request allocates comes from one arena, so there is one free and
 * no ownership to follow. Every function that allocates returns NULL when memory
 * is short or the arena's cap is reached. arena_failed() then stays true, so a
 * caller may build several things and check once.
 */
#ifndef SM_ARENA_H
#define SM_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Makes an arena that holds at most cap bytes. Returns NULL when memory is short.
 * The caller owns the arena and frees it with arena_free(). */
struct arena *arena_new(size_t cap) __attribute__((warn_unused_result));

/* Frees the arena and everything allocated from it, and sets *a to NULL. *a may be NULL. */
void arena_free(struct arena **a);

/* Allocates n zeroed bytes, aligned for any type. */
void *arena_zalloc(struct arena *a, size_t n) __attribute__((warn_unused_result));

/* Allocates n zeroed objects of size bytes each. Also returns NULL when the product overflows. */
void *arena_array(struct arena *a, size_t n, size_t size) __attribute__((warn_unused_result));

/* Copies the n bytes at p and adds a NUL. */
char *arena_memdup(struct arena *a, const void *p, size_t n) __attribute__((warn_unused_result));

/* Copies a string. Returns NULL for NULL, which is not a failure. */
char *arena_strdup(struct arena *a, const char *s) __attribute__((warn_unused_result));

/* Formats a string as printf() does, into the arena. */
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), warn_unused_result));

/* Returns how many bytes the arena has taken from the system so far. */
size_t arena_used(const struct arena *a);

/* Returns true once any allocation from this arena has failed. */
bool arena_failed(const struct arena *a);

#endif
