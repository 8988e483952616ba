/*
 * page: a message as a web page, for handsets that cannot have it as an MMS (SPEC 6.5).
 * Pure: what is written, and which blob a name below the page stands for.
 *
 * The page is plain enough for a phone of 2005: no script, every player has a link beside
 * it. Names below the page are a slide's number from 1 and the extension of the medium
 * ("2.jpg"); a number alone is the slide's contact, calendar or PDF, or what it has.
 */
#ifndef SM_PAGE_H
#define SM_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/message.h"
#include "model/template.h"

struct buf;

enum { PAGE_NAME = 32 }; /* bytes page_name() may write */

/* What of a medium the page shows: its rendition of the largest class, else its source. */
struct page_medium {
	const char *sha;
	enum format format;
	uint64_t bytes;
	uint32_t width, height, ms; /* 0 when unknown */
	bool picture;               /* of a personalized image, with the tags' defaults */
};

struct page_medium page_medium(const struct medium *m);

/* The medium that name ("2.jpg", "2") stands for; false when there is none. */
bool page_find(const struct template *t, const char *name, struct page_medium *out);

/* The name of a medium of format f on slide (from 1): "2.jpg". */
void page_name(uint32_t slide, enum format f, char out[PAGE_NAME]);
/* What it is saved as: "contact.vcf", "picture.jpg". */
void page_save_name(enum format f, char out[PAGE_NAME]);

/* Is the page's time over? now in microseconds, as clock_now() gives it. */
bool page_expired(const struct message *m, int64_t now);

struct page_in {
	const struct template *t;
	const struct message *m;
	const char *dir;   /* what stands before the names of media: "TOKEN/" or "" */
	const char *style; /* URL of its style sheet */
};

/* Appends the document to out, merge tags filled in; check buf_ok(). */
void page_html(struct buf *out, const struct page_in *in);

/* The same look with nothing but a heading and a line of text: expired, not there. */
void page_notice(struct buf *out, const char *style, const char *heading, const char *text);

#endif
