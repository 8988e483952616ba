/*
 * store_check: what the files of the check share; nobody else's.
 */
#ifndef SM_STORE_CHECK_H
#define SM_STORE_CHECK_H

#include "store_private.h"

struct known;		/* a blob that is counted */

struct check {
	struct store_check *out;
	struct step s;
	struct key at;			/* the pair looked at last */
	uint64_t last_id[4];		/* accounts, templates, jobs, messages: the highest used */
	uint64_t given[4];		/* as the counters say */
	uint64_t listed, list;		/* entries so far in the list of an account */
	struct known *known;		/* sorted by SHA-256 */
	size_t nknown, room;
};

void check_fault(struct check *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Is the key there? */
enum store_rc check_has(struct check *c, const struct key *k, bool *yes);

/* One pair of an account's tables (store_check_accounts.c). */
enum store_rc check_account(struct check *c, struct slice key, struct slice v);
enum store_rc check_way(struct check *c, struct slice key, struct slice v);

/* One pair of a job's tables (store_check_jobs.c). */
enum store_rc check_job(struct check *c, struct slice key, struct slice v);
enum store_rc check_of(struct check *c, struct slice key, struct slice v);
enum store_rc check_due(struct check *c, struct slice key, struct slice v);
enum store_rc check_dead(struct check *c, struct slice key, struct slice v);

/* One pair of a message's tables (store_check_messages.c). */
enum store_rc check_message(struct check *c, struct slice key, struct slice v);
enum store_rc check_by(struct check *c, struct slice key, struct slice v);
enum store_rc check_sent(struct check *c, struct slice key, struct slice v);
enum store_rc check_handset(struct check *c, struct slice key, struct slice v);

#endif
