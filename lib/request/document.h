/*
 * document: reads a document of XML or JSON that a stranger wrote into a tree, with all that is
 * refused (savemms-api(7), Requests and Dialects): requests, and what other servers have answered.
 */
#ifndef SM_DOCUMENT_H
#define SM_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/error.h"

struct arena;
struct charset_in;
struct xnode;

enum document_form { DOCUMENT_OTHER, DOCUMENT_XML, DOCUMENT_JSON };

/* Looks at the first character of n bytes, behind a byte order mark and blanks. */
enum document_form document_form(const char *p, size_t n);

/* Return the root of the document; all memory is the arena's. Prefixes of namespaces are gone. With
 * mend, XML that is not well formed is read once more with each bare ampersand made a reference.
 * The root of JSON can be of any type. Return NULL with the failure in *f: E108 with its detail, or
 * E503 when memory is short. */
struct xnode *document_xml(struct arena *a, const struct charset_in *in, bool mend,
    struct failure *f);
struct xnode *document_json(struct arena *a, const struct charset_in *in, struct failure *f);

/* Sets *f to what charset.h said: E108 with why and where it was found, or E503 if why is NULL. */
void document_fail(struct arena *a, struct failure *f, const char *why, const char *where);

#endif
