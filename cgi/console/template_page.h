/*
 * template_page: the parts that the console's pages about templates share.
 */
#ifndef SM_TEMPLATE_PAGE_H
#define SM_TEMPLATE_PAGE_H

#include "cgi/console/console.h"

/* Writes the template's state as a mark. */
void console_state(struct console *c, const struct template *t);

/* Writes the size of the MMS in each class, and which classes it does not fit. */
void console_sizes(struct console *c, const struct template *t);

/* Returns the template that the path names, in the arena. Returns NULL, and makes the answer say
 * why, when it is not this account's or cannot be read. */
struct template *console_template_of(struct console *c);

/* Writes the jobs that remain for a message, or for a template when message is 0. Returns what
 * the store returned. */
enum store_rc console_jobs(struct console *c, uint64_t mmsid, uint64_t message);

/* Writes the postbacks of a message, or of a template when message is 0, and the responses to
 * them. Returns what the store returned. */
enum store_rc console_posted(struct console *c, uint64_t mmsid, uint64_t message);

#endif
