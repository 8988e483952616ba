/*
 * page_cursor: marks where a page of a list of templates ends, for the caller who asks for the
 * next one.
 *
 * A cursor is a text that only this server can make: it is signed with the account's key, and good
 * for a day, for the same account and filters. A new key ends those that were given out.
 */
#ifndef SM_PAGE_CURSOR_H
#define SM_PAGE_CURSOR_H

#include <stdbool.h>
#include <stdint.h>

enum { PAGE_CURSOR = 113 }; /* bytes of its text, with the NUL */

/* What a cursor is bound to. */
struct page_of {
	const char *key;     /* of the account */
	const char *filters; /* a text that differs where the filters do */
	int64_t now;         /* microseconds */
};

/* The last template of a page. */
struct page_end {
	int64_t created;
	uint64_t id;
};

/* Writes the cursor of a page that ends so. */
void page_cursor_write(const struct page_of *of, const struct page_end *end, char out[PAGE_CURSOR]);

/* Reads a cursor. Returns false for one that is none, is too old or belongs to something else. */
bool page_cursor_read(const struct page_of *of, const char *text, struct page_end *end)
    __attribute__((warn_unused_result));

#endif
