/*
 * save: what the steps of saveMMS share.
 */
#ifndef SM_SAVE_H
#define SM_SAVE_H

#include "cgi/app.h"
#include "media/transcode.h"
#include "net/fetch.h"

/* A call of the transcoder for one medium. */
struct save_run {
	struct save_run *before; /* NULL: it was the first */
	struct transcode_job *job;
	uint64_t want[CLASS_MAX]; /* bytes in each class; 0: not asked for */
};

/* One medium on its way into a template. */
struct save_item {
	struct medium *m;    /* in the template */
	unsigned long slide; /* from 1 */
	struct fetch *fetch;
	enum api_error error; /* E_NONE: all is well so far */
	struct save_run *run; /* the last: an image in some classes, or a look into audio or
	                       * video; NULL: none */
};

struct save {
	struct call *call;
	struct template *t;
	struct save_item *item; /* in the order failures are named (savemms-api(7), Checks) */
	size_t nitem;
	size_t nfetch;                /* the first of them: all but the picture */
	struct fetch *fetch;          /* one an item */
	struct image_template *image; /* of the personalized image that was asked for; NULL: none */
	enum store_rc image_rc;       /* what the store said of the one asked for last */
	uint64_t budget[CLASS_MAX];   /* bytes for all images, audio and video of a class */
};

/* Collects the template's media as items. False: memory is short. */
bool save_items(struct save *sv) __attribute__((warn_unused_result));

/* Is there an image template of this id in the account (validate.h)? ctx is the struct
 * save; the template is kept in it. */
bool save_image_known(void *ctx, const char *id);

/* Gives the slide with a personalized image its picture as its first medium, nothing
 * of it known yet. False: memory is short. */
bool save_personal_medium(struct save *sv) __attribute__((warn_unused_result));

/* Draws the picture with the tags' defaults and has it transcoded like an image that was
 * fetched. Defaults that cannot be drawn leave the background. The outcome is in the item. */
void save_personal_image(struct save *sv);

/* Starts the transcoder for an image, with so many bytes in each class, or for a look into an
 * audio or video. E_NONE, or E503 (save_media.c). */
enum api_error save_start(struct save *sv, struct save_item *it, const uint64_t want[CLASS_MAX]);

/* Fetches all media; as each arrives its type is checked and, for an image, its
 * transcoding started, so that fetching and transcoding overlap. The outcome is in
 * each item. */
void save_fetch(struct save *sv);

/* Waits for the transcodings, notes what came of them in the template's media and, where
 * nothing waits for the helper, makes the sum of the media fit each class. The outcome is
 * in each item. */
void save_fit(struct save *sv);

/* Makes blobs of the sources and of the renditions in the template's media. False: one
 * could not be stored (logged). */
bool save_blobs(struct save *sv) __attribute__((warn_unused_result));

/* saveMMS as far as its answer: all is checked, fetched and transcoded, nothing stored and
 * no call counted. The template as it would be, its blobs unnamed; NULL with c->failure set.
 * c->request and c->account are set. */
struct template *save_try(struct call *c);

/* Ends transcodings and closes files. */
void save_end(struct save *sv);

#endif
