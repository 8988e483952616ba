/*
 * dialect: the languages in which one interface is spoken (savemms-api(7), Dialects). The dialect
 * of a request decides the names, the form and the texts of its answer, never the rules, but for
 * the few that the manual names.
 */
#ifndef SM_DIALECT_H
#define SM_DIALECT_H

#include <stdbool.h>

enum dialect {
	DIALECT_A, /* XML with names in capitals, and pairs */
	DIALECT_B, /* XML with hyphens in its names */
	DIALECT_C, /* JSON */
	DIALECTS
};

/* Returns the name of a dialect, "A", "B" or "C". */
const char *dialect_name(enum dialect d);

/* Sets *d to the dialect of this name, of either case. Returns false, and leaves *d as it is, for
 * another text. */
bool dialect_by_name(const char *name, enum dialect *d);

/* Returns true if an Accept header, or NULL, names text/xml or application/xml. */
bool dialect_accepts_xml(const char *accept);

#endif
