/*
 * request: what a caller asks for, read from any of the forms of a request in any dialect
 * (savemms-api(7), Requests and Dialects).
 */
#ifndef SM_REQUEST_H
#define SM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "model/dialect.h"
#include "model/error.h"
#include "model/media.h"
#include "request/pairs.h"

struct arena;
struct xnode;

enum {
	REQUEST_SLIDES = 128, /* slides kept; any more are only counted */
	REQUEST_TEXTS = 100,  /* custom texts kept, likewise */
	REQUEST_DATA = 256    /* variables kept, likewise */
};

struct request_slide {
	const char *url[KIND_COUNT];  /* NULL: absent */
	const char *part[KIND_COUNT]; /* of the body, which REST has in place of a URL; likewise */
	const char *image_template, *text, *duration; /* NULL: absent */
	bool image_first;                             /* an image came before any personal image */
	bool foreign; /* it holds what B and C name and no handset gets (E229) */
	bool wrong;   /* it is no object of JSON */
};

/* A CUSTOMTEXT of sendSavedMMS (savemms-api(7), Sending). */
struct request_text {
	const char *slide, *text; /* NULL: absent */
};

/* An element of DATA: a variable. */
struct request_var {
	const char *name, *value; /* never NULL */
};

/* Stands for a value of JSON that is not of the type that its field has (E100, where the rule of
 * the field stands). It is an empty text for those who do not look. */
extern const char request_wrong_type[1];

/* Every text is valid UTF-8 and trimmed; NULL means that the caller did not give it. */
struct request {
	enum dialect dialect;
#define FIELD(name, element, type) const char *name;
#include "model/request.def"
#undef FIELD
	struct request_slide *slide;
	size_t nslide;
	struct request_text *custom;
	size_t ncustom;
	struct request_var *data;
	size_t ndata;
	bool data_wrong; /* DATA or a value in it is of a wrong type */
	/* what request_read_rest() reads */
	struct pairs pairs;
	const struct xnode *root; /* NULL: the request came as pairs */
};

/* What request_read() needs of one HTTP request. */
struct request_bytes {
	bool post;
	enum dialect home;        /* that of its URL */
	const char *query;        /* GET: the query string */
	const char *content_type; /* POST; "" when missing */
	const char *body;
	size_t len;
};

/* Returns true if a value is of a wrong type. */
bool request_wrong(const char *value);

/* Reads a request; all memory is the arena's. Returns NULL with the failure in *f: E100 when the
 * request cannot be read at all, E108 for XML, JSON or text that is not valid, E503 when memory is
 * short. The caller must check that ACTION is given and known. */
struct request *request_read(struct arena *a, const struct request_bytes *in, struct failure *f);

/* The two steps of request_read(), for a caller who is to be known first. request_read_head() reads
 * everything but slides, custom texts and data. request_read_rest() reads these, once; the bytes of
 * the request must still be there. It takes time in proportion to their number. Returns false when
 * memory is short. */
struct request *request_read_head(struct arena *a, const struct request_bytes *in,
    struct failure *f);
bool request_read_rest(struct arena *a, struct request *r) __attribute__((warn_unused_result));

#endif
