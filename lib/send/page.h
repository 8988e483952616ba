/*
 * page: writes a message as a web page, for handsets that cannot take it as an MMS
 * (savemms-api(7), What arrives, and Hosted pages). Pure: it writes the document and finds the
 * blob that a name below the page stands for.
 *
 * The page is plain enough for a phone of 2005: it has no script, and every player has a link
 * beside it. A name below the page is the number of a slide, from 1, and the extension of the
 * medium ("2.jpg"). A number alone stands for the contact, calendar or PDF of the slide, or for
 * its first medium if it has none of these.
 */
#ifndef SM_PAGE_H
#define SM_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/message.h"
#include "model/template.h"

struct arena;
struct buf;

enum { PAGE_NAME = 32 }; /* size of the buffer for page_name() and page_save_name(), in bytes */

/* What the page shows of a medium: its rendition of the largest class, or its source if it has no
 * rendition. */
struct page_medium {
	const char *sha;
	enum format format;
	uint64_t bytes;
	uint32_t width, height, ms; /* pixels and milliseconds; 0: unknown */
	bool personal_image;        /* the personal image, drawn with the defaults */
};

struct page_medium page_medium(const struct medium *m);

/* Finds the medium that name ("2.jpg", "2") stands for. *out points into t. Returns false if
 * there is none. */
bool page_find(const struct template *t, const char *name, struct page_medium *out);

/* Writes the name of a medium of format f on slide (from 1): "2.jpg". */
void page_name(uint32_t slide, enum format f, char out[PAGE_NAME]);
/* Writes the name under which a browser saves a medium of format f: "contact.vcf",
 * "picture.jpg". */
void page_save_name(enum format f, char out[PAGE_NAME]);

/* Tells whether the page has expired at the time now, in microseconds as clock_now() gives it. */
bool page_expired(const struct message *m, int64_t now);

struct page_in {
	struct arena *a;      /* for the subject */
	size_t subject_chars; /* the subject is cut to this many characters */
	const struct template *t;
	const struct message *m;
	const char *dir;   /* prefix of the names of media: "TOKEN/" or "" */
	const char *style; /* URL of its style sheet */
};

/* The most bytes of text that a page shows, values filled in, subject aside: what is beyond is left
 * out, and an ellipsis says so. So a page has at most PAGE_BYTES, whatever the values are. */
enum { PAGE_TEXT = 1 << 20, PAGE_BYTES = 8 << 20 };

/* Appends the document to out, with merge tags filled in. The caller checks buf_ok(). */
void page_html(struct buf *out, const struct page_in *in);

/* Appends a document of the same look that has only a heading and a line of text, for a page that
 * has expired or does not exist. The caller checks buf_ok(). */
void page_notice(struct buf *out, const char *style, const char *heading, const char *text);

#endif
