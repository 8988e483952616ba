/*
 * htmlout: HTML written with every value escaped.
 *
 * Names of elements and attributes come from this program, never from outside. Values may
 * come from anywhere. Text is UTF-8. Failures stick in the buffer: check buf_ok() once.
 */
#ifndef SM_HTMLOUT_H
#define SM_HTMLOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/xmlout.h" /* html_bytes() */

struct buf;

/* Writes text as character data or an attribute's value, escaped by html_bytes(). NULL writes
 * nothing. */
void html_text(struct buf *b, const char *text);

/* Writes as html_text() does, with <br> for each line break (CR LF, LF or CR). */
void html_lines(struct buf *b, const char *text);

/* Writes <name attribute="value" ...>. The arguments are pairs of strings; a NULL in place of
 * an attribute's name ends them. An attribute whose value is NULL is left out. Give "" for an
 * attribute without a value (controls, checked). A URL (in href, src, poster, action,
 * formaction) that is neither relative nor http(s) is written as "#", so that no link can
 * run a script. */
void html_open(struct buf *b, const char *name, ...) __attribute__((sentinel));
void html_close(struct buf *b, const char *name);

/* Writes <name>text</name>, or nothing when text is NULL. */
void html_elem(struct buf *b, const char *name, const char *text);
void html_elem_u64(struct buf *b, const char *name, uint64_t v);

/* Writes the document up to and with <body>: its language (NULL: not given), its title, and
 * the URL of its style sheet (NULL: none). The page fits screens of any width and asks not to
 * be indexed. */
void html_doc_open(struct buf *b, const char *lang, const char *title, const char *style);
/* Writes the document from </body> on. */
void html_doc_close(struct buf *b);

#endif
