/*
 * composer: what the files of the composer share. An MMS in the making lives in the
 * form alone: every answer writes it out again, with all that was typed. Files are kept as
 * blobs that nothing refers to (the sweep removes them after a day) and named in the form by
 * a ticket that is good for this session only.
 */
#ifndef SM_COMPOSER_H
#define SM_COMPOSER_H

#include "cgi/console/console.h"
#include "cgi/console/upload.h"
#include "request/request.h"

enum {
	COMPOSER_SLIDES = 60, /* a form has at most so many; max-slides is the rule's to say */
	COMPOSER_MEDIA = 3,   /* rows for media of a slide */
	COMPOSER_FOCUS = 40,
	COMPOSER_LINE = 400
};

struct composer_medium {
	const char *kind; /* kind_pair(); "": by its name or type */
	const char *url;
	struct console_upload file; /* file.name NULL: none */
};

struct composer_slide {
	const char *text, *duration, *picture; /* picture: id of an image template */
	struct composer_medium medium[COMPOSER_MEDIA];
	size_t nmedium;
};

struct composer_form {
	const char *name, *subject, *fallback, *no_fallback, *no_fallback_link, *reference;
	struct composer_slide slide[COMPOSER_SLIDES];
	size_t nslide;
	char focus[COMPOSER_FOCUS]; /* id of what gets the focus; "": nothing does */
	const char *trouble;        /* what went wrong with a file; NULL: nothing */
};

/* What is known of it, for the page. */
struct composer_report {
	struct failure failure;
	char info[COMPOSER_LINE]; /* its text */
	unsigned long slide;      /* the slide it is about; 0: none */
	const struct template *t; /* NULL: it has failed */
	bool tried;               /* media were fetched and transcoded */
	bool saving;              /* it is the answer to saving */
	const char *xml;
	struct request *request;
	const struct upload *upload;
	size_t nupload;
};

/* --- the form (composer_form.c) --- */

/* An empty MMS; NULL: memory is short. */
struct composer_form *composer_new(struct console *c) __attribute__((warn_unused_result));
/* The form as it was sent, files taken in. NULL: memory is short. */
struct composer_form *composer_read(struct console *c) __attribute__((warn_unused_result));
/* Does what the button says to its slides: add, remove-N, up-N, down-N, medium-N (a row
 * more), drop-N-M (that row away). Anything else does nothing. */
void composer_do(struct composer_form *f, const char *button);
/* The kind a row stands for. */
enum kind composer_kind(const struct composer_medium *m);
/* Is there anything in the row? */
bool composer_has(const struct composer_medium *m);

/* --- checking and saving (composer_check.c) --- */

/* Makes the request of it, in XML and as the API reads it, and looks at the rules that need
 * no medium. False: memory is short. */
bool composer_check(struct console *c, const struct composer_form *f, struct composer_report *r)
    __attribute__((warn_unused_result));
/* Then: all of saveMMS but storing. */
void composer_try(struct console *c, const struct composer_form *f, struct composer_report *r);
/* Then: saves it. The MMSID; 0: it has failed. */
uint64_t composer_save(struct console *c, const struct composer_form *f, struct composer_report *r);

/* --- writing (composer_html.c, composer_report.c) --- */

void composer_write_form(struct console *c, const struct composer_form *f,
    const struct composer_report *r);
void composer_write_report(struct console *c, const struct composer_form *f,
    const struct composer_report *r);

#endif
