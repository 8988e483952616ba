/*
 * import: takes the templates of another server into an account. Files hold that server's answers
 * to getMMSTemplates and getMMSIDDetails in any dialect; each template in them becomes an item, and
 * each item a saveMMS of the server that runs.
 */
#ifndef SM_IMPORT_H
#define SM_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "admin/admin.h"
#include "model/account.h"
#include "model/dialect.h"
#include "store/store.h"

enum {
	IMPORT_ITEMS = 20000, /* of all files together, each list and each description */
	IMPORT_FILE = 4
	    << 20,      /* bytes of a file: the longest answer of savemms itself is shorter */
	IMPORT_OLD = 64 /* longest old id: it becomes a CLIENT_REFERENCE (E228) */
};

struct import_item {
	const char *old;   /* the id that the other server gave */
	const char *name;  /* as it will be stored: import_name() */
	const char *body;  /* the saveMMS request; NULL: it cannot be imported */
	const char *why;   /* the reason then */
	const char *spare; /* the same with the vendor's renditions in place of the sources; NULL:
	                      it has none */
	enum dialect dialect; /* of the request: A or B */
	bool described;       /* it came from getMMSIDDetails */
	int64_t created;      /* there; -1: unknown */
	size_t order;         /* of its appearance */
	uint64_t here;        /* MMSID that it has in this instance; 0: none yet */
	bool mapped;          /* the file of --map says so */
};

struct import {
	struct arena *a;             /* what items point to */
	const char *key;             /* of the account */
	bool posters;                /* a template without slides becomes one of poster and text */
	bool own_reference;          /* the CLIENT_REFERENCE that it had is kept */
	struct import_item *item;    /* IMPORT_ITEMS */
	size_t n, listed, described; /* items, and how many of each sort the files had */
	size_t unnamed;              /* templates without an id that can be used */
	uint64_t total;              /* that the vendor has, as its lists say; 0: they do not */
};

/* Makes items of the n bytes of a file. Returns false with the reason in *why, or with NULL there
 * when memory is short: then nothing more can be read. */
bool import_read(struct import *im, const char *p, size_t n, const char **why);

/* Returns a name as an instance has it that was saved with it: written as XML, in which not every
 * character can be, read and trimmed. All memory is a's. Returns NULL when memory is short. */
char *import_name(struct arena *a, const char *name);

/* Leaves one item of each id, a described one if there is one. Afterwards they are in order of
 * their ids. */
void import_items_unite(struct import *im);

/* Returns the item of this id, or NULL. Only between import_items_unite() and
 * import_items_by_age(). */
struct import_item *import_items_find(const struct import *im, const char *old);

/* Puts the oldest first. Those of which the age is unknown come first, the last of the files before
 * the others, because lists have the newest first. */
void import_items_by_age(struct import *im);

/* Finds out what is here: what the file path (NULL: none) says of the account's templates, and
 * templates whose CLIENT_REFERENCE is the old id and that have the item's name. Returns DONE; on
 * failure prints why and returns NOT_DONE. */
int import_map_known(struct import *im, struct admin *ad, uint64_t account, const char *path);

/* Opens the file for import_map_add(), or makes it. Returns the descriptor, or -1 after printing
 * why. */
int import_map_open(const struct admin *ad, const char *path);

/* Appends a line: the old id, a tab, the MMSID. It is on disk afterwards. Returns DONE; on failure
 * prints why and returns NOT_DONE. */
int import_map_add(int fd, const char *path, const struct import_item *it);

/* Looks whether the account has a template of this MMSID. Returns ST_OK, ST_NOTFOUND, or why the
 * store cannot be read. */
enum store_rc import_map_look(struct store *st, uint64_t account, uint64_t id);

/* What an answer to saveMMS means. */
enum import_verdict {
	IMPORT_SAVED,
	IMPORT_REFUSED, /* this template cannot be saved; others may */
	IMPORT_LATER,   /* the same request may succeed in a while */
	IMPORT_STOP     /* no request will */
};

enum {
	IMPORT_TEXT = 400,
	IMPORT_CODE = 8 /* characters of an error's code: letters and digits; ours have 4 or 5 */
};

struct import_answer {
	enum import_verdict verdict;
	uint64_t mmsid;         /* of IMPORT_SAVED */
	bool gone;              /* of IMPORT_REFUSED: a medium could not be fetched */
	unsigned wait_s;        /* of IMPORT_LATER */
	bool replayed;          /* it was kept from an earlier request, maybe of another run */
	char text[IMPORT_TEXT]; /* of the others: what is wrong, and for IMPORT_STOP what to do */
};

/* Judges an answer of a server: its HTTP status, 0 if none came, and its body, or the reason why
 * none came. ac is the account that the request was for. All memory is a's. */
void import_answer_judge(struct arena *a, const struct account *ac, long status, const char *body,
    struct import_answer *out);

/* How the server is called. */
struct import_server {
	const char *url; /* of less than SETTING_TEXT bytes */
	bool keyed;      /* with an Idempotency-Key; a store of layout 1 refuses it */
	uint64_t behind; /* MMSID that an answer with the key had before, of a template that was
	                    deleted since: the key is another one; 0: none */
};

/* Saves the item through the server, and waits and tries again where that can help. The key is the
 * SHA-256 of account, old id, body and server->behind, so whoever asks again within
 * idempotency-ttl, because a run ended before it knew the answer, gets that answer, and nothing is
 * saved twice. Sets *out, which is never IMPORT_LATER. */
void import_save(struct admin *ad, const struct account *ac, const struct import_server *server,
    const struct import_item *it, struct import_answer *out);

#endif
