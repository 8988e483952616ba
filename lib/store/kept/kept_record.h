/*
 * kept_record: the records of keys, within a transaction, for the files of lib/store and its
 * folders only.
 *
 * TAB_KEPT has the record of a key, TAB_KEPT_AT the same keys in the order in which their requests
 * began.
 */
#ifndef SM_KEPT_RECORD_H
#define SM_KEPT_RECORD_H

#include "store/kept/kept.h"
#include "store/store_txn.h"

struct kept_record {
	struct kept_seen seen;
	uint64_t token;            /* of one that runs */
	struct kept_answer answer; /* of one that is done */
};

/* Return the keys of both tables. */
struct key kept_record_key(uint64_t account, const unsigned char name[SHA256_BYTES]);
struct key kept_record_at(int64_t created, uint64_t account,
    const unsigned char name[SHA256_BYTES]);

/* Reads the value of a record; its text goes to the arena. */
enum store_rc kept_record_read(struct arena *a, struct slice v, struct kept_record *out);
/* Reads the record of a key. One that does not exist is KEPT_FREE. */
enum store_rc kept_record_load(struct txn *txn, struct arena *a, const struct kept_use *u,
    struct kept_record *out);
/* Writes a record in place of old, as kept_record_load() has set it. */
enum store_rc kept_record_write(struct txn *txn, const struct kept_use *u,
    const struct kept_record *old, const struct kept_record *r);
/* Removes a record, as kept_record_load() has set it. */
enum store_rc kept_record_remove(struct txn *txn, const struct kept_use *u,
    const struct kept_record *old);
/* Removes max records of the account at most, and sets *more if it may have others. */
enum store_rc kept_record_forget(struct txn *txn, uint64_t account, size_t max, bool *more);

/* Keeps the answer of what is being stored; does nothing if there is no key (NULL). Returns
 * ST_CONFLICT if the key is not that use's any more. */
enum store_rc kept_record_commit(struct txn *txn, const struct keep *k, uint64_t mmsid,
    const struct message *m);

#endif
