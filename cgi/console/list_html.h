/*
 * list_html: the parts that the console's lists of templates, image templates and messages
 * share.
 */
#ifndef SM_LIST_HTML_H
#define SM_LIST_HTML_H

#include "cgi/console/console.h"

/* Writes the field for searching a list. Its name is q. page is the page of the list, what
 * describes what the field searches for, and word is its value. */
void list_search(struct console *c, const char *page, const char *what, const char *word);

/* How a list continues on other pages. */
struct list_pages {
	const char *page;
	const char *word;  /* the search word; "": none */
	const char *field; /* name of the field that says where a page begins */
	uint64_t older;    /* value of that field for the next page; 0: no next page */
	bool newest;       /* this is the first page */
};

/* Writes the buttons to the next page and back to the first. */
void list_pages(struct console *c, const struct list_pages *p);

/* Writes the image of an item or, when sha is NULL, a mark that stands for text. */
void list_poster(struct console *c, const char *sha, enum format f);

/* Opens the <div> of an item with its title as a link to url. */
void list_title(struct console *c, const char *url, const char *title);

/* A question before something is deleted. text describes it, action is the page that deletes it,
 * and keep the page to return to. list_ask_delete() writes the whole page. */
struct list_delete {
	const char *title, *text, *action, *keep;
};
void list_ask_delete(struct console *c, const struct list_delete *d);

#endif
