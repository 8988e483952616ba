/*
 * compose: makes the parts of one MMS from a template and a message (savemms-api(7), Merge tags,
 * and What arrives): texts with their merge tags filled in, references to media, and a SMIL
 * presentation. Pure: it neither opens nor copies a medium.
 */
#ifndef SM_COMPOSE_H
#define SM_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/message.h"
#include "model/template.h"

struct arena;

/* COMPOSE_TEXT: the largest slide text, in bytes, after its values are filled in; this is far more
 * than a message holds. */
enum { COMPOSE_TEXT = 1 << 20 };

/* One part. Its id is unique in the message, is ASCII, and ends in the extension of its type. It
 * serves as Content-ID, Content-Location and file name alike ("slide2.jpg"). */
struct compose_part {
	const char *id;
	const char *type; /* MIME type without parameters; text/plain and SMIL are UTF-8 */
	const char *own;  /* the bytes, if they belong to this message alone; else NULL */
	size_t len;       /* of own */
	const char *sha;  /* the blob of the part, if own is NULL */
	uint64_t bytes;   /* before encoding; a line break of a text counts as one byte */
	bool attached;    /* an object, which the SMIL does not show */
};

struct composed {
	const char *subject;       /* merge tags filled in; "": none */
	struct compose_part *part; /* part[0] is the SMIL, then the slides in order */
	size_t npart;
	const char *class; /* the class that the caller asked for */
	size_t too_big;    /* the first slide whose text is larger than COMPOSE_TEXT; 0: none */
	/* The size of the whole message, in two forms. Both are UINT64_MAX if values made a text
	 * too big: that text is missing, and the message must not be sent. */
	uint64_t air;  /* bytes in binary form; classes, carriers and handsets limit them (air.h) */
	uint64_t wire; /* bytes as the transport encodes it; 0 until compose_within() sets it */
};

/* The personal image of this recipient, which replaces the image with the default values. */
struct personal_image {
	const void *p;
	size_t n;
	uint32_t width, height;
};

struct compose_in {
	const struct template *t;
	const struct message *m;
	/* compose() uses the renditions of this class; a medium without one goes as its source */
	const char *class;
	/* bit per enum kind: these objects are attached; the others become links */
	unsigned attach;
	const char *page; /* URL of the hosted page, without a slash at the end; slide N has its
	                     object at page/N */
	const char *report_url; /* URL for delivery reports; only for the transport */
	const struct personal_image *personal_image; /* NULL: none */
	size_t subject_chars; /* the subject is cut to this many characters; 0: uncut */
};

/* Composes the message. The result is in the arena and refers to what *in refers to. Returns NULL
 * if memory is short. text_subject() cleans the subject, values included. vCards, calendars and
 * PDFs go byte for byte; compose() does not look for tags in them. */
struct composed *compose(struct arena *a, const struct compose_in *in)
    __attribute__((warn_unused_result));

/* Returns the subject with its tags filled in, cleaned by text_subject(), in the arena; "": none.
 * Returns NULL if memory is short. */
const char *compose_subject(struct arena *a, const struct compose_in *in)
    __attribute__((warn_unused_result));

#endif
