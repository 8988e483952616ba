/* plant: see plant.h */
#include "plant.h"

#include "unit.h"

void
plant(struct store *st, const struct key *k, const void *value, size_t n)
{
	struct kv *kv = st->kv;

	assert_int_equal(kv->ops->begin(kv, KV_DURABLE), ST_OK);
	assert_int_equal(value != NULL ? kv->ops->put(kv, key_slice(k), (struct slice){ value, n }) :
	    kv->ops->del(kv, key_slice(k)), ST_OK);
	assert_int_equal(kv->ops->commit(kv), ST_OK);
}
