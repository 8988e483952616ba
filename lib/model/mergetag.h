/*
 * mergetag: the merge tags in a template's texts, which sending fills in (savemms-api(7),
 * Merge tags). Pure.
 *
 * A tag is {$name} or {$name|default}. A name begins with a letter or underscore; letters,
 * digits and underscores follow. A default goes up to the next closing brace. Anything that is
 * not such a tag is text as written.
 */
#ifndef SM_MERGETAG_H
#define SM_MERGETAG_H

#include <stdbool.h>
#include <stddef.h>

/* Returns the length of the name that text begins with, or 0 if it begins with none. */
size_t mergetag_name(const char *text);

/* The state of reading one text. Reading all of it takes time linear in its length. */
struct mergetag_reader {
	const char *p; /* the text that is left */
	bool unclosed; /* no closing brace is left, so no tag either */
};

/* A piece of the text. Its pointers point into the text. */
struct mergetag_piece {
	const char *p; /* all of it, braces included */
	size_t n;
	bool tag;
	const char *name; /* of a tag */
	size_t namelen;
	const char *def; /* the tag's default; "" with deflen 0 when it has none */
	size_t deflen;
};

/* Starts to read text, which must live as long as the reader. */
void mergetag_start(struct mergetag_reader *r, const char *text);

/* Reads the next piece, a text or a tag, which is never empty. Two pieces of text may follow
 * each other. Returns false at the end. */
bool mergetag_next(struct mergetag_reader *r, struct mergetag_piece *out);

struct buf;
struct message_var;

/* Appends n bytes of text to out, escaped for the format of out: xml_bytes(), html_bytes()
 * mergetag_plain() or mergetag_cut(). */
typedef void mergetag_put(struct buf *out, const char *p, size_t n);

/* Appends n bytes to out for text/plain: line breaks become LF, and DEL and C0 controls other
 * than tab are left out. */
void mergetag_plain(struct buf *out, const char *p, size_t n);

/* Does the same, but of what does not fit into out it appends the characters that do; then out is
 * full and has failed, and its text is the beginning of the whole. */
void mergetag_cut(struct buf *out, const char *p, size_t n);

/* Appends the text to out with its tags filled in. A tag becomes the value of the variable with
 * its name in any case, or the tag's default if there is no such variable or its value is
 * blank. Every piece goes through put, values and defaults too. No piece is read again, so a tag
 * in a value stays as it is. var is sorted as struct message_var says. The time is linear in
 * text and result, times the logarithm of nvar. Check buf_ok(): the cap of out limits the size
 * that values can reach. */
void mergetag_fill(struct buf *out, const char *text, const struct message_var *var, size_t nvar,
    mergetag_put *put);

#endif
