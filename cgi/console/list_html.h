/*
 * list_html: what the console's lists of templates, messages and pictures have in common.
 */
#ifndef SM_LIST_HTML_H
#define SM_LIST_HTML_H

#include "cgi/console/console.h"

/* The field that a list is searched by, as q; page is where it is, what says what it looks for. */
void list_search(struct console *c, const char *page, const char *what, const char *word);

/* Where a list goes on. */
struct list_pages {
	const char *page;
	const char *word;  /* it was searched for; "": nothing */
	const char *field; /* that says where a page begins */
	uint64_t older;    /* its value for the next page; 0: there is none */
	bool newest;       /* this is the first page */
};

/* The buttons to the next page and back to the first. */
void list_pages(struct console *c, const struct list_pages *p);

/* The image of an item, or, sha NULL, what stands for a text. */
void list_poster(struct console *c, const char *sha, enum format f);

/* Opens the <div> of an item with its title, a link to url. */
void list_title(struct console *c, const char *url, const char *title);

/* Asks whether what text describes is to be deleted: action is the page that does it, keep the one
 * that is gone back to. A whole page. */
struct list_delete {
	const char *title, *text, *action, *keep;
};
void list_ask_delete(struct console *c, const struct list_delete *d);

#endif
