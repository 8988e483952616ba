/*
 * store_private: the parts of a store, for the files of this folder and of lib/store/check only.
 */
#ifndef SM_STORE_PRIVATE_H
#define SM_STORE_PRIVATE_H

#include "store/migrate.h"

struct counters;
struct rates;

struct store {
	struct kv *kv;
	struct counters *counters;
	struct rates *rates;
	_Atomic int64_t noticed[JOB_KINDS]; /* when a claim last looked for what is due */
	bool bdb;
	int mark; /* descriptor of STORE_MARK; -1: none */
};

enum {
	STORE_VERSION = STORE_LAYOUT, /* the layout that a new store gets */
	STORE_OLDEST = 1,             /* the oldest layout that is read and written */
	MMSID_FIRST = 100001,
	STORE_ARENA = 16 << 20, /* memory for a transaction, besides its result */
	STORE_SLICE = 1000      /* index entries read in one period */
};

#endif
