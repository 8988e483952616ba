/*
 * mergetag: the tags in a template's texts that sending fills in (SPEC 6.3). Pure.
 *
 * A tag is {$name} or {$name|default}; a name is a letter or underscore and then
 * letters, digits and underscores; a default goes up to the next closing brace.
 * Anything that is not such a tag is text as written.
 */
#ifndef SM_MERGETAG_H
#define SM_MERGETAG_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the name that text begins with; 0 where it begins with none. */
size_t mergetag_name(const char *text);

/* A reader over one text. Reading all of it takes time linear in its length. */
struct mergetag_reader {
	const char *p; /* what comes next */
	bool unclosed; /* no closing brace is left: no tag either */
};

/* A piece of the text, as it lies there. */
struct mergetag_piece {
	const char *p; /* all of it, braces included */
	size_t n;
	bool tag;
	const char *name; /* of a tag */
	size_t namelen;
	const char *def; /* its default; "" with deflen 0 when it has none */
	size_t deflen;
};

void mergetag_start(struct mergetag_reader *r, const char *text);

/* The next piece, text or tag, never empty; false at the end. Two pieces of text
 * may follow each other. */
bool mergetag_next(struct mergetag_reader *r, struct mergetag_piece *out);

struct buf;
struct message_var;

/* Appends n bytes of text to out, escaped for what out is: xml_bytes(), html_bytes(),
 * or mergetag_plain(). */
typedef void mergetag_put(struct buf *out, const char *p, size_t n);

/* For text/plain: line breaks become LF; C0 controls but tab, and DEL, go. */
void mergetag_plain(struct buf *out, const char *p, size_t n);

/* Appends the text to out with its tags filled in: a tag becomes the value of the
 * variable with its name, any case, or, where there is none or its value is blank,
 * the tag's default. Every piece goes through put, values and defaults too, and is
 * never read again: a tag in a value stays as it is. var is sorted as struct
 * message_var says. Takes time linear in text and result, times the logarithm of
 * nvar. Check buf_ok(): the cap of out is the limit on what values can blow up to. */
void mergetag_fill(struct buf *out, const char *text, const struct message_var *var, size_t nvar,
    mergetag_put *put);

#endif
