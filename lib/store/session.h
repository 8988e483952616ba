/*
 * session: who is signed in to the console; a part of store.h of its own.
 */
#ifndef SM_SESSION_H
#define SM_SESSION_H

#include "store/store.h"

enum { SESSION_ID = 56 };
struct session_limits {
	uint64_t idle_s,
	    whole_s; /* seconds: it ends when unused for idle_s, in any case after whole_s */
};
struct session {
	uint64_t account;
	int64_t created, seen; /* microseconds */
	char mark[SHA256_HEX]; /* see store_session_create() */
};
/* Creates a session of the account and writes its id, of which the store keeps only a hash, to id.
 * store_session_use() gives back mark, any text of at most 64 characters. */
enum store_rc store_session_create(struct store *st, uint64_t account,
    const struct session_limits *l, const char *mark, char id[SESSION_ID]);
/* Finds the session with that id and notes its use. Returns ST_NOTFOUND if it is over. */
enum store_rc store_session_use(struct store *st, const char *id, const struct session_limits *l,
    struct session *out);
/* Ends a session. Returns ST_OK even if there is none. */
enum store_rc store_session_end(struct store *st, const char *id);
enum store_rc store_session_end_all(struct store *st, uint64_t account);

#endif
