/* flaky: a store in memory whose commits fail as a test wants. */
#ifndef SM_FLAKY_H
#define SM_FLAKY_H

#include "store/store_private.h"

/* Opens one. Returns NULL if memory is short. store_close() closes it. */
struct store *flaky_open(void);
/* Of the commits that follow, those that changed something, the next n fail with rc: nothing of
 * them is kept. */
void flaky_fail(struct store *st, unsigned n, enum store_rc rc);
/* Of each of them, the first fails with ST_REPEAT from now on. */
void flaky_always(struct store *st);
/* Calls what(ctx) after the next failure, as another process would come in between. It may order
 * the failures that follow. */
void flaky_meanwhile(struct store *st, void (*what)(void *ctx), void *ctx);
/* Returns what the last transaction that changed something asked for. */
enum kv_durability flaky_durability(struct store *st);
/* Returns how many entries the transaction walked over that walked over most since the last call.
 */
size_t flaky_longest(struct store *st);

#endif
