/*
 * compose: a template and a message become the parts of one MMS (SPEC 6.3, 6.4):
 * texts with their merge tags filled in, media referred to, a SMIL presentation.
 * Pure: no medium is opened or copied.
 */
#ifndef SM_COMPOSE_H
#define SM_COMPOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/message.h"
#include "model/template.h"

struct arena;

/* The largest text that values may make of a slide's text or a subject; far more than a
 * message holds. And the longest SMS, in bytes: 255 pieces of 153 (3GPP TS 23.040). */
enum { COMPOSE_TEXT = 1 << 20, COMPOSE_SMS = 255 * 153 };

/* One part. Its id is unique in the message, ASCII, ends in the extension of its type,
 * and serves as Content-ID, Content-Location and file name alike ("slide2.jpg"). */
struct compose_part {
	const char *id;
	const char *type; /* MIME type without parameters; text/plain and SMIL are UTF-8 */
	const char *own;  /* its bytes, where they are this message's own; else NULL */
	size_t len;       /* of own */
	const char *sha;  /* the blob that it is, where own is NULL */
	uint64_t bytes;   /* of the part as it is: not encoded, a line break of a text one byte */
	bool attached;    /* an object: the SMIL does not show it */
};

struct composed {
	const char *subject;       /* merge tags filled in; "" none */
	struct compose_part *part; /* part[0] is the SMIL; then the slides' parts in order */
	size_t npart;
	const char *class; /* whose renditions it has, as asked for */
	/* What the whole of it weighs, in two ways. UINT64_MAX, both: values made a text larger
	 * than COMPOSE_TEXT; it is not there, and the message is not to be sent. */
	uint64_t air;  /* the binary message, which classes, carriers and handsets limit (air.h) */
	uint64_t wire; /* as its transport encodes it; 0 until compose_within() has asked that */
};

/* A picture made for this recipient, in place of a personalized image. */
struct compose_picture {
	const void *p;
	size_t n;
	uint32_t width, height;
};

struct compose_in {
	const struct template *t;
	const struct message *m;
	/* whose renditions are used; a medium that has none goes as its source */
	const char *class;
	/* bit per enum kind: objects that go as attachments; the others become links */
	unsigned attach;
	const char *page; /* URL of the hosted page, without a slash at the end; an object of slide
	                     N is page/N */
	const char *report_url; /* where delivery reports are to come to; for the transport, not for
	                           compose() */
	const struct compose_picture *picture; /* NULL: none */
	size_t subject_chars; /* the subject is cut to so many characters; 0: not cut */
};

/* All memory is the arena's, but for what in refers to. NULL: memory is short. A subject
 * is what text_subject() leaves of it, values included. vCards, calendars and PDFs go
 * byte for byte; tags in them are not looked for. */
struct composed *compose(struct arena *a, const struct compose_in *in)
    __attribute__((warn_unused_result));

/* The fallback SMS: the message's fallback text, else the template's, else the subject
 * (tags filled in), then a blank and the page's URL unless that is switched off (SPEC
 * 6.5). Of a text above COMPOSE_SMS bytes the end is cut off, never the URL. NULL: memory
 * is short. */
const char *compose_sms(struct arena *a, const struct compose_in *in)
    __attribute__((warn_unused_result));

#endif
