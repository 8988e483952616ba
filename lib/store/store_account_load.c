/* store_account_load: see store_account_load.h */
#include "store/store_account_load.h"

enum store_rc
account_load(struct txn *txn, uint64_t id, struct account *out)
{
	struct key k = key_id(TAB_ACCOUNT, id);
	struct account *ac;
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	if (rc != ST_OK)
		return rc;
	if ((ac = account_decode(txn->a, v.p, v.n)) == NULL)
		return arena_failed(txn->a) ? ST_NOMEM : ST_CORRUPT;
	ac->id = id;
	*out = *ac;
	return ST_OK;
}
