/*
 * xmlout: XML written with every value escaped.
 */
#ifndef SM_XMLOUT_H
#define SM_XMLOUT_H

#include <stddef.h>
#include <stdint.h>

struct buf;

/* text as character data: & < > " CR are written as references, and characters
 * XML 1.0 cannot hold (C0 controls but tab, LF, CR; U+FFFE, U+FFFF) as U+FFFD. text is UTF-8. */
void xml_text(struct buf *b, const char *text);

/* The same for n bytes, which end no character in the middle. */
void xml_bytes(struct buf *b, const char *p, size_t n);

/* The same for HTML, where a value may also stand between apostrophes. */
void html_bytes(struct buf *b, const char *p, size_t n);

/* <name>text</name>; nothing at all when text is NULL. name is ours, never
 * from outside. */
void xml_elem(struct buf *b, const char *name, const char *text);
void xml_elem_u64(struct buf *b, const char *name, uint64_t v);

void xml_open(struct buf *b, const char *name);
void xml_close(struct buf *b, const char *name);

#endif
