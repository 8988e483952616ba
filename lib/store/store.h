/*
 * store: accounts, templates, jobs and counters. The only way to them.
 *
 * Every call is one whole step of a use case and one transaction; none is held
 * open between calls. Any call can fail with ST_AGAIN, ST_FULL or ST_IO, which
 * a caller answers with E503 and which leave nothing half done. Calls may come from any
 * thread. The store owns the clock: callers give durations, never points in time. What a
 * call returns lives in the arena it was given. Nothing of an engine shows here.
 */
#ifndef SM_STORE_H
#define SM_STORE_H

#include "model/account.h"
#include "model/delivery_report.h"
#include "model/image_template.h"
#include "model/job.h"
#include "model/message.h"
#include "model/template.h"
#include "store/kv.h"

struct store;

enum { STORE_ERR = 256 };

/* Opens the store of an instance. NULL and the reason in err. create: make it when not there. */
struct store *store_open(const struct settings *s, bool create, char err[STORE_ERR])
    __attribute__((warn_unused_result));
/* A store in memory; counters too. */
struct store *store_open_ram(void) __attribute__((warn_unused_result));
void store_close(struct store **st);

/* True when this process had better end soon; see kv_bdb_worn(). */
bool store_worn(const struct store *st);

const char *store_rc_text(enum store_rc rc);

/* --- accounts (store_account.c) --- */

/* Adds a new one (id 0, gets its id) or changes one read before (ST_CONFLICT when it has changed
 * since). ST_EXISTS: name, user or key is taken. */
enum store_rc store_account_put(struct store *st, struct account *ac);
enum store_rc store_account_by_key(struct store *st, const char *key, struct account *out);
enum store_rc store_account_by_name(struct store *st, const char *name, struct account *out);
enum store_rc store_account_by_id(struct store *st, uint64_t id, struct account *out);
/* The first account whose name sorts after after ("" to begin). */
enum store_rc store_account_next(struct store *st, const char *after, struct account *out);
/* ST_EXISTS while it still has templates or image templates. */
enum store_rc store_account_remove(struct store *st, uint64_t id);

/* --- templates (store_template.c) --- */

/* Stores a new template with its jobs, all or nothing, on disk when it returns ST_OK. Sets t->id
 * and t->created, and each job's id, mmsid and account. A job is due now. */
enum store_rc store_template_create(struct store *st, struct template *t, struct job *jobs,
    size_t njobs);

/* account 0: any. Another account's is ST_NOTFOUND. */
enum store_rc store_template_get(struct store *st, uint64_t account, uint64_t id, struct arena *a,
    struct template **out);

/* Which templates a list is to hold, newest first. */
struct template_query {
	uint64_t account; /* 0: those of all accounts */
	int64_t since;    /* created then or later, microseconds */
	uint64_t skip;    /* so many are left out first */
	size_t max;       /* at most so many are in the list; 0: they are only counted */
};
struct template_page {
	struct template **t; /* newest first */
	size_t n;
	uint64_t total; /* that match, on all pages */
};
enum store_rc store_template_list(struct store *st, const struct template_query *q, struct arena *a,
    struct template_page *out);
/* As store_template_list(), but the ids only; of any number store_template_read()
 * then reads a few at a time, so that a long list needs no memory for all. */
struct template_found {
	uint64_t *id; /* newest first */
	size_t n;
	uint64_t total; /* that match, on all pages */
};
enum store_rc store_template_find(struct store *st, const struct template_query *q, struct arena *a,
    struct template_found *out);
/* Reads n templates, at most TEMPLATES_READ of them. One that is gone leaves NULL. */
enum { TEMPLATES_READ = 100 };
enum store_rc store_template_read(struct store *st, const uint64_t *id, size_t n, struct arena *a,
    struct template **t);
/* How many an account (0: all) has. */
enum store_rc store_template_count(struct store *st, uint64_t account, uint64_t *n);

/* Blobs that nothing refers to any more. */
struct orphans {
	char (*sha)[SHA256_HEX];
	size_t n;
};
/* Removes the template and its jobs; account 0: any. The caller removes the orphans, which are
 * the arena's, while it holds blob_exclusive(). On failure there are none. */
enum store_rc store_template_remove(struct store *st, uint64_t account, uint64_t id,
    struct arena *a, struct orphans *out);

/* How many templates and image templates refer to a blob. */
enum store_rc store_blob_refs(struct store *st, const char *sha, uint64_t *refs);

/* --- jobs (store_job.c) --- */

struct job_want {
	enum job_kind kind;
	enum job_lane lane[JOB_LANES]; /* in the order they are looked at */
	unsigned nlane;
	const char *owner; /* unique among all who claim */
	uint64_t lease_ms;
};

/* A job that is due, leased: its attempt and token are raised, on disk, before this
 * returns (store_claim.c). Accounts take turns, so that one's flood does not starve
 * the others; an account's own jobs come in the order they fell due. A postback
 * waits for the earlier ones of its template. ST_NOTFOUND: nothing is due; then
 * *wait_ms says how long until something is (UINT64_MAX: nothing waits). */
enum store_rc store_job_claim(struct store *st, const struct job_want *want, struct arena *a,
    struct job **out, uint64_t *wait_ms);
struct job_batch {
	struct job **job; /* the caller's, with room for max */
	size_t max;
	size_t n;         /* that were claimed */
	uint64_t wait_ms; /* as for store_job_claim() */
};
/* The same, several in one transaction. */
enum store_rc store_job_claim_some(struct store *st, const struct job_want *want, struct arena *a,
    struct job_batch *out);

/* Lengthens the lease to lease_ms from now and records progress. ST_CONFLICT:
 * the lease is lost, stop and throw the result away. */
enum store_rc store_job_renew(struct store *st, const struct job *j, uint64_t lease_ms,
    unsigned permille, unsigned left_ms);

/* Done: the job goes. t, if not NULL, replaces its template (compared by
 * version), and the nnext jobs that follow are queued; all in one transaction. ST_CONFLICT: the
 * lease is lost or the template has changed: read both again. ST_NOTFOUND: the template is gone;
 * the job goes too. */
enum store_rc store_job_done(struct store *st, const struct job *j, struct template *t,
    struct job *next, size_t nnext);

/* Failed for now: due again in delay_ms, why kept. */
enum store_rc store_job_retry(struct store *st, const struct job *j, uint64_t delay_ms,
    const char *why);

/* Not tried at all: due again in delay_ms, and this claim does not count. */
enum store_rc store_job_yield(struct store *st, const struct job *j, uint64_t delay_ms,
    const char *why);

/* Not tried, by a fault of ours: as store_job_yield(), but counted in the job's faults. */
enum store_rc store_job_fault(struct store *st, const struct job *j, uint64_t delay_ms,
    const char *why);

/* The same, kept as dead with why. */
enum store_rc store_job_keep(struct store *st, const struct job *j, const char *why);

/* Failed for good: kept as dead with why. */
enum store_rc store_job_dead(struct store *st, const struct job *j, const char *why);

/* For the operator. after: the id before, 0 to begin. */
enum store_rc store_job_next(struct store *st, uint64_t after, struct arena *a, struct job **out);
enum store_rc store_job_get(struct store *st, uint64_t id, struct arena *a, struct job **out);
/* The same of those given up of one kind. */
enum store_rc store_job_next_dead(struct store *st, enum job_kind kind, uint64_t after,
    struct arena *a, struct job **out);
struct job_list {
	struct job **job; /* the arena's */
	size_t n;         /* 0 on failure */
};
/* The jobs of a template, at most max, in the order of their kinds and ids. */
enum store_rc store_job_list(struct store *st, uint64_t mmsid, size_t max, struct arena *a,
    struct job_list *out);
/* The same of a message. */
enum store_rc store_message_jobs(struct store *st, uint64_t id, size_t max, struct arena *a,
    struct job_list *out);
/* Makes a dead or waiting job due now, its attempts counted afresh. ST_CONFLICT:
 * it is leased at the moment. */
enum store_rc store_job_requeue(struct store *st, uint64_t id);
/* The same, its attempts and faults counted on. */
enum store_rc store_job_wake(struct store *st, uint64_t id);
/* Of delivering: the message has failed (no postback tells of it). */
enum store_rc store_job_discard(struct store *st, uint64_t id);

enum { POSTED_MAX = 20 };
struct posted_list {
	struct posted *post; /* the arena's, the oldest first, at most POSTED_MAX */
	size_t n;            /* 0 on failure */
};
/* What was posted of a template (message 0) or of a message of it. A holder of a postback's
 * lease tells by j->posted. */
enum store_rc store_posted(struct store *st, uint64_t mmsid, uint64_t message, struct arena *a,
    struct posted_list *out);
/* Queues the encoding postback of a template once more. ST_CONFLICT: it is still encoding. */
enum store_rc store_postback_add(struct store *st, uint64_t account, uint64_t mmsid);

struct job_stats {
	uint64_t queued[JOB_KINDS], leased[JOB_KINDS], dead[JOB_KINDS];
	int64_t oldest_us[JOB_KINDS]; /* age of the oldest that waits; 0: none */
};
enum store_rc store_job_stats(struct store *st, struct job_stats *out);

/* --- messages (store_message.c) --- */

/* Stores a new message and the job that delivers it, on disk when it returns ST_OK. Sets
 * id, created, tracking and token. ST_NOTFOUND: its template is gone. */
enum store_rc store_message_create(struct store *st, struct message *m);
/* By its id; by its TRACKINGID; by its page's token; by what a transport called it.
 * ST_NOTFOUND when there is none. */
enum store_rc store_message_get(struct store *st, uint64_t id, struct arena *a,
    struct message **out);
enum store_rc store_message_by_tracking(struct store *st, const char *tracking, struct arena *a,
    struct message **out);
enum store_rc store_message_by_token(struct store *st, const char *token, struct arena *a,
    struct message **out);
enum store_rc store_message_by_transport(struct store *st, const char *transport,
    const char *transport_id, struct arena *a, struct message **out);
/* Removes at most max messages, *n of them, that were created before then (microseconds),
 * oldest first, up to the first that is younger. At most max are looked at: one that is still
 * queued, or that cannot be read, stays. */
enum store_rc store_message_expire(struct store *st, int64_t before, size_t max, size_t *n);
/* Counts one more look at its page; not worth a sync. */
enum store_rc store_message_opened(struct store *st, uint64_t id);
/* The first message of the account (0: all) before the id before (UINT64_MAX to begin): newest
 * first. */
enum store_rc store_message_prev(struct store *st, uint64_t account, uint64_t before,
    struct arena *a, struct message **out);

/* What deliver jobs need, read for n of them in one go. */
struct deliver_load {
	const struct job *job;
	struct message *m;   /* set, unless rc says otherwise */
	const char *handset; /* last seen for the number; "" none */
	enum store_rc rc;    /* ST_NOTFOUND: the message is gone; ST_CORRUPT */
};
enum { DELIVER_BYTES = 16 << 20 };
/* Reads the first *got of them: fewer than n, but one at least, where messages are so large
 * that more would take more than about DELIVER_BYTES. */
enum store_rc store_deliver_load(struct store *st, struct arena *a, struct deliver_load *l,
    size_t n, size_t *got);

/* What one deliver job came to. */
enum deliver_how {
	DELIVER_ENDED,   /* the job goes, m is stored */
	DELIVER_AGAIN,   /* the job stays, m as it was */
	DELIVER_UNTRIED, /* likewise, and the attempt does not count */
	DELIVER_DEAD     /* the job is kept as dead */
};
struct deliver_end {
	const struct job *job;
	struct message *m;    /* as it is to be stored; NULL: the message is gone */
	const char *postback; /* body of the postback to queue; NULL: none */
	enum deliver_how how;
	uint64_t retry_ms; /* of a job that stays: when it is due again */
	const char *why;   /* of a job that stays */
	enum store_rc rc;  /* set: ST_CONFLICT when the lease is lost or the message has changed */
};
/* Ends n deliver jobs in one transaction. ST_OK: on disk; each has its rc. */
enum store_rc store_deliver_done(struct store *st, struct deliver_end *e, size_t n);

/* Who writes the body of a message's postback, into the arena. NULL: memory is short. */
struct postback_writer {
	const char *(*write)(void *ctx, const struct message *m, struct arena *a);
	void *ctx;
};
/* Records a delivery report, and queues the postback that is written for the message as it is
 * then; where memory is short, nothing is recorded. ST_EXISTS: the message has come to its end
 * already, and nothing changes. ST_AGAIN: its delivery is not recorded yet, or the store is
 * busy. The number's handset is remembered where the report names one. */
enum store_rc store_message_report(struct store *st, uint64_t id, const struct report *r,
    struct arena *a, const struct postback_writer *postback);

/* The handset last seen for a number; ST_NOTFOUND. *name is the arena's. */
enum store_rc store_handset_get(struct store *st, const char *number, struct arena *a,
    const char **name);

/* --- image templates (store_image.c) --- */

/* Stores a new one, on disk when it returns ST_OK, and sets its id and created. Its
 * background is a blob that is there. */
enum store_rc store_image_create(struct store *st, struct image_template *it);
/* Puts it in the place of the account's one with its id, and sets created; messages yet to
 * be sent are made with the new one. *orphan as for store_image_remove(). */
enum store_rc store_image_replace(struct store *st, struct image_template *it,
    char orphan[SHA256_HEX]);
/* account 0: any. Another account's is ST_NOTFOUND. */
enum store_rc store_image_get(struct store *st, uint64_t account, uint64_t id, struct arena *a,
    struct image_template **out);
/* The account's first with an id above after (0 to begin). ST_NOTFOUND: no more. */
enum store_rc store_image_next(struct store *st, uint64_t account, uint64_t after, struct arena *a,
    struct image_template **out);
/* Removes it; account 0: any. *orphan gets the blob of the background when nothing
 * refers to it any more, else "": the caller, who holds blob_exclusive(), removes it. A
 * template that names the image template stays. */
enum store_rc store_image_remove(struct store *st, uint64_t account, uint64_t id,
    char orphan[SHA256_HEX]);

/* --- plans (store_plan.c): what encoding a source gave, to be had again --- */

struct plan_claim {
	const char *plan;  /* its name: a SHA-256 in hex over all that decides its result */
	const char *owner; /* who wants to make it */
	uint64_t hold_ms;  /* it is the owner's for so long */
};
/* ST_OK: *text is what store_plan_put() was given. ST_NOTFOUND: nobody has made it; it is
 * the owner's to make. ST_AGAIN: another owner is making it. */
enum store_rc store_plan_take(struct store *st, const struct plan_claim *c, struct arena *a,
    const char **text);
/* Keeps it for hold_ms more; ST_CONFLICT: it is not this owner's any more. */
enum store_rc store_plan_hold(struct store *st, const struct plan_claim *c);
/* Records what it gave, for all who ask later. */
enum store_rc store_plan_put(struct store *st, const char *plan, const char *text);
/* Forgets it: it failed, or what it names is gone. */
enum store_rc store_plan_drop(struct store *st, const char *plan);
/* The first made plan after after ("" to begin), for the sweep. */
enum store_rc store_plan_next(struct store *st, const char *after, struct arena *a,
    char plan[SHA256_HEX], const char **text);

/* --- copies and checks (store_copy.c, store_check.c) --- */

/* A consistent copy of what is in the store, taken while others use it, into the folder
 * how->dest; see kv_bdb_copy(). store_seal() then makes it a database that can be DIR/db. */
enum store_rc store_copy(struct store *st, const struct kv_copy *how)
    __attribute__((warn_unused_result));
enum store_rc store_seal(const char *dir) __attribute__((warn_unused_result));
/* Looks at the pages of a sealed copy; fault as in struct store_check. */
enum store_rc store_verify(const char *dir, void (*fault)(void *ctx, const char *text), void *ctx)
    __attribute__((warn_unused_result));

struct store_check {
	void (*fault)(void *ctx, const char *text); /* one line for each inconsistency */
	/* Called once for each blob that templates refer to (one without a count: for each
	 * reference): its size as they say it, and one of them, "template 100001" or "image
	 * template 1". Other than 0 ends the check with ST_IO. NULL: not called. */
	int (*blob)(void *ctx, const char *sha, uint64_t bytes, const char *whose);
	void *ctx;
	uint64_t accounts, templates, images, jobs, messages, blobs, faults; /* found */
};
/* Reads every record and compares the indexes, lists, totals and counts with them,
 * both ways. For a store that nobody changes meanwhile: a copy. ST_OK: all was
 * looked at, whatever was found. Memory: 64 bytes for each blob. */
enum store_rc store_check(struct store *st, struct store_check *c)
    __attribute__((warn_unused_result));

/* --- counters (store_count.c): hold across processes, not across a power cut --- */

enum take_rc { TAKE_OK, TAKE_INTERVAL, TAKE_THROUGHPUT, TAKE_DAILY };
struct take_limits {
	uint64_t min_interval_s, throughput, daily; /* 0: no limit */
};
/* Counts one call of the account to action (0..7), unless a limit refuses it:
 * the first of interval, throughput, day. A refused call counts for nothing. */
enum take_rc store_take(struct store *st, uint64_t account, unsigned action,
    const struct take_limits *l);
/* Calls of the account today (UTC). */
uint64_t store_taken_today(struct store *st, uint64_t account);
/* Calls of the account today and in this minute (UTC), and when the last one was let through
 * (microseconds; 0: never). */
struct use {
	uint64_t today, minute;
	int64_t last;
};
void store_use(struct store *st, uint64_t account, struct use *out);

/* --- rates (store_rate.c): hold across processes, not across a power cut --- */

struct rate {
	uint64_t n, seconds; /* n at once, then one each seconds / n; neither is 0 */
};
/* Counts one try of who (a name of any kind); false when that is too many, and then in
 * *wait_s how long until one more is not. */
bool store_rate_take(struct store *st, const char *who, const struct rate *r, uint64_t *wait_s)
    __attribute__((warn_unused_result));
/* A try that was counted and shall not count: it was no wrong guess. */
void store_rate_undo(struct store *st, const char *who, const struct rate *r);

/* --- sessions of the console (store_session.c) --- */

enum { SESSION_ID = 56 };
struct session_limits {
	uint64_t idle_s, whole_s; /* over when unused for so long; over in any case */
};
struct session {
	uint64_t account;
	int64_t created, seen; /* microseconds */
	char mark[SHA256_HEX]; /* as given to store_session_create() */
};
/* A new session of the account; its id, which is not kept, in id. mark is anything that
 * store_session_use() shall give back, at most 64 characters. */
enum store_rc store_session_create(struct store *st, uint64_t account,
    const struct session_limits *l, const char *mark, char id[SESSION_ID]);
/* The session of that id, used now; ST_NOTFOUND: there is none, or it is over. */
enum store_rc store_session_use(struct store *st, const char *id, const struct session_limits *l,
    struct session *out);
/* Ends it; that there is none is fine. */
enum store_rc store_session_end(struct store *st, const char *id);
enum store_rc store_session_end_all(struct store *st, uint64_t account);

#endif
