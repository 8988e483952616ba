/*
 * migrate: the layout of a store, and how it is brought to the present one; a part of store.h.
 */
#ifndef SM_MIGRATE_H
#define SM_MIGRATE_H

#include "store/store.h"

/* A file that every program keeps open that knows the present layout and has the store open. So the
 * others can be found before the store is migrated. It is empty. */
#define STORE_MARK "db/layout-2"

enum { STORE_LAYOUT = 2 }; /* the present layout */

/* Sets *layout to the version of the store's layout. */
enum store_rc store_layout(struct store *st, uint64_t *layout);

struct store_migration {
	bool dry; /* only find out */
	/* Called before anything is changed, while nobody can open the store or change it. Returns
	 * false to leave the store as it is. Does not use the store. */
	bool (*may)(void *ctx);
	void *ctx;
	uint64_t from, to; /* set: the layouts */
	uint64_t jobs;     /* set: how many get a place in the tables of the present layout */
};

/* Brings the store to the present layout, in one transaction. The programs of this version go on
 * in the new layout; older ones refuse to open it, but do not notice if they have it open.
 * Nothing is done to a store of the present layout. Returns ST_CONFLICT if m->may() said no. */
enum store_rc store_migrate(struct store *st, struct store_migration *m)
    __attribute__((warn_unused_result));

#endif
