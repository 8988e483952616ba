/* plant: see plant.h */
#include "plant.h"

#include "unit.h"

void
plant(struct store *st, const struct key *k, const void *value, size_t n)
{
	struct kv *kv = st->kv;
	enum store_rc rc;

	assert_int_equal(kv->ops->begin(kv, KV_DURABLE), ST_OK);
	if (value != NULL)
		rc = kv->ops->put(kv, key_slice(k), (struct slice){ value, n });
	else
		rc = kv->ops->del(kv, key_slice(k));
	assert_int_equal(rc, ST_OK);
	assert_int_equal(kv->ops->commit(kv), ST_OK);
}
