/* check_kept: checks the answers kept under an Idempotency-Key, and their order; see check.c */
#include <inttypes.h>

#include "store/check/check.h"
#include "store/kept/kept_record.h"

enum { AT_ACCOUNT = 1, AT_NAME = 9, AT_CREATED = 1, AT_RECORD = 9 };

enum store_rc
check_kept(struct check *c, struct slice key, struct slice v)
{
	const uint64_t account = slice_u64(key, AT_ACCOUNT);
	struct kept_record r;
	const struct key owner = key_id(TAB_ACCOUNT, account);
	struct key at;
	bool found = false;
	enum store_rc rc = check_has(c, &owner, &found);

	if (rc == ST_OK && !found)
		check_fault(c,
		    "a record of an Idempotency-Key belongs to account %" PRIu64
		    ", which does not exist",
		    account);
	if (rc == ST_OK)
		rc = kept_record_read(c->txn.a, v, &r);
	if (rc == ST_CORRUPT) {
		check_fault(c,
		    "a record of an Idempotency-Key of account %" PRIu64 " cannot be read",
		    account);
		return ST_OK;
	}
	at = kept_record_at(r.seen.created, account, (const unsigned char *)key.p + AT_NAME);
	if (rc == ST_OK)
		rc = check_has(c, &at, &found);
	if (rc == ST_OK && !found)
		check_fault(c,
		    "a record of an Idempotency-Key of account %" PRIu64
		    " is not in the order of their times",
		    account);
	return rc;
}

enum store_rc
check_kept_at(struct check *c, struct slice key, struct slice v)
{
	struct key of = key_of(TAB_KEPT);
	struct kept_record r;
	struct slice found;
	enum store_rc rc;

	(void)v;
	key_bytes(&of, (const unsigned char *)key.p + AT_RECORD, KEPT_KEY - 1);
	rc = txn_get(&c->txn, &of, &found);
	if (rc == ST_OK)
		rc = kept_record_read(c->txn.a, found, &r);
	if (rc == ST_NOTFOUND ||
	    (rc == ST_OK && r.seen.created != (int64_t)slice_u64(key, AT_CREATED)))
		check_fault(c,
		    "the order of Idempotency-Keys has one of account %" PRIu64
		    " whose record does not exist or is of another time",
		    slice_u64(key, AT_RECORD));
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}
