/*
 * store_index: changes jobs together with their indexes, within a transaction.
 */
#ifndef SM_STORE_INDEX_H
#define SM_STORE_INDEX_H

#include "store/queue/queue.h"

/* Stores a new job that is due now, and gives it an id. */
enum store_rc job_insert(struct txn *txn, struct job *j, int64_t now);
/* Replaces old by j in the record and the indexes. If j is a postback that becomes a dead letter,
 * the next postback of its group may run. */
enum store_rc job_change(struct txn *txn, const struct job *old, const struct job *j);
/* Removes a job from the record and the indexes; the next postback of its group may run then. */
enum store_rc job_delete(struct txn *txn, const struct job *j);
/* Lets the first living postback of a group run: another no longer blocks it. One whose record
 * cannot be used is logged and still blocks those behind it, until it is discarded. */
enum store_rc job_promote(struct txn *txn, uint64_t group);
/* Removes all jobs of a group. */
enum store_rc job_delete_all(struct txn *txn, uint64_t group);
/* Returns the group of the job in TAB_OF: its template, or OF_MESSAGE and its message. */
uint64_t job_group(const struct job *j);
/* Finds out whether the job may run, or has to wait for an earlier postback. */
enum store_rc job_may_run(struct txn *txn, const struct job *j, bool *may);
/* Returns the key of the job among those of its template or message. */
struct key job_of_key(const struct job *j);

/* Loads the group's first job at or after *from, and moves *from past it. prefix begins the keys of
 * the group (TAB_OF), or of one kind in it. Returns ST_NOTFOUND at the end. */
enum store_rc job_load_next_of(struct txn *txn, struct key *from, const struct key *prefix,
    struct arena *a, struct job **out);

#endif
