/*
 * htmlout: HTML written with every value escaped.
 *
 * Names of elements and attributes are ours, never from outside; every value may be
 * from anywhere. Text is UTF-8. Failures stick in the buffer: ask buf_ok() once.
 */
#ifndef SM_HTMLOUT_H
#define SM_HTMLOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/xmlout.h" /* html_bytes() */

struct buf;

/* text as character data or attribute value, escaped by html_bytes(); NULL writes nothing. */
void html_text(struct buf *b, const char *text);

/* As html_text() and html_bytes(), with <br> for each line break (CR LF, LF or CR). */
void html_lines(struct buf *b, const char *text);
void html_line_bytes(struct buf *b, const char *p, size_t n);

/* <name attribute="value" ...>: pairs of strings up to a NULL where an attribute's name
 * would be. An attribute whose value is NULL is left out; "" is right for those that only
 * are or are not there (controls, checked). A URL (in href, src, poster, action,
 * formaction) that is neither relative nor http(s) is written as "#": a link cannot be
 * made to run a script. */
void html_open(struct buf *b, const char *name, ...) __attribute__((sentinel));
void html_close(struct buf *b, const char *name);

/* <name>text</name>; nothing at all when text is NULL. */
void html_elem(struct buf *b, const char *name, const char *text);
void html_elem_u64(struct buf *b, const char *name, uint64_t v);

/* The document up to and with <body>: its language (NULL: not said), title, and the URL of
 * its style sheet (NULL: none); for screens of any width, not to be indexed. */
void html_doc_open(struct buf *b, const char *lang, const char *title, const char *style);
/* From </body> on. */
void html_doc_close(struct buf *b);

#endif
