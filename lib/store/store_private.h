/*
 * store_private: what the files store_*.c share. The layout of keys and records
 * is in the manual page savemms-store(5).
 */
#ifndef SM_STORE_PRIVATE_H
#define SM_STORE_PRIVATE_H

#include "base/arena.h"
#include "base/buf.h"
#include "store/store.h"

struct counters;
struct rates;

struct store {
	struct kv *kv;
	struct counters *counters;
	struct rates *rates;
	bool bdb;
};

/* First byte of a key: which table. */
enum table {
	TAB_ACCOUNT = 'a',	/* id -> record */
	TAB_BLOB = 'b',		/* SHA-256 (32 bytes) -> templates that refer to it */
	TAB_COUNTER = 'c',	/* table -> last id given */
	TAB_DUE = 'd',		/* kind, lane, account, due, id -> nothing: jobs that may be claimed */
	TAB_MESSAGE = 'g',	/* id -> version, record */
	TAB_HANDSET = 'h',	/* number -> the handset last seen */
	TAB_JOB = 'j',		/* id -> record */
	TAB_KEY = 'k',		/* SHA-256 of an API key, hex -> account */
	TAB_LIST = 'l',		/* account or 0, created, id -> nothing */
	TAB_OF = 'm',		/* template or message (OF_MESSAGE), kind, id -> state, created: its jobs */
	TAB_NAME = 'n',		/* account's name -> account */
	TAB_POSTED = 'o',	/* template or message (OF_MESSAGE) -> record: what was posted of it */
	TAB_PLAN = 'p',		/* SHA-256 of a plan (32 bytes) -> record: what it gave */
	TAB_MESSAGE_BY = 'q',	/* enum by, text -> message: its TRACKINGID, token, transport's id */
	TAB_TURN = 'r',		/* kind, lane -> account served last */
	TAB_TOTAL = 's',	/* account or 0 -> templates */
	TAB_TEMPLATE = 't',	/* id -> version, record */
	TAB_USER = 'u',		/* account's user -> account */
	TAB_VERSION = 'v',	/* nothing -> version of the layout */
	TAB_SENT = 'w',		/* account or 0, message -> nothing */
	TAB_DEAD = 'x',		/* kind, id -> nothing */
	TAB_IMAGE = 'i',	/* id -> record of an image template */
	TAB_IMAGES = 'y',	/* account, id -> nothing: its image templates */
	TAB_SESSION = 'z'	/* account, SHA-256 of its id, hex -> record: who is signed in */
};

enum { OF_WAITING = 'w', OF_LEASED = 'l', OF_DEAD = 'd' };	/* states in TAB_OF */

#define OF_MESSAGE ((uint64_t)1 << 63)	/* in TAB_OF: the number is a message's */

enum {
	STORE_VERSION = 1,
	MMSID_FIRST = 100001,
	STORE_ARENA = 16 << 20,	/* what a transaction may need besides its result */
	STORE_SLICE = 1000	/* index entries walked in one period */
};

/* Lengths of keys and values. */
enum {
	ID_KEY = 9, BLOB_KEY = 33, COUNTER_KEY = 2, DUE_KEY = 27, HEX_KEY = 65, LIST_KEY = 25, OF_KEY = 18,
	OF_VALUE = 9, PLAN_KEY = 33, SENT_KEY = 17, TURN_KEY = 3, DEAD_KEY = 10, IMAGES_KEY = 17,
	SESSION_KEY = 73
};

/* --- keys: a table and big-endian numbers or bytes --- */

struct key {
	unsigned char b[KV_KEY];
	size_t n;
};

struct key key_of(enum table t);
void key_u64(struct key *k, uint64_t v);
void key_u8(struct key *k, uint8_t v);
void key_bytes(struct key *k, const void *p, size_t n);
struct slice key_slice(const struct key *k);
struct key key_id(enum table t, uint64_t id);

/* The big-endian number at that place of a key or value. */
uint64_t slice_u64(struct slice s, size_t at);
void put_u64(void *p, uint64_t v);

/* Makes k the least key behind s. */
void key_behind(struct key *k, struct slice s);
bool key_is(struct slice s, const struct key *k);
/* Does s begin with the n first bytes of k, and is it len long? */
bool key_has_prefix(struct slice s, const struct key *k, size_t len);

/* --- a transaction: of the engine, with its arena and a buffer --- */

struct txn {
	struct store *st;
	struct arena *a;	/* ends with the transaction */
	struct buf buf;		/* to encode a record */
	struct kv *kv;
	const struct kv_ops *ops;
	bool inside;
};

enum store_rc txn_begin(struct txn *txn, struct store *st, enum kv_durability d);
/* Commits when rc is ST_OK, else aborts; frees. The rc of the whole. */
enum store_rc txn_end(struct txn *txn, enum store_rc rc);
/* Drops what the transaction has read so far: for those that walk over many records, each as
 * large as a request may be. */
enum store_rc txn_forget(struct txn *txn);

enum store_rc txn_get(struct txn *txn, const struct key *k, struct slice *v);
/* The first pair whose key is >= from, the last whose key is < from; see struct kv_ops. */
enum store_rc txn_next(struct txn *txn, const struct key *from, struct slice *key, struct slice *v);
enum store_rc txn_prev(struct txn *txn, const struct key *from, struct slice *key, struct slice *v);
enum store_rc txn_put(struct txn *txn, const struct key *k, const void *p, size_t n);
enum store_rc txn_put_u64(struct txn *txn, const struct key *k, uint64_t v);
/* 0 when the key is not there. */
enum store_rc txn_get_u64(struct txn *txn, const struct key *k, uint64_t *v);
/* As above; ST_NOTFOUND when it is not there. */
enum store_rc txn_find_u64(struct txn *txn, const struct key *k, uint64_t *v);
enum store_rc txn_del(struct txn *txn, const struct key *k);
/* Removes it; that it is not there is fine. */
enum store_rc txn_clear(struct txn *txn, const struct key *k);
enum store_rc txn_add(struct txn *txn, const struct key *k, int64_t change, uint64_t *now);
enum store_rc txn_new_id(struct txn *txn, enum table t, uint64_t first, uint64_t *id);
enum store_rc txn_put_buf(struct txn *txn, const struct key *k);

/* --- jobs, within a transaction (store_index.c) --- */

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
enum store_rc job_may_run(struct txn *txn, const struct job *j, bool *yes);
/* Takes it out of the index of due jobs only. */
enum store_rc job_due_clear(struct txn *txn, const struct job *j);

/* Its keys in the indexes, and its state there (OF_...). */
struct key job_due_key(const struct job *j);
struct key job_of_key(const struct job *j);
struct key job_dead_key(const struct job *j);
char job_state(const struct job *j);

/* The job as it is now, if the lease j was given with is still the last one; else
 * ST_CONFLICT (store_job.c). */
enum store_rc job_held(struct txn *txn, const struct job *j, struct job **out);
/* Puts a job back: due in delay_ms, or dead, or not counted as tried. */
enum give { GIVE_AGAIN, GIVE_UNTRIED, GIVE_FAULT, GIVE_KEEP, GIVE_UP };
enum store_rc job_give_back(struct txn *txn, struct job *held, enum give how, uint64_t delay_ms,
    const char *why);
/* A point ms from now, at most 11 days. */
int64_t job_later(int64_t now, uint64_t ms);

/* store_job_stats(), read in several periods. */
enum store_rc index_stats(struct store *st, struct job_stats *out, int64_t now);

/* --- references to blobs, within a transaction (store_refs.c) --- */

/* The blobs of was (NULL: none) lose a reference, those of is gain one; what is
 * in both stays. The ones nothing refers to any more are appended to *gone, in memory
 * of the transaction, if gone is not NULL. */
enum store_rc refs_change(struct txn *txn, const struct template *was, const struct template *is,
    struct orphans *gone);
/* One blob gains (1) or loses (-1) the reference of an image template; *left: how many
 * references it has now. */
enum store_rc refs_add(struct txn *txn, const char *sha, int change, uint64_t *left);

/* --- templates, within a transaction (store_template.c) --- */

/* The template is the transaction's. */
enum store_rc template_load(struct txn *txn, uint64_t id, struct template **out);
enum store_rc template_write(struct txn *txn, const struct template *t);
/* Its key in the list of account (0: all). */
struct key template_list_key(uint64_t account, const struct template *t);

/* --- messages, within a transaction (store_message.c) --- */

/* Ways to find a message by a text. */
enum by { BY_TRACKING = 'r', BY_TOKEN = 't', BY_TRANSPORT = 'x' };
struct key message_by_key(enum by by, const char *what, const char *more);
/* Its key in the list of account (0: all). */
struct key message_sent_key(uint64_t account, uint64_t id);
/* The message is the arena's. */
enum store_rc message_load(struct txn *txn, struct arena *a, uint64_t id, struct message **out);
enum store_rc message_write(struct txn *txn, const struct message *m);
/* Queues a postback that tells of it. */
enum store_rc message_tell(struct txn *txn, const struct message *m, const char *body);

/* --- image templates, within a transaction (store_image.c) --- */

/* The image template is the transaction's. */
enum store_rc image_load(struct txn *txn, uint64_t id, struct image_template **out);
/* Its key in the list of its account. */
struct key image_list_key(uint64_t account, uint64_t id);
/* Has the account any? */
enum store_rc image_any(struct txn *txn, uint64_t account, bool *any);

/* --- accounts, within a transaction (store_account.c) --- */

enum store_rc account_load(struct txn *txn, uint64_t id, struct account *out);
/* Index keys: of a name or user, of an API key. */
struct key key_text(enum table t, const char *text);
struct key key_secret(const char *key);

/* --- plans (store_plan.c) --- */

bool plan_readable(struct arena *a, struct slice v);

/* --- counters (store_count.c) --- */
struct counters *counters_open(const char *path);	/* NULL path: in memory */
void counters_close(struct counters **c);

/* --- rates (store_rate.c) --- */
struct rates *rates_open(const char *path);	/* NULL path: in memory */
void rates_close(struct rates **r);

/* --- what was posted, within a transaction (store_posted.c) --- */

/* Adds j->posted to what is kept of its template or message. */
enum store_rc posted_add(struct txn *txn, const struct job *j);
enum store_rc posted_clear(struct txn *txn, uint64_t group);
bool posted_readable(struct arena *a, struct slice v);

/* --- sessions, within a transaction (store_session.c) --- */

bool session_readable(struct arena *a, struct slice key, struct slice v);
enum store_rc session_end_all(struct txn *txn, uint64_t account);

#endif
