/*
 * store_key: the keys of the store. A key is a table, then big-endian numbers or bytes;
 * savemms-store(5) describes their layout.
 */
#ifndef SM_STORE_KEY_H
#define SM_STORE_KEY_H

#include "store/kv/kv.h"

/* The first byte of a key names its table. */
enum table {
	TAB_ACCOUNT = 'a', /* id -> record */
	TAB_BLOB = 'b',    /* SHA-256 (32 bytes) -> number of references to the blob */
	TAB_COUNTER = 'c', /* table -> last id given */
	TAB_DUE = 'd',     /* kind, lane, account, due, id -> nothing: jobs that may be claimed */
	TAB_LEASED = 'e',  /* kind, lane, end, id -> since when it is leased or renewed */
	TAB_READY = 'f',   /* kind, lane, account -> nothing: its first job in TAB_DUE is due */
	TAB_MESSAGE = 'g', /* id -> version, record */
	TAB_HANDSET = 'h', /* number -> the handset last seen */
	TAB_JOB = 'j',     /* id -> record */
	TAB_KEY = 'k',     /* SHA-256 of an API key, hex -> account */
	TAB_LIST = 'l',    /* account or 0, created, id -> nothing */
	TAB_OF = 'm',   /* template or message (OF_MESSAGE), kind, id -> state, created: its jobs */
	TAB_NAME = 'n', /* account's name -> account */
	TAB_POSTED = 'o', /* template or message (OF_MESSAGE) -> record: what was posted of it */
	TAB_PLAN = 'p',   /* SHA-256 of a plan (32 bytes) -> record: what it gave */
	TAB_MESSAGE_BY = 'q', /* enum by, text -> message: its TRACKINGID, token, transport's id */
	TAB_TURN = 'r',       /* kind, lane -> account served last */
	TAB_TOTAL = 's',      /* account or 0 -> templates */
	TAB_TEMPLATE = 't',   /* id -> version, record */
	TAB_USER = 'u',       /* account's user -> account */
	TAB_VERSION = 'v',    /* nothing -> version of the layout */
	TAB_SENT = 'w',       /* account or 0, message -> nothing */
	TAB_DEAD = 'x',       /* kind, id -> nothing */
	TAB_IMAGE = 'i',      /* id -> record of an image template */
	TAB_IMAGES = 'y',     /* account, id -> nothing: its image templates */
	TAB_SESSION = 'z',    /* account, SHA-256 of its id, hex -> record: who is signed in */
	TAB_GOES = 'G',       /* expires, account, template of sendMMS -> nothing: when it goes */
	TAB_LATER = 'D',      /* kind, lane, due, account -> nothing: its first job is due then */
	TAB_JOBS = 'J',       /* kind -> numbers of its waiting, leased and dead jobs */
	TAB_KEPT = 'K',       /* account, SHA-256 of action and Idempotency-Key -> record */
	TAB_KEPT_AT = 'A', /* created, account, that SHA-256 -> nothing: the same, oldest first */
	TAB_ONCE = 'O',    /* account, template of sendMMS -> when it expires, message that waits */
	TAB_WAITING = 'W'  /* kind, created, id -> nothing: waiting jobs */
};

enum { OF_WAITING = 'w', OF_LEASED = 'l', OF_DEAD = 'd' }; /* states in TAB_OF */

#define OF_MESSAGE ((uint64_t)1 << 63) /* in TAB_OF: the number is a message's */

/* Lengths of keys and values. */
enum {
	ID_KEY = 9,
	BLOB_KEY = 33,
	COUNTER_KEY = 2,
	DUE_KEY = 27,
	LEASED_KEY = 19,
	READY_KEY = 11,
	LATER_KEY = 19,
	JOBS_KEY = 2,
	KEPT_KEY = 41,
	KEPT_AT_KEY = 49,
	LEASED_VALUE = 8,
	JOBS_VALUE = 24,
	WAITING_KEY = 18,
	GOES_KEY = 25,
	HEX_KEY = 65,
	LIST_KEY = 25,
	OF_KEY = 18,
	OF_VALUE = 9,
	ONCE_KEY = 17,
	PLAN_KEY = 33,
	SENT_KEY = 17,
	TURN_KEY = 3,
	DEAD_KEY = 10,
	IMAGES_KEY = 17,
	SESSION_KEY = 73
};

struct key {
	unsigned char b[KV_KEY];
	size_t n;
};

/* Each builds a key, or appends to one. key_bytes() cuts off what does not fit KV_KEY. */
struct key key_of(enum table t);
void key_u64(struct key *k, uint64_t v);
void key_u8(struct key *k, uint8_t v);
void key_bytes(struct key *k, const void *p, size_t n);
/* The slice points into the key. */
struct slice key_slice(const struct key *k);
struct key key_id(enum table t, uint64_t id);

/* Read and write a big-endian number at a place of a key or value. */
uint64_t slice_u64(struct slice s, size_t at);
void put_u64(void *p, uint64_t v);

/* Makes k the smallest key that sorts after s. */
void key_behind(struct key *k, struct slice s);
/* Returns true if s equals k. */
bool key_is(struct slice s, const struct key *k);
/* Returns true if s begins with k and is len bytes long. */
bool key_has_prefix(struct slice s, const struct key *k, size_t len);

/* Return the index keys of a name or user, and of an API key. */
struct key key_text(enum table t, const char *text);
struct key key_secret(const char *key);

#endif
