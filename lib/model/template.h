/*
 * template: a saved MMS as the store keeps it.
 *
 * What can be derived is not stored: the state follows from the media, the
 * size from the sources and texts.
 */
#ifndef SM_TEMPLATE_H
#define SM_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypt.h"
#include "model/dialect.h"
#include "model/media.h"
#include "model/settings.h"

struct arena;
struct buf;

enum medium_state {
	MEDIUM_READY,   /* its renditions exist, or it needs none */
	MEDIUM_WAITING, /* audio or video that the helper has yet to encode */
	MEDIUM_FAILED,  /* the helper could not encode it */
};

enum template_state { TEMPLATE_ENCODING, TEMPLATE_READY, TEMPLATE_FAILED };

/* What more bytes would do for a rendition. This matters until the budgets of its template are
 * settled (budget.h). */
enum rendition_size {
	SIZE_BEST,  /* nothing: it cannot become better */
	SIZE_BOUND, /* make it better */
	SIZE_LEAST, /* make it better; it cannot be made any smaller */
};

/* A medium made to fit one class. The blob is named by sha. */
struct rendition {
	char class[CLASS_NAME];
	char sha[SHA256_HEX];
	enum format format;
	uint64_t bytes;
	uint32_t width, height; /* 0 when not an image or a film */
	uint32_t ms;            /* 0 when it has no duration */
	uint32_t quality;       /* see struct transcode_output */
	enum rendition_size size;
};

struct medium {
	enum kind kind;
	enum medium_state state;
	enum format format;   /* of the source's bytes, as the type check found */
	const char *url;      /* as the customer gave it; "" for the image of an image template */
	const char *mime;     /* Content-Type from the origin, without parameters */
	char sha[SHA256_HEX]; /* blob of the source, unchanged */
	uint64_t bytes;
	uint32_t width, height, ms; /* of the source; 0 when unknown */
	struct rendition *rendition;
	size_t nrendition;
	const char *why; /* what went wrong, for the operator; NULL when nothing */
};

struct slide {
	const char *text; /* NULL: none */
	/* The id of an image template; NULL: none. The media hold its image with the defaults of
	 * the tags; sending replaces it by the recipient's personal image. */
	const char *image_template;
	const char *duration;  /* as given; NULL: none */
	struct medium *medium; /* in the order of enum kind */
	size_t nmedium;
};

struct template
{
	uint64_t id; /* the MMSID; 0 until stored */
	uint64_t account;
	uint32_t version;     /* raised by each change, for compare-and-set */
	int64_t created;      /* microseconds, clock_now() */
	enum dialect dialect; /* of the request that saved it: its postbacks speak it */
	const char *name, *subject, *fallback, *reference; /* "" when not given */
	bool no_fallback, no_fallback_link;
	bool transcoding; /* the account's setting when it was saved */
	struct slide *slide;
	size_t nslide;
	char link_class[CLASS_MAX][CLASS_NAME]; /* classes it does not fit, which get a link */
	size_t nlink;
};

/* Returns true if the medium is the image of an image template, see image_template above. */
bool medium_is_personal_image(const struct medium *m);

/* Returns the state of the template: encoding while a medium is waiting, else failed if a medium
 * has failed, else ready. */
enum template_state template_state(const struct template *t);
const char *template_state_name(enum template_state s); /* "encoding", "ready", "failed" */

/* Returns the rendition for the class, or NULL if there is none. */
const struct rendition *medium_rendition(const struct medium *m, const char *class);

/* Returns true if this MMS does not fit the class (link_class). */
bool template_is_link(const struct template *t, const char *class);

/* Returns the blob of the image that represents the template in lists, and sets *f to its
 * format. It is the smallest rendition of the first image, or the image itself if nothing is
 * transcoded. Returns NULL if there is none. */
const char *template_poster(const struct template *t, enum format *f);

/* Returns the bytes of the sources and texts of all slides. */
uint64_t template_size(const struct template *t);

/* Calls each(ctx, sha) for every blob the template refers to (sources and renditions), once for
 * each reference. When each() returns other than 0, stops and returns that; else returns 0. */
int template_blobs(const struct template *t, int (*each)(void *ctx, const char *sha), void *ctx);

/* Appends the record (savemms-store(5)) to out; check buf_ok(). */
void template_encode(const struct template *t, struct buf *out);

/* Does so without the lines that version 0.1.0 does not know: what more bytes would do goes into
 * the numbers of quality, where template_decode() finds it; the dialect is lost, and reads as A. */
void template_encode_layout1(const struct template *t, struct buf *out);

/* Reads such a record of n bytes into memory of the arena. Returns NULL for a record that is not
 * whole or of a newer version, or when memory is short. The record does not hold id and version;
 * the caller sets them. */
struct template *template_decode(struct arena *a, const char *p, size_t n);

#endif
