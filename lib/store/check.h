/*
 * check: what the files of the check share; nobody else's.
 */
#ifndef SM_CHECK_H
#define SM_CHECK_H

#include "store/store_txn.h"

struct known; /* a blob that is counted */

struct check {
	struct store_check *out;
	struct txn txn;
	struct key at; /* the pair looked at last */
	/* accounts, templates, jobs, messages, image templates: the highest used */
	uint64_t last_id[5];
	uint64_t given[5];     /* as the counters say */
	uint64_t listed, list; /* entries so far in the list of an account */
	struct known *known;   /* sorted by SHA-256 */
	size_t nknown, room;
};

void check_fault(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Is the key there? */
enum store_rc check_has(struct check *c, const struct key *k, bool *found);

/* Who names a blob. */
struct namer {
	bool image; /* an image template, else a template */
	uint64_t id;
};

/* It names this blob and says that it has so many bytes. */
enum store_rc check_names(struct check *c, const struct namer *who, const char *sha,
    uint64_t bytes);

/* One pair of an image template's tables (check_images.c). */
enum store_rc check_image(struct check *c, struct slice key, struct slice v);
enum store_rc check_images(struct check *c, struct slice key, struct slice v);

/* One pair of an account's tables (check_accounts.c). */
enum store_rc check_account(struct check *c, struct slice key, struct slice v);
enum store_rc check_account_index(struct check *c, struct slice key, struct slice v);

/* One pair of a job's tables (check_jobs.c). */
enum store_rc check_job(struct check *c, struct slice key, struct slice v);
enum store_rc check_job_list(struct check *c, struct slice key, struct slice v);
enum store_rc check_due(struct check *c, struct slice key, struct slice v);
enum store_rc check_dead(struct check *c, struct slice key, struct slice v);

/* One pair of a message's tables (check_messages.c). */
enum store_rc check_message(struct check *c, struct slice key, struct slice v);
enum store_rc check_message_index(struct check *c, struct slice key, struct slice v);
enum store_rc check_sent(struct check *c, struct slice key, struct slice v);
enum store_rc check_handset(struct check *c, struct slice key, struct slice v);

/* check_console.c */
enum store_rc check_posted(struct check *c, struct slice key, struct slice v);
enum store_rc check_session(struct check *c, struct slice key, struct slice v);

#endif
