/*
 * encode: what the parts of an encode share.
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
	uint64_t want[CLASS_MAX]; /* bytes the medium may take in each class; 0: not asked for */
	struct transcode_request req;
	struct transcode_job *tj; /* NULL: it was had from an earlier encode */
	struct encode_cache_made made;
	bool later;  /* of a later round: there are renditions, which stay if it fails */
	bool failed; /* for good */
	char why[TRANSCODE_WHY];
};

/* The medium the job is about; NULL when the template has no such, or it waits no
 * longer. */
struct medium *encode_medium(const struct encode *e, struct template *t);

/* Sets what medium m may take: what the job says, or, of a job of version 0.1.0, its share by what
 * is known of all media. False: memory is short, or the job's text is none. */
bool encode_grant(struct encode *e, const struct template *t, const struct medium *m)
    __attribute__((warn_unused_result));

/* Makes the renditions of medium m, or finds that they have been made before: then
 * they are where blob_shared(), held in *lock, keeps them. When made now, their
 * blobs are stored under *lock, too. *lock is -1 where there is none. */
enum encode_rc encode_make(struct encode *e, const struct medium *m, int *lock);

/* Commits the outcome (e->made, or e->failed): the medium, the job's end and, with the last
 * medium, the tries of another round that media/budget.h asks for, or the postback. */
enum store_rc encode_commit(struct encode *e);

#endif
