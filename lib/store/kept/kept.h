/*
 * kept: what became of requests that had an Idempotency-Key (savemms-api(7), Repeating a request);
 * a part of store.h. Only stores of layout 2 keep it.
 *
 * A request takes its key, runs, and leaves its answer, or gives the key back. While it runs, its
 * record is a lease: if its process is killed, the key is free when that ends. What it stores and
 * its answer are one transaction, in which its key must still be its own; so no two requests with
 * one key store anything, however late one of them is.
 */
#ifndef SM_KEPT_H
#define SM_KEPT_H

#include "model/dialect.h"
#include "model/error.h"
#include "store/rules/kept_rules.h"
#include "store/store.h"

enum { KEPT_BODY = 16384 }; /* bytes of the longest document that is kept */

/* The use of a key by one request. */
struct kept_use {
	uint64_t account;
	unsigned char name[SHA256_BYTES]; /* the SHA-256 of action and key */
	char print[SHA256_HEX];           /* of the request */
	uint64_t token;                   /* of its lease; random */
};

/* An answer. The text belongs to whoever made it. */
struct kept_answer {
	unsigned status; /* HTTP */
	enum dialect dialect;
	enum api_error code; /* E_NONE: success */
	const char *body;    /* the document */
};

/* Writes the answer to a request whose template (0: none) and message (NULL: none) are about to be
 * stored. It is called within the transaction, and again if that has to be repeated: it does
 * nothing else. Returns false if memory is short. */
typedef bool kept_write(void *ctx, uint64_t mmsid, const struct message *m,
    struct kept_answer *out);

/* Makes a call of the store keep the answer in the transaction in which it stores something. That
 * call returns ST_CONFLICT, and stores nothing, if the key is not that use's any more. */
struct keep {
	struct kept_use use;
	kept_write *write;
	void *ctx;
};

/* Fills in a use of this key by an action of the account. */
void store_kept_use(struct kept_use *u, uint64_t account, const char *action, const char *key);

struct kept_begun {
	uint64_t ttl_s, lease_ms; /* given: how long answers are kept, and the lease */
	enum kept_next next;
	struct kept_answer answer; /* of KEPT_REPLAY; the arena's */
	int64_t left_ms;           /* of KEPT_BUSY: of the lease; more than 0 */
};
/* Sets what a request with the key would do now, and takes nothing. Returns as the next one does.
 */
enum store_rc store_kept_look(struct store *st, const struct kept_use *u, struct arena *a,
    struct kept_begun *b);
/* Takes the key if it is free (KEPT_RUN); else sets what to do instead. What a success that is
 * replayed stored is on disk when this returns. Returns ST_CONFLICT in layout 1, and
 * ST_NOTFOUND if the account has been removed. */
enum store_rc store_kept_begin(struct store *st, const struct kept_use *u, struct arena *a,
    struct kept_begun *b);

/* Ends the use of a key that stored nothing: keeps the answer, or gives the key back if there is
 * none (NULL) or disk space is short. Changes nothing if the key is not that use's any more. */
enum store_rc store_kept_end(struct store *st, const struct kept_use *u,
    const struct kept_answer *answer);

enum { KEPT_AT = 49 }; /* bytes of a key of the walk below */

/* A walk that removes the records that count no more, oldest first; see struct message_expiry. */
struct kept_expiry {
	uint64_t ttl_s;
	size_t max;
	unsigned char after[KEPT_AT]; /* the last one looked at */
	size_t nafter;                /* its length; 0 to begin */
	size_t removed;
	bool over;
};
enum store_rc store_kept_expire(struct store *st, struct kept_expiry *x);

#endif
