/*
 * xmlout: XML written with every value escaped.
 */
#ifndef SM_XMLOUT_H
#define SM_XMLOUT_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* Writes text, which is UTF-8, as character data: & < > " CR become references, and
 * characters that XML 1.0 cannot hold (C0 controls but tab, LF, CR; U+FFFE, U+FFFF) become
 * U+FFFD. Here and below, check buf_ok(). */
void xml_text(struct buf *b, const char *text);

/* Writes n bytes in the same way. They must end with a whole character. */
void xml_bytes(struct buf *b, const char *p, size_t n);

/* Writes n bytes for HTML, where a value may also stand between apostrophes. */
void html_bytes(struct buf *b, const char *p, size_t n);

/* Writes <name>text</name>, or nothing when text is NULL. The name comes from this program,
 * never from outside. */
void xml_elem(struct buf *b, const char *name, const char *text);
void xml_elem_u64(struct buf *b, const char *name, uint64_t v);

void xml_open(struct buf *b, const char *name);
void xml_close(struct buf *b, const char *name);

#endif
