/*
 * store_index: jobs and their indexes, within a transaction.
 */
#ifndef SM_STORE_INDEX_H
#define SM_STORE_INDEX_H

#include "store/store_txn.h"

enum store_rc job_load(struct txn *txn, struct arena *a, uint64_t id, struct job **out);
/* Stores a new job: gives it an id. */
enum store_rc job_insert(struct txn *txn, struct job *j, int64_t now);
/* Replaces old by j in record and indexes; sees to the template's other jobs. */
enum store_rc job_change(struct txn *txn, const struct job *old, const struct job *j);
enum store_rc job_delete(struct txn *txn, const struct job *j);
enum store_rc job_delete_all(struct txn *txn, uint64_t group);
/* What it is one of in TAB_OF: its template, or OF_MESSAGE and its message. */
uint64_t job_group(const struct job *j);
/* May this one run, or does it wait for an earlier postback? */
enum store_rc job_may_run(struct txn *txn, const struct job *j, bool *may);
/* Takes it out of the index of due jobs only. */
enum store_rc job_due_clear(struct txn *txn, const struct job *j);

/* Its keys in the indexes, and its state there (OF_...). */
struct key job_due_key(const struct job *j);
struct key job_of_key(const struct job *j);
struct key job_dead_key(const struct job *j);
char job_state(const struct job *j);

/* store_job_stats(), read in several periods. */
enum store_rc index_stats(struct store *st, struct job_stats *out, int64_t now);

#endif
