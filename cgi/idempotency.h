/*
 * idempotency: calls with an Idempotency-Key (savemms-api(7), Repeating a request).
 */
#ifndef SM_CGI_IDEMPOTENCY_H
#define SM_CGI_IDEMPOTENCY_H

#include "cgi/app.h"
#include "store/kept/kept.h"

/* Looks for the header, and at its key if there is one; it is called before the call is counted,
 * and writes nothing, for it may be refused then. Returns true if the call goes on. Returns true
 * with c->replayed if the answer is one that was kept, and nothing remains to be done. Else returns
 * false with c->failure set. */
bool idempotency_look(struct call *c) __attribute__((warn_unused_result));

/* Takes the key that idempotency_look() has seen, if there is one, for a call that was counted.
 * Returns as that does: another call may have been faster, and this one is counted nevertheless.
 * Then c->keep is the key. */
bool idempotency_take(struct call *c) __attribute__((warn_unused_result));

/* Makes the call's answer be kept in the transaction that stores its template or message: write
 * writes it. Returns what the store's function needs: NULL if the call has no key. */
const struct keep *idempotency_keep(struct call *c, stored_fn *write);

/* Like call_store_fail(), for such a store's function. The call whose key another one has meanwhile
 * is refused as one that comes while that runs. */
bool idempotency_store_fail(struct call *c, enum store_rc rc, const char *what);

/* Ends the use of the key by a call that failed and whose answer is complete: keeps that, or gives
 * the key back. */
void idempotency_end(struct call *c);

#endif
