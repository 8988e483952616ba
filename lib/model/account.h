/*
 * account: a customer with its credentials and limits.
 */
#ifndef SM_ACCOUNT_H
#define SM_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypt.h"
#include "model/dialect.h"

struct arena;
struct buf;

enum { ACCOUNT_NAME = 65, API_KEY = 33, ACCOUNT_TEXT = 1024 };

struct account {
	uint64_t id;               /* 0 until stored; no other account ever gets it */
	uint32_t version;          /* raised by each change */
	int64_t created;           /* microseconds */
	char name[ACCOUNT_NAME];   /* A-Z a-z 0-9 . _ - , unique */
	char key[API_KEY];         /* 32 of A-Z a-z 0-9 (savemms-api(7), Who is calling) */
	char user[ACCOUNT_NAME];   /* "": no USER/PASS */
	char password[PWHASH_MAX]; /* Argon2id of the password's lower-case MD5 hex */
	int64_t postback_gone; /* when the receiver said that postback-url is gone, microseconds;
	                        * 0: it has not since that was set */
#define FLAG(name, key, def, doc) bool name;
#define NUM(name, key, def, min, max, doc) uint64_t name;
#define TEXT(name, key, def, check, doc) char name[ACCOUNT_TEXT];
#include "model/account.def"
#undef FLAG
#undef NUM
#undef TEXT
};

/* Makes a new account with all defaults and a new key. Returns false when the name is not
 * allowed. */
bool account_init(struct account *a, const char *name) __attribute__((warn_unused_result));

/* Sets one key of account.def from text. Returns 0, or -1 with the reason in err. A postback-url,
 * also the one that was there, counts as not gone. */
int account_set(struct account *a, const char *key, const char *value, char *err, size_t errlen)
    __attribute__((warn_unused_result));

/* Sets USER, which is the account's name, and the password. Returns false when memory is
 * short. */
bool account_set_password(struct account *a, const char *password)
    __attribute__((warn_unused_result));

/* Returns true if pass is the password, or its MD5 in hex of either case (savemms-api(7), Who
 * is calling). Returns false for an account without a password. */
bool account_password_ok(const struct account *a, const char *pass);

/* Returns the key of a setting that is not at its default and that version 0.1.0 does not know, or
 * NULL: it cannot read the record of such an account. */
const char *account_newer(const struct account *a);

/* Returns true if the account is told by postbacks. */
bool account_wants_postbacks(const struct account *a);

/* Returns the dialect of a postback about what a request in the dialect own made. */
enum dialect account_postback_dialect(const struct account *a, enum dialect own);

/* Calls each(ctx, key, value as text, default as text, manual text) for every setting, in
 * the order of account.def. */
void account_each(const struct account *a,
    void (*each)(void *ctx, const char *key, const char *value, const char *def, const char *doc),
    void *ctx);

/* Appends the record (savemms-store(5)) to out; check buf_ok(). */
void account_encode(const struct account *a, struct buf *out);

/* Reads such a record of n bytes into memory of the arena. The caller sets the id. Returns NULL
 * for a record that is not whole or of a newer version, or when memory is short. */
struct account *account_decode(struct arena *a, const char *p, size_t n);

#endif
