/*
 * store_private: the parts of a store, for the files of this folder and of lib/store/check only.
 */
#ifndef SM_STORE_PRIVATE_H
#define SM_STORE_PRIVATE_H

#include "store/store.h"

struct counters;
struct rates;

struct store {
	struct kv *kv;
	struct counters *counters;
	struct rates *rates;
	_Atomic int64_t noticed[JOB_KINDS]; /* when a claim last looked for what is due */
	bool bdb;
};

enum {
	STORE_VERSION = 2,
	MMSID_FIRST = 100001,
	STORE_ARENA = 16 << 20, /* memory for a transaction, besides its result */
	STORE_SLICE = 1000      /* index entries read in one period */
};

#endif
