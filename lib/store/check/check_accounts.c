/* check_accounts: compares accounts and their indexes; see check.c */
#include <inttypes.h>

#include "store/check/check.h"
#include "store/store_account_load.h"

static enum store_rc
points_at(struct check *c, const struct key *k, uint64_t id, const char *what)
{
	uint64_t who = 0;
	enum store_rc rc = txn_find_u64(&c->txn, k, &who);

	if (rc == ST_NOTFOUND || (rc == ST_OK && who != id))
		check_fault(c, "account %" PRIu64 " cannot be found by its %s", id, what);
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

enum store_rc
check_account(struct check *c, struct slice key, struct slice v)
{
	uint64_t id = slice_u64(key, 1);
	struct account ac;
	struct key k;
	enum store_rc rc = account_load(&c->txn, id, &ac);

	(void)v;
	c->out->accounts++;
	if (id > c->last_id[0])
		c->last_id[0] = id;
	if (rc == ST_CORRUPT) {
		check_fault(c, "account %" PRIu64 ": its record cannot be read", id);
		return ST_OK;
	}
	if (rc != ST_OK)
		return rc;
	k = key_text(TAB_NAME, ac.name);
	rc = points_at(c, &k, id, "name");
	k = key_secret(ac.key);
	if (rc == ST_OK)
		rc = points_at(c, &k, id, "key");
	k = key_text(TAB_USER, ac.user);
	return rc == ST_OK && ac.user[0] != '\0' ? points_at(c, &k, id, "user") : rc;
}

/* Checks an entry that leads to an account: of names, users or keys. */
enum store_rc
check_account_index(struct check *c, struct slice key, struct slice v)
{
	char table = *(const char *)key.p;
	const char *what = table == TAB_NAME ? "name" : table == TAB_USER ? "user" : "key";
	struct account ac;
	struct key k;
	enum store_rc rc;

	if (v.n != 8) {
		check_fault(c, "an entry of the index of accounts by %s cannot be read", what);
		return ST_OK;
	}
	rc = account_load(&c->txn, slice_u64(v, 0), &ac);
	if (rc == ST_NOTFOUND)
		check_fault(c, "account %" PRIu64 " is in the index by %s, but does not exist",
		    slice_u64(v, 0), what);
	if (rc != ST_OK)
		return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
	k = table == TAB_NAME ? key_text(TAB_NAME, ac.name) :
	    table == TAB_USER ? key_text(TAB_USER, ac.user) :
				key_secret(ac.key);
	if (!key_is(key, &k))
		check_fault(c,
		    "account %" PRIu64 " is in the index by %s with one that is not its own", ac.id,
		    what);
	return ST_OK;
}
