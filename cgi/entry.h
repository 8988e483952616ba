/*
 * entry: the paths below which this program is reached (pages.def), in any folder: "/mms/m/x" is
 * below "m". Pure.
 */
#ifndef SM_ENTRY_H
#define SM_ENTRY_H

#include <stdbool.h>
#include <stddef.h>

#include "model/dialect.h"

enum { ENTRY_NONE = -1, ENTRY_API = -2 }; /* in place of a page */

struct entry {
	int page;          /* its row among the pages of pages.def, ENTRY_API or ENTRY_NONE */
	enum dialect home; /* the dialect that answers what cannot be read */
	bool resource;     /* the entry of REST */
	/* what precedes the entry, without a slash at the end: "/mms", or "" */
	const char *folder;
	size_t nfolder;
	/* what follows it up to the query: "/x", or "" */
	const char *below;
	size_t nbelow;
};

/* Finds the first entry in the path of a REQUEST_URI, whatever follows it, because a web server or
 * a proxy decides by what comes first who may ask. Its texts are those of uri; without an entry
 * they are "". */
struct entry entry_find(const char *uri);

#endif
