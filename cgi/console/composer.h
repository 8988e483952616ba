/*
 * composer: the state and the functions that the files of the composer share. An MMS that is
 * being composed exists only in its form: every answer writes the form again, with all that
 * was typed. Files are kept as blobs that nothing refers to; the sweep removes them after a
 * day. The form names each by a ticket that is valid for this session only.
 */
#ifndef SM_COMPOSER_H
#define SM_COMPOSER_H

#include "cgi/console/console.h"
#include "cgi/console/upload.h"
#include "request/request.h"

enum {
	COMPOSER_SLIDES = 60, /* most slides of a form; the rules check max-slides */
	COMPOSER_MEDIA = 3,   /* most rows for media of a slide */
	COMPOSER_FOCUS = 40,
	COMPOSER_LINE = 400
};

struct composer_medium {
	const char *kind; /* kind_pair(); "": given by name or type */
	const char *url;
	struct console_upload file; /* file.name NULL: none */
};

struct composer_slide {
	const char *text, *duration;
	const char *image_template; /* its id; "" for none */
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

/* The results of checking an MMS, for its page. */
struct composer_report {
	struct failure failure;
	char info[COMPOSER_LINE]; /* text of the failure */
	unsigned long slide;      /* slide of the failure; 0: none */
	const struct template *t; /* NULL: the check failed */
	bool tried;               /* media were fetched and transcoded */
	bool saving;              /* the report answers an attempt to save */
	const char *xml;
	struct request *request;
	const struct upload *upload;
	size_t nupload;
};

/* --- the form (composer_form.c) --- */

/* Returns the form of an empty MMS, in the arena, or NULL when memory is short. */
struct composer_form *composer_new(struct console *c) __attribute__((warn_unused_result));
/* Returns the form as it was sent, in the arena, and keeps its files (upload.h). A file that
 * cannot be kept sets trouble. Returns NULL when memory is short. */
struct composer_form *composer_read(struct console *c) __attribute__((warn_unused_result));
/* Carries out a button on the slides: add, remove-N, up-N, down-N, medium-N (adds a row) or
 * drop-N-M (removes that row). It ignores any other. */
void composer_do(struct composer_form *f, const char *button);
/* Returns the kind of medium that the row stands for: the one chosen, else the one that the type
 * or the extension suggests, else an image. */
enum kind composer_kind(const struct composer_medium *m);
/* Tells whether the row has a file or a URL. */
bool composer_has(const struct composer_medium *m);

/* --- checking and saving (composer_check.c) --- */

/* Makes the request of the form, both as XML and as the API reads it, and checks the rules that
 * need no medium. The report holds the outcome. Returns false when memory is short or the store
 * fails. */
bool composer_check(struct console *c, const struct composer_form *f, struct composer_report *r)
    __attribute__((warn_unused_result));
/* Runs all of saveMMS except storing, after composer_check(). The report holds the outcome. */
void composer_try(struct console *c, const struct composer_form *f, struct composer_report *r);
/* Saves the MMS, after composer_check(). Returns its MMSID, or 0 with r->failure set. */
uint64_t composer_save(struct console *c, const struct composer_form *f, struct composer_report *r);

/* --- writing (composer_html.c, composer_report.c) --- */

/* These write the form and the report of the check. The script gets the report alone. */
void composer_write_form(struct console *c, const struct composer_form *f,
    const struct composer_report *r);
void composer_write_report(struct console *c, const struct composer_form *f,
    const struct composer_report *r);

#endif
