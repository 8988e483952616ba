/* check_console: checks what the store keeps for the console; see check.c */
#include <inttypes.h>

#include "store/check/check.h"
#include "store/store_posted.h"
#include "store/store_session.h"

enum store_rc
check_posted(struct check *c, struct slice key, struct slice v)
{
	uint64_t of = slice_u64(key, 1);

	if (!posted_readable(c->txn.a, v))
		check_fault(c,
		    "the record of the postbacks of %s %" PRIu64
		    " cannot be read; it will be started anew",
		    of & OF_MESSAGE ? "message" : "template", of & ~OF_MESSAGE);
	return ST_OK;
}

enum store_rc
check_session(struct check *c, struct slice key, struct slice v)
{
	if (!session_readable(c->txn.a, key, v))
		check_fault(c, "a session of account %" PRIu64 ": its record cannot be read",
		    slice_u64(key, 1));
	return ST_OK;
}
