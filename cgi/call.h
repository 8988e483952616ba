/*
 * call: records the failure of a call of the API.
 */
#ifndef SM_CALL_H
#define SM_CALL_H

#include "cgi/app.h"

/* Sets the code of call->failure. Always returns false, for the caller to return. */
bool call_fail(struct call *c, enum api_error code);

/* Like call_fail(), for an error of the store: ST_NOTFOUND becomes E241, anything else E503. The
 * latter is logged with what, the operation that failed. */
bool call_store_fail(struct call *c, enum store_rc rc, const char *what);

/* Returns true unless the store has layout 1, which cannot keep what the call asks for
 * (savemms-store(5), LAYOUTS): that is an E503 that no other try passes. The log names what. */
bool call_needs_layout_2(struct call *c, const char *what) __attribute__((warn_unused_result));

#endif
