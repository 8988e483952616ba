/*
 * list: comma-separated lists in settings. Blanks around items are ignored.
 */
#ifndef SM_LIST_H
#define SM_LIST_H

#include <stdbool.h>
#include <stddef.h>

/* Copies the next non-empty item to item, cut to size - 1 bytes, and moves *list past it.
 * Returns false at the end of the list. */
bool list_next(const char **list, char *item, size_t size);

/* Returns true if word is an item of the list. ASCII case does not matter. */
bool list_has(const char *list, const char *word);

#endif
