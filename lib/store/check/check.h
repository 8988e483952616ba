/*
 * check: what the files of this folder share; no other file includes it.
 */
#ifndef SM_STORE_CHECK_H
#define SM_STORE_CHECK_H

#include "store/store_txn.h"

struct known; /* a blob with a count */

struct check {
	struct store_check *out;
	struct txn txn;
	struct key at; /* the last pair it looked at */
	/* the highest id used: accounts, templates, jobs, messages, image templates */
	uint64_t last_id[5];
	uint64_t given[5]; /* the last ids given, according to the counters */
	/* jobs by kind and state (waiting, leased, dead): found, and according to their counts */
	uint64_t jobs[JOB_KINDS][3], counted[JOB_KINDS][3];
	bool layout1;          /* the store has layout 1, without the tables of layout 2 */
	bool unreadable;       /* a job, which therefore cannot be counted */
	uint64_t listed, list; /* entries so far of list, the account's list that is being walked */
	struct known *known;   /* sorted by SHA-256; store_check() frees it */
	size_t nknown, room;
};

/* --- for all parts (check_shared.c) --- */

/* Reports one inconsistency and counts it. */
void check_fault(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Finds out whether the store has the key. Fails only if the engine does. */
enum store_rc check_has(struct check *c, const struct key *k, bool *found);

/* The owner of a reference to a blob. */
struct namer {
	bool image; /* an image template; else a template */
	uint64_t id;
};

/* Adds the count of a blob to c->known. Call it for the blobs in the order of their keys. Returns
 * ST_NOMEM if memory is short. */
enum store_rc check_count(struct check *c, struct slice key, struct slice v);
/* Notes that who refers to this blob and gives its size as bytes. All counts must have been
 * added. Returns ST_IO if the caller of store_check() ends the check. */
enum store_rc check_names(struct check *c, const struct namer *who, const char *sha,
    uint64_t bytes);
/* Compares the counts of all blobs with the references that were noted, and reports each blob that
 * has one to the caller of store_check(). Returns ST_IO if the caller ends the check. */
enum store_rc check_references(struct check *c);

/* --- the parts --- */

/* Check one pair of an image template's tables (check_images.c). */
enum store_rc check_image(struct check *c, struct slice key, struct slice v);
enum store_rc check_images(struct check *c, struct slice key, struct slice v);

/* Check one pair of an account's tables (check_accounts.c). */
enum store_rc check_account(struct check *c, struct slice key, struct slice v);
enum store_rc check_account_index(struct check *c, struct slice key, struct slice v);

/* Check one pair of a job's tables (check_jobs.c). */
enum store_rc check_job(struct check *c, struct slice key, struct slice v);
enum store_rc check_job_list(struct check *c, struct slice key, struct slice v);
enum store_rc check_due(struct check *c, struct slice key, struct slice v);
enum store_rc check_leased(struct check *c, struct slice key, struct slice v);
enum store_rc check_waiting(struct check *c, struct slice key, struct slice v);
enum store_rc check_dead(struct check *c, struct slice key, struct slice v);

/* Check one pair of the tables that say which accounts' jobs are due, or the counts of jobs
 * (check_queue.c). */
enum store_rc check_ready(struct check *c, struct slice key, struct slice v);
enum store_rc check_later(struct check *c, struct slice key, struct slice v);
enum store_rc check_job_counts(struct check *c, struct slice key, struct slice v);
/* Checks that the account of an entry of the due jobs, if it is the account's first, is in one of
 * the two tables of accounts. */
enum store_rc check_account_of(struct check *c, const struct job *entry);
/* Compares the counts of jobs with the jobs found. */
void check_jobs_end(struct check *c);

/* Checks an entry of a template of sendMMS (check_messages.c). */
enum store_rc check_once(struct check *c, struct slice key, struct slice v);
enum store_rc check_goes(struct check *c, struct slice key, struct slice v);

/* Check one pair of a message's tables (check_messages.c). */
enum store_rc check_message(struct check *c, struct slice key, struct slice v);
enum store_rc check_message_index(struct check *c, struct slice key, struct slice v);
enum store_rc check_sent(struct check *c, struct slice key, struct slice v);
enum store_rc check_handset(struct check *c, struct slice key, struct slice v);

/* Check one pair of the tables of keys and kept answers (check_kept.c). */
enum store_rc check_kept(struct check *c, struct slice key, struct slice v);
enum store_rc check_kept_at(struct check *c, struct slice key, struct slice v);

/* Check one pair of what the console shows (check_console.c). */
enum store_rc check_posted(struct check *c, struct slice key, struct slice v);
enum store_rc check_session(struct check *c, struct slice key, struct slice v);

#endif
