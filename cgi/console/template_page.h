/*
 * template_page: what the console's pages about templates share.
 */
#ifndef SM_TEMPLATE_PAGE_H
#define SM_TEMPLATE_PAGE_H

#include "cgi/console/console.h"

/* A mark that says the state. */
void console_state(struct console *c, const struct template *t);

/* What the MMS weighs in each class, and which classes it does not fit. */
void console_sizes(struct console *c, const struct template *t);

/* The template in the path, if it is this account's; NULL when the answer says why not. */
struct template *console_template_of(struct console *c);

/* The template's slides as a handset of that kind shows them ("iphone", "android", "other",
 * "unknown"), or its fallback SMS ("sms"): a choice of them, and the one chosen. */
void console_phone(struct console *c, const struct template *t, const char *as);

/* Per slide and medium: what arrived, what was made of it, and why. */
void console_media_table(struct console *c, const struct template *t);

/* What is still to be done for a template (message 0) or message. */
enum store_rc console_jobs(struct console *c, uint64_t mmsid, uint64_t message);

/* What was posted of a template (message 0) or message, and what came back. */
enum store_rc console_posted(struct console *c, uint64_t mmsid, uint64_t message);

#endif
