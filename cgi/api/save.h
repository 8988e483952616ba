/*
 * save: the state and the functions that the steps of saveMMS and sendMMS share.
 */
#ifndef SM_SAVE_H
#define SM_SAVE_H

#include "cgi/app.h"
#include "media/transcode.h"
#include "net/fetch.h"

/* One run of the transcoder for one medium. */
struct save_run {
	struct save_run *before; /* NULL: this is the first */
	struct transcode_job *job;
	uint64_t want[CLASS_MAX]; /* bytes for each class; 0: not requested */
};

/* One medium on its way into a template. */
struct save_item {
	struct medium *m;    /* in the template */
	unsigned long slide; /* from 1 */
	struct fetch *fetch;
	enum api_error error; /* E_NONE: no failure so far */
	const char *note; /* what the log and the console add about the failure; NULL: nothing */
	struct transcode_job *ask; /* of which format it is; NULL: not asked, or answered */
	struct save_run *run; /* the last run: renditions of an image, or a probe of audio or video;
	                         NULL: none */
};

struct save {
	struct call *call;
	struct template *t;
	bool sends;              /* this is a sendMMS */
	struct message *message; /* of a sendMMS, from save_send_begin() on; else NULL */
	struct save_item *item;  /* in order of failures (savemms-api(7), Checks) */
	size_t nitem;
	size_t nfetch;       /* how many of them are fetched; a personal image follows them */
	struct fetch *fetch; /* one for each item */
	struct image_template *image; /* that a slide names; NULL: none */
	enum store_rc image_rc;       /* result of the last look-up of an image template */
	uint64_t budget[CLASS_MAX];   /* bytes for all images, audio and video in a class */
	struct transcode_until until; /* how long its media may wait to be begun, and take */
};

/* Makes an item of each medium of the template and computes sv->budget. Returns false when
 * memory is short. */
bool save_items(struct save *sv) __attribute__((warn_unused_result));

/* Tells whether the account has an image template with this id (validate.h). ctx is the struct
 * save, which keeps the image template and the result of the store. */
bool save_image_known(void *ctx, const char *id);

/* Adds an image as the first medium of the slide that names an image template. It stands for the
 * personal image and has no size or bytes yet. Returns false when memory is short. */
bool save_personal_medium(struct save *sv) __attribute__((warn_unused_result));

/* Draws the image template with the defaults of its tags and starts the transcoder on the
 * result, as for a fetched image. If the defaults cannot be drawn, it uses the background. The
 * item holds the outcome. */
void save_personal_image(struct save *sv);

/* Starts the transcoder: for an image, to make it fit want bytes in each class; for audio or
 * video, to probe it. Returns E_NONE, or E503 when the transcoder cannot start. (save_media.c) */
enum api_error save_start(struct save *sv, struct save_item *it, const uint64_t want[CLASS_MAX]);

/* Fetches all media. As each arrives, it checks the type and starts the transcoder for an image,
 * or a probe for audio or video, so that fetching and transcoding overlap. What only libmagic may
 * know is asked meanwhile, all of it at once, and goes on when all has been fetched. Each item
 * holds its outcome. Sets sv->until.begun. */
void save_fetch(struct save *sv);

/* Waits for the transcoder, but no longer than sv->until, records the results in the template's
 * media and, unless a medium still waits for the helper, makes the sum of the media fit each class.
 * Each item holds its outcome, up to the first that failed: that is the answer. */
void save_fit(struct save *sv);

/* Stores the sources and the renditions of the template's media as blobs. Returns false, after
 * logging the reason, when one cannot be stored. */
bool save_blobs(struct save *sv) __attribute__((warn_unused_result));

/* What a sendMMS does besides, in the steps (save_send.c). Each returns false with the call's
 * failure set. */

/* Makes the checks that come before those of the template, and begins the message. */
bool save_send_begin(struct save *sv) __attribute__((warn_unused_result));
/* Makes the others that need no medium, except that of the mask, and completes the message. */
bool save_send_rest(struct save *sv) __attribute__((warn_unused_result));
/* Checks the mask and writes an answer as long as the longest. */
bool save_send_answer(struct save *sv) __attribute__((warn_unused_result));
/* Writes the answer, as the message is. */
void save_send_write_answer(struct answer *a, uint64_t mmsid, const struct message *m);
/* Stores template, jobs and message in one transaction. */
enum store_rc save_send_store(struct save *sv, struct job *jobs, size_t njobs)
    __attribute__((warn_unused_result));

/* Runs saveMMS up to its answer: it checks, fetches and transcodes everything, but stores
 * nothing and counts no call. The caller has set c->request and c->account. Returns the template
 * as it would be stored, except that its blobs do not exist, or NULL with c->failure set. */
struct template *save_try(struct call *c);

/* Ends the runs of the transcoder and closes all files. */
void save_end(struct save *sv);

#endif
