/*
 * store: accounts, templates, jobs and messages, and the only way to them.
 *
 * Every call is one whole step of a use case and one transaction; no transaction stays open between
 * calls. Any call can fail with ST_AGAIN, ST_FULL or ST_IO, which a caller answers with E503 and
 * which leave nothing half done. A call that names something that does not exist returns
 * ST_NOTFOUND. Any thread may call. The store owns the clock: callers give durations, never points
 * in time. What a call returns lives in the arena it was given. Nothing of an engine shows here.
 */
#ifndef SM_STORE_H
#define SM_STORE_H

#include "model/account.h"
#include "model/delivery_report.h"
#include "model/image_template.h"
#include "model/job.h"
#include "model/message.h"
#include "model/template.h"
#include "store/kv/kv.h"

struct store;
struct keep; /* store/kept/kept.h */

enum { STORE_ERR = 256 };

/* Opens the store of an instance, and creates it if it does not exist and create is set. Returns
 * NULL and the reason in err on failure. store_close() closes it and sets *st to NULL. */
struct store *store_open(const struct settings *s, bool create, char err[STORE_ERR])
    __attribute__((warn_unused_result));
/* Opens an empty store in memory, with its counters. Returns NULL on failure. */
struct store *store_open_ram(void) __attribute__((warn_unused_result));
void store_close(struct store **st);

/* Returns true when this process should end soon; see kv_bdb_worn(). */
bool store_worn(const struct store *st);

const char *store_rc_text(enum store_rc rc);

/* --- accounts (store_account.c) --- */

/* Sets *key to a setting of the account that programs of 0.1.0 cannot read although they may use
 * the store (layout 1), or to NULL. */
enum store_rc store_account_fits(struct store *st, const struct account *ac, const char **key);
/* Adds a new account (id 0; it gets its id) or changes one read before. Returns ST_CONFLICT if it
 * has changed since or does not fit, and ST_EXISTS if its name, user or key is taken. */
enum store_rc store_account_put(struct store *st, struct account *ac);
/* Switches the account's postbacks off, because the receiver at this URL said that it is gone
 * (account_wants_postbacks()). Returns ST_EXISTS if they are off already, and ST_CONFLICT if the
 * account has another URL by now, or the store layout 1, which cannot say so. */
enum store_rc store_account_gone(struct store *st, uint64_t id, const char *url);
/* Each finds an account: by its API key, its name or its id. */
enum store_rc store_account_by_key(struct store *st, const char *key, struct account *out);
enum store_rc store_account_by_name(struct store *st, const char *name, struct account *out);
enum store_rc store_account_by_id(struct store *st, uint64_t id, struct account *out);
/* Finds the first account whose name is greater than after ("" to begin), and sets after to its
 * name. So it does for one that cannot be read, with ST_CORRUPT: the next call goes on behind it.
 * If after has not changed, the store itself could not be read, and no call can go on. */
enum store_rc store_account_next(struct store *st, char after[ACCOUNT_NAME], struct account *out);
/* Removes an account, and the answers kept for it. Returns ST_EXISTS while it still has templates,
 * those of sendMMS among them, or image templates. */
enum store_rc store_account_remove(struct store *st, uint64_t id);

/* --- templates (store_template.c); store_list.h has their lists --- */

/* Stores a new template and its jobs, and keeps the answer to its request (store/kept/kept.h; NULL:
 * none), all or nothing, on disk when it returns ST_OK. Sets t->id and t->created, and each job's
 * id, mmsid and account. The jobs are due now. Returns ST_CONFLICT if the key of what is kept is
 * lost. */
enum store_rc store_template_create(struct store *st, struct template *t, struct job *jobs,
    size_t njobs, const struct keep *keep);

/* Reads a template; account 0 stands for any. Returns ST_NOTFOUND for another account's. */
enum store_rc store_template_get(struct store *st, uint64_t account, uint64_t id, struct arena *a,
    struct template **out);

/* Counts the templates of an account (0: of all accounts). */
enum store_rc store_template_count(struct store *st, uint64_t account, uint64_t *n);

/* Blobs that nothing refers to any more. */
struct orphans {
	char (*sha)[SHA256_HEX];
	size_t n;
	bool queued; /* the delivery of a message that waited for the template: wake a helper */
};
/* Removes a template and its jobs; account 0 stands for any. The caller holds blob_exclusive() and
 * removes the orphans, whose list the arena owns. On failure the list is empty. */
enum store_rc store_template_remove(struct store *st, uint64_t account, uint64_t id,
    struct arena *a, struct orphans *out);

/* Counts the templates and image templates that refer to a blob. */
enum store_rc store_blob_refs(struct store *st, const char *sha, uint64_t *refs);

/* --- jobs (store_job.c) --- */

struct job_want {
	enum job_kind kind;
	enum job_lane lane[JOB_LANES]; /* in the order to search them */
	unsigned nlane;
	const char *owner; /* unique among all claimers */
	uint64_t lease_ms;
};

/* Claims a due job: leases it and raises its attempt and token, on disk before it returns
 * (store_claim.c). Accounts take turns, so that one's flood does not starve the others; an
 * account's own jobs come in the order they fell due. A postback waits for the earlier ones of its
 * template. ST_NOTFOUND: nothing is due until *wait_ms from now (UINT64_MAX: nothing waits). */
enum store_rc store_job_claim(struct store *st, const struct job_want *want, struct arena *a,
    struct job **out, uint64_t *wait_ms);
struct job_batch {
	struct job **job; /* the caller's, with room for max */
	size_t max;
	size_t n;         /* claimed */
	uint64_t wait_ms; /* see store_job_claim() */
};
/* Claims several jobs in one transaction. */
enum store_rc store_job_claim_some(struct store *st, const struct job_want *want, struct arena *a,
    struct job_batch *out);

/* Extends the lease to lease_ms from now and records progress. Returns ST_CONFLICT if the lease is
 * lost; the caller then stops and discards its result. */
enum store_rc store_job_renew(struct store *st, const struct job *j, uint64_t lease_ms,
    unsigned permille, unsigned left_ms);
struct job_renewal {
	uint64_t id, token; /* of the job, as it was claimed */
	uint32_t permille, left_ms;
	enum store_rc rc; /* set: ST_CONFLICT when the lease is lost; ST_CORRUPT */
};
/* Renews the leases of n jobs likewise, in one transaction. On ST_OK each has its rc. */
enum store_rc store_job_renew_some(struct store *st, struct job_renewal *r, size_t n,
    uint64_t lease_ms);

/* Ends a job: removes it, replaces its template by t (unless NULL; versions must match), and queues
 * the nnext jobs that follow, all in one transaction. If a message waits for the template
 * (store_sending.h) and t is ready or has failed, the wait ends in the same one; a postback among
 * the jobs that follow is that message's, and is left out if no message waits any more. Returns
 * ST_CONFLICT if the lease is lost or the template has changed: read both again. ST_NOTFOUND: the
 * template is gone, and now the job too. */
enum store_rc store_job_done(struct store *st, const struct job *j, struct template *t,
    struct job *next, size_t nnext);

/* Gives back a job that failed for now: it is due again in delay_ms. The store keeps why, and here
 * and below the body of j if the job had none; not in layout 1. */
enum store_rc store_job_retry(struct store *st, const struct job *j, uint64_t delay_ms,
    const char *why);

/* Releases a job that was not tried: it is due in delay_ms, and this claim does not count. */
enum store_rc store_job_release(struct store *st, const struct job *j, uint64_t delay_ms,
    const char *why);

/* Does the same for a job that a fault of ours kept from being tried; counts it in its faults. */
enum store_rc store_job_fault(struct store *st, const struct job *j, uint64_t delay_ms,
    const char *why);

/* Counts a fault likewise, but keeps the job as a dead letter with why. */
enum store_rc store_job_keep(struct store *st, const struct job *j, const char *why);

/* Keeps a job that failed for good as a dead letter with why. */
enum store_rc store_job_dead_letter(struct store *st, const struct job *j, const char *why);

/* For the operator: finds the first job with an id above *after (0 to begin), and sets *after to
 * its id. So it does for one that cannot be read, with ST_CORRUPT or ST_NOMEM: the next call goes
 * on behind it. If *after has not changed, the store itself could not be read. */
enum store_rc store_job_next(struct store *st, uint64_t *after, struct arena *a, struct job **out);
enum store_rc store_job_get(struct store *st, uint64_t id, struct arena *a, struct job **out);
/* Finds the first dead letter of one kind likewise. */
enum store_rc store_job_next_dead_letter(struct store *st, enum job_kind kind, uint64_t *after,
    struct arena *a, struct job **out);
struct job_list {
	struct job **job; /* the arena's */
	size_t n;         /* 0 on failure */
};
/* Lists the jobs of a template, at most max, ordered by kind and id. */
enum store_rc store_job_list(struct store *st, uint64_t mmsid, size_t max, struct arena *a,
    struct job_list *out);
/* Lists the jobs of a message likewise. */
enum store_rc store_message_jobs(struct store *st, uint64_t id, size_t max, struct arena *a,
    struct job_list *out);
/* Makes a dead or waiting job due now, with counts of 0. ST_CONFLICT: the job is leased now. */
enum store_rc store_job_requeue(struct store *st, uint64_t id);
/* Does the same, but keeps the counts of attempts and faults. */
enum store_rc store_job_wake(struct store *st, uint64_t id);
/* Removes a job. The queued message of a delivery job, and the message of sendMMS that waits for
 * the template of an encode, become failed, and the postback that the writer (NULL: none) makes of
 * it is queued, if the account has a postback-url; ST_NOMEM if the writer fails. A job whose record
 * cannot be used, or is missing, is removed with the entries that name it; that costs a look at the
 * whole queue, in many short transactions, before the one that changes something. */
struct postback_writer;
enum store_rc store_job_discard(struct store *st, uint64_t id,
    const struct postback_writer *writer);

enum { POSTED_MAX = 20 };
struct posted_list {
	struct posted *post; /* the arena's, oldest first, at most POSTED_MAX */
	size_t n;            /* 0 on failure */
};
/* Lists the attempts to post about a template (message 0) or one of its messages. Whoever holds the
 * lease of a postback reports an attempt in j->posted. */
enum store_rc store_posted(struct store *st, uint64_t mmsid, uint64_t message, struct arena *a,
    struct posted_list *out);
/* Queues the encoding postback of the account's template again. ST_CONFLICT: it is still
 * encoding. */
enum store_rc store_postback_add(struct store *st, uint64_t account, uint64_t mmsid);

struct job_stats {
	uint64_t queued[JOB_KINDS], leased[JOB_KINDS], dead[JOB_KINDS];
	int64_t oldest_us[JOB_KINDS]; /* age of the oldest waiting job; 0: none */
};
/* Reads the counts that the store keeps. The number of jobs does not matter. */
enum store_rc store_job_stats(struct store *st, struct job_stats *out);

/* --- messages (store_message.c) --- */

/* Stores a new message and the job that delivers it, and keeps the answer likewise. All of it is on
 * disk when it returns ST_OK. Sets id, created, tracking and token. Returns ST_NOTFOUND if its
 * template is gone. */
enum store_rc store_message_create(struct store *st, struct message *m, const struct keep *keep);
/* Each finds a message: by its id, its TRACKINGID, its page's token, or a transport's id of it. */
enum store_rc store_message_get(struct store *st, uint64_t id, struct arena *a,
    struct message **out);
enum store_rc store_message_by_tracking(struct store *st, const char *tracking, struct arena *a,
    struct message **out);
enum store_rc store_message_by_token(struct store *st, const char *token, struct arena *a,
    struct message **out);
enum store_rc store_message_by_transport(struct store *st, const char *transport,
    const char *transport_id, struct arena *a, struct message **out);
/* A walk that forgets old messages. Each call goes on where the last one ended; a call that fails
 * changes nothing. */
struct message_expiry {
	int64_t before; /* those created earlier are removed, oldest first; microseconds */
	size_t max;     /* a call looks at no more than so many */
	uint64_t after; /* the last one looked at; 0 to begin */
	size_t removed; /* by the last call */
	bool over;      /* none is left to look at */
};
/* It ends at the first message that is not old enough. Messages that are still queued, or that
 * cannot be read, stay. */
enum store_rc store_message_expire(struct store *st, struct message_expiry *x);
/* Counts one more view of a message's page, without a sync. */
enum store_rc store_message_opened(struct store *st, uint64_t id);
/* Finds the account's (0: all) newest message with an id below *before (UINT64_MAX to begin), and
 * sets *before to its id, as store_job_next() does. */
enum store_rc store_message_prev(struct store *st, uint64_t account, uint64_t *before,
    struct arena *a, struct message **out);

/* What one delivery job needs. One call reads it for many jobs. */
struct deliver_load {
	const struct job *job;
	struct message *m;   /* set, unless rc says otherwise */
	const char *handset; /* last seen for the number; "": none */
	enum store_rc rc;    /* ST_NOTFOUND: the message is gone; ST_CORRUPT */
};
enum { DELIVER_BYTES = 16 << 20 };
/* Reads the first *got of n loads: at least 1, but fewer than n if more would take more than about
 * DELIVER_BYTES. */
enum store_rc store_deliver_load(struct store *st, struct arena *a, struct deliver_load *l,
    size_t n, size_t *got);

/* The outcome of one delivery job. */
enum deliver_how {
	DELIVER_ENDED,      /* the job is removed and m is stored */
	DELIVER_AGAIN,      /* the job stays, m is not stored */
	DELIVER_RELEASED,   /* likewise, and the attempt is not counted */
	DELIVER_DEAD_LETTER /* the job is kept as a dead letter */
};
struct deliver_end {
	const struct job *job;
	const struct message *m; /* as it will be stored; NULL: the message is gone */
	const char *postback;    /* body of the postback to queue; NULL: none */
	enum deliver_how how;
	uint64_t retry_ms; /* of a job that stays: the time until it is due again */
	const char *why;   /* of a job that stays */
	/* Set: ST_CONFLICT when the lease is lost or the message has changed, ST_CORRUPT when a
	 * record of it cannot be read. */
	enum store_rc rc;
};
/* Ends n delivery jobs in one transaction. On ST_OK all is on disk, and each has its rc. On failure
 * it may be called again with the same ends. */
enum store_rc store_deliver_done(struct store *st, struct deliver_end *e, size_t n);

/* Writes the body of a message's postback into the arena. Returns NULL if memory is short. It is
 * called within the transaction, and again if that has to be repeated: it does nothing else. */
struct postback_writer {
	/* ac is the account, as far as it can be read; NULL for a report, whose reader knows it */
	const char *(
	    *write)(void *ctx, const struct account *ac, const struct message *m, struct arena *a);
	void *ctx;
};
/* Records a delivery report and queues the postback that the writer makes from the updated message;
 * where memory is short, it records nothing. Returns ST_EXISTS, and changes nothing, if the message
 * has reached its end already. Returns ST_AGAIN if its delivery is not recorded yet or the store is
 * busy. Remembers the number's handset if the report names one. */
enum store_rc store_message_report(struct store *st, uint64_t id, const struct report *r,
    struct arena *a, const struct postback_writer *postback);

/* Remembers the handset of the number that a message went to, as a report names it. */
enum store_rc store_message_handset(struct store *st, uint64_t id, const char *handset);

/* Finds the handset last seen for a number. The arena owns *name. */
enum store_rc store_handset_get(struct store *st, const char *number, struct arena *a,
    const char **name);
/* A walk that forgets handsets whose last report is old; see struct message_expiry. */
struct handset_expiry {
	int64_t before;
	size_t max;
	char after[KV_KEY]; /* the last number looked at; "" to begin */
	size_t removed;
	bool over;
};
enum store_rc store_handset_expire(struct store *st, struct handset_expiry *x);

/* --- image templates (store_image.c) --- */

/* Stores a new image template, on disk when it returns ST_OK. Sets its id and created. The blob of
 * its background must exist. */
enum store_rc store_image_create(struct store *st, struct image_template *it);
/* Replaces the account's image template that has this id, and sets created to that of the old one.
 * Messages not sent yet use the new one. *orphan is as for store_image_remove(). */
enum store_rc store_image_replace(struct store *st, struct image_template *it,
    char orphan[SHA256_HEX]);
/* Reads an image template; account 0 stands for any. Returns ST_NOTFOUND for another account's. */
enum store_rc store_image_get(struct store *st, uint64_t account, uint64_t id, struct arena *a,
    struct image_template **out);
/* Finds the account's first image template with an id above *after (0 to begin), and sets *after to
 * its id, as store_job_next() does. */
enum store_rc store_image_next(struct store *st, uint64_t account, uint64_t *after, struct arena *a,
    struct image_template **out);
/* Removes an image template; account 0 stands for any. *orphan gets the blob of the background if
 * nothing refers to it any more, else "". The caller holds blob_exclusive() and removes that blob.
 * Templates that name the image template stay. */
enum store_rc store_image_remove(struct store *st, uint64_t account, uint64_t id,
    char orphan[SHA256_HEX]);

/* --- copies and checks (store_copy.c, check/check.c) --- */

/* Makes a consistent copy of the store, while others use it, in the folder how->dest; see
 * kv_bdb_copy(). store_seal() then turns it into a database that can serve as DIR/db. */
enum store_rc store_copy(struct store *st, const struct kv_copy *how)
    __attribute__((warn_unused_result));
enum store_rc store_seal(const char *dir) __attribute__((warn_unused_result));
/* Checks the pages of a sealed copy; fault is as in struct store_check. */
enum store_rc store_verify(const char *dir, void (*fault)(void *ctx, const char *text), void *ctx)
    __attribute__((warn_unused_result));

/* Leaves out the next n ids of templates, jobs, messages and image templates. A restored store
 * calls it, because the store that it continues may have given out more ids since the copy was
 * made. Ids of accounts go on: nobody outside knows them, and db/counters has a place for each. */
enum store_rc store_skip_ids(struct store *st, uint64_t n) __attribute__((warn_unused_result));

struct store_check {
	void (*fault)(void *ctx, const char *text); /* one line for each inconsistency */
	/* Called once for each blob that templates refer to (for a blob without a count: for each
	 * reference), with its size as they give it and one of them, "template 100001" or "image
	 * template 1". A result other than 0 ends the check with ST_IO. NULL: not called. */
	int (*blob)(void *ctx, const char *sha, uint64_t bytes, const char *whose);
	void *ctx;
	uint64_t accounts, templates, images, jobs, messages, blobs, faults; /* found */
};
/* Reads every record and compares the indexes, lists, totals and counts with the records, in both
 * directions. Nobody may change the store meanwhile: use a copy. Returns ST_OK when it has looked
 * at everything, whatever it found. Needs 64 bytes of memory for each blob. */
enum store_rc store_check(struct store *st, struct store_check *c)
    __attribute__((warn_unused_result));

/* --- rate limits (store_rate.c): they survive processes, but not a power cut --- */

struct rate {
	uint64_t n, seconds; /* n at once, then one every seconds / n; neither is 0 */
};
/* Counts one try of who (a name of any kind). Returns false if that is too many, with the seconds
 * until the next try is allowed in *wait_s. */
bool store_rate_take(struct store *st, const char *who, const struct rate *r, uint64_t *wait_s)
    __attribute__((warn_unused_result));
/* Tells the same without counting. */
bool store_rate_free(struct store *st, const char *who, const struct rate *r, uint64_t *wait_s)
    __attribute__((warn_unused_result));

#endif
