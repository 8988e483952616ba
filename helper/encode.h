/*
 * encode: declarations that the parts of an encode share.
 */
#ifndef SM_ENCODE_H
#define SM_ENCODE_H

#include "helper/encode_judge.h"
#include "helper/helper.h"
#include "media/encode_cache.h"

struct encode {
	struct helper *h;
	const struct job *job;
	struct arena *arena;
	struct lease lease;
	uint64_t want[CLASS_MAX]; /* budget in bytes for each class; 0: not asked for */
	struct transcode_request req;
	struct transcode_job *tj; /* while encode_make() runs; NULL: none */
	struct encode_cache_made made;
	int blobs;       /* blob_shared(), from when the blobs of made are there; -1: not held */
	bool before;     /* the renditions come from an earlier encode */
	bool disk_short; /* when encode_make() ended: so short that the encoder may have failed */
	bool later;  /* a later round: the medium has renditions, which stay if this encode fails */
	bool failed; /* it failed for good */
	bool gone;   /* a blob of made was removed before the commit */
	bool unwanted; /* the template was deleted: the renditions are of no use */
	char why[TRANSCODE_WHY];
};

/* Returns the medium of the job, a part of t, or NULL if the template has no such medium or the
 * medium no longer waits. */
struct medium *encode_medium(const struct encode *e, struct template *t);

/* Sets e->want, what medium m may take: the budgets that the job names, or, for a job of version
 * 0.1.0, its share by what is known of all media. Returns false if memory is short or the job's
 * text is not readable. */
bool encode_grant(struct encode *e, const struct template *t, const struct medium *m)
    __attribute__((warn_unused_result));

/* Makes the renditions of medium m, or finds that an earlier encode has made them; e->made then
 * describes them, and e->blobs protects them until the caller closes it. e->why gives the reason
 * for any other result than ENCODE_MADE and ENCODE_ELSEWHERE. The transcoder's files are gone when
 * it returns, and unless it is ENCODE_MADE, e->blobs is not held: the outcome may have to wait for
 * a store whose disk is full, and must not keep it full. */
enum encode_rc encode_make(struct encode *e, const struct medium *m);

/* Takes e->blobs again. Returns ST_NOTFOUND if a blob of e->made was removed while nobody held it,
 * and ST_IO if it cannot be taken. */
enum store_rc encode_hold_blobs(struct encode *e);

/* Commits the outcome (e->made, or e->failed): the medium, the end of the job and, with the last
 * medium, the jobs of another round if media/budget.h asks for one, or else the postback. On
 * failure it commits nothing and returns an error: ST_CONFLICT if the lease is lost, ST_AGAIN if
 * the template keeps changing, ST_NOTFOUND if the template is gone, which sets e->unwanted. */
enum store_rc encode_commit(struct encode *e);

/* Does a claimed job and records the result in the store: done, again later, or a dead letter. */
void encode_run(struct helper *h, const struct job *j, struct arena *a);

/* Tells whether an encode that faults of this machine prevent has waited for all of encode-hold.
 * Faults that outlast encode-schedule are left to the operator. */
bool encode_overdue(const struct settings *s, const struct job *j);

/* Ends the message of sendMMS that waits for the job's template, if its time is over. The encode
 * goes on: the template is there for its account. */
void encode_end_message(struct helper *h, const struct job *j);

#endif
