/* job_key: see job_key.h */
#include "store/queue/job_key.h"

char
job_state(const struct job *j)
{
	return j->dead ? OF_DEAD : j->owner[0] != '\0' ? OF_LEASED : OF_WAITING;
}

struct key
queue_kind_key(enum table t, const struct job *j)
{
	struct key k = key_of(t);

	key_u8(&k, (uint8_t)j->kind);
	return k;
}

struct key
queue_lane_key(enum table t, const struct job *j)
{
	struct key k = queue_kind_key(t, j);

	key_u8(&k, (uint8_t)j->lane);
	return k;
}

struct key
queue_account_key(enum table t, const struct job *j)
{
	struct key k = queue_lane_key(t, j);

	key_u64(&k, j->account);
	return k;
}

struct key
queue_due_key(const struct job *j)
{
	struct key k = queue_account_key(TAB_DUE, j);

	key_u64(&k, (uint64_t)j->due);
	key_u64(&k, j->id);
	return k;
}

struct key
queue_leased_key(const struct job *j)
{
	struct key k = queue_lane_key(TAB_LEASED, j);

	key_u64(&k, (uint64_t)j->due);
	key_u64(&k, j->id);
	return k;
}

struct key
queue_waiting_key(const struct job *j)
{
	struct key k = queue_kind_key(TAB_WAITING, j);

	key_u64(&k, (uint64_t)j->created);
	key_u64(&k, j->id);
	return k;
}

struct key
queue_dead_key(const struct job *j)
{
	struct key k = queue_kind_key(TAB_DEAD, j);

	key_u64(&k, j->id);
	return k;
}

struct key
queue_ready_key(const struct job *j)
{
	return queue_account_key(TAB_READY, j);
}

struct key
queue_later_key(const struct job *j, int64_t due)
{
	struct key k = queue_lane_key(TAB_LATER, j);

	key_u64(&k, (uint64_t)due);
	key_u64(&k, j->account);
	return k;
}

enum store_rc
job_load(struct txn *txn, struct arena *a, uint64_t id, struct job **out)
{
	struct key k = key_id(TAB_JOB, id);
	struct slice v;
	enum store_rc rc = txn_get(txn, &k, &v);

	if (rc != ST_OK)
		return rc;
	if ((*out = job_decode(a, v.p, v.n)) == NULL)
		return arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	(*out)->id = id;
	return ST_OK;
}
