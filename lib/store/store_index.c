/*
 * store_index: the record of a job and its indexes, which always change together.
 *
 * Of: the jobs of a template or a message, by kind and id, with state and age. queue/queue.c has
 * the other indexes, by which jobs are claimed and counted.
 */
#include "store/store_index.h"

#include <inttypes.h>

#include "base/log.h"
#include "store/queue/layout1.h"

uint64_t
job_group(const struct job *j)
{
	return j->message != 0 ? OF_MESSAGE | j->message : j->mmsid;
}

static struct key
of_prefix(uint64_t group, enum job_kind kind)
{
	struct key k = key_id(TAB_OF, group);

	key_u8(&k, (uint8_t)kind);
	return k;
}

struct key
job_of_key(const struct job *j)
{
	struct key k = of_prefix(job_group(j), j->kind);

	key_u64(&k, j->id);
	return k;
}

static enum store_rc
write_record(struct txn *txn, const struct job *j)
{
	struct key k = key_id(TAB_JOB, j->id);
	const struct job old = layout1_job(j);
	bool one = false;
	enum store_rc rc = layout1_is(txn, &one);

	if (rc != ST_OK)
		return rc;
	buf_reset(&txn->buf);
	job_encode(one ? &old : j, &txn->buf);
	return txn_put_buf(txn, &k);
}

static enum store_rc
write_of(struct txn *txn, const struct job *j)
{
	struct key k = job_of_key(j);
	unsigned char v[OF_VALUE];

	v[0] = (unsigned char)job_state(j);
	put_u64(v + 1, (uint64_t)j->created);
	return txn_put(txn, &k, v, sizeof v);
}

/* Finds the first postback of a group that is not dead; 0: none. */
static enum store_rc
first_postback(struct txn *txn, uint64_t group, uint64_t *id)
{
	struct key prefix = of_prefix(group, JOB_POSTBACK), from = prefix;
	struct slice key, v;
	enum store_rc rc;

	*id = 0;
	for (;;) {
		rc = txn_next(txn, &from, &key, &v);
		if (rc == ST_NOTFOUND || (rc == ST_OK && !key_has_prefix(key, &prefix, OF_KEY)))
			return ST_OK;
		if (rc != ST_OK)
			return rc;
		if (v.n != OF_VALUE)
			return ST_CORRUPT;
		if (*(const char *)v.p != OF_DEAD) {
			*id = slice_u64(key, 10);
			return ST_OK;
		}
		key_behind(&from, key);
	}
}

enum store_rc
job_may_run(struct txn *txn, const struct job *j, bool *may)
{
	uint64_t first = j->id;
	enum store_rc rc = ST_OK;

	if (j->kind == JOB_POSTBACK)
		rc = first_postback(txn, job_group(j), &first);
	*may = first == j->id;
	return rc;
}

enum store_rc
job_promote(struct txn *txn, uint64_t group)
{
	struct job *j;
	uint64_t id;
	enum store_rc rc = first_postback(txn, group, &id);

	if (rc != ST_OK || id == 0)
		return rc;
	if ((rc = job_load(txn, txn->a, id, &j)) == ST_NOTFOUND || rc == ST_CORRUPT) {
		log_error("store: job %" PRIu64 " is next, but its record cannot be used: discard "
			  "it, because others wait for it",
		    id);
		return ST_OK;
	}
	return rc == ST_OK ? queue_allow(txn, j) : rc;
}

/* Puts a job into the queue. */
static enum store_rc
enter(struct txn *txn, const struct job *j)
{
	bool may = false;
	enum store_rc rc = job_state(j) == OF_WAITING ? job_may_run(txn, j, &may) : ST_OK;

	return rc == ST_OK ? queue_enter(txn, j, may) : rc;
}

enum store_rc
job_insert(struct txn *txn, struct job *j, int64_t now)
{
	enum store_rc rc = txn_new_id(txn, TAB_JOB, 1, &j->id);

	j->created = j->due = now;
	j->token = 0;
	j->attempt = 0;
	j->dead = 0;
	j->owner[0] = '\0';
	if (rc == ST_OK)
		rc = write_record(txn, j);
	if (rc == ST_OK)
		rc = write_of(txn, j);
	if (rc == ST_OK)
		rc = enter(txn, j);
	return rc == ST_OK ? queue_count(txn, j->kind, 0, OF_WAITING) : rc;
}

enum store_rc
job_change(struct txn *txn, const struct job *old, const struct job *j)
{
	const char was = job_state(old), is = job_state(j);
	bool moved = old->due != j->due || old->created != j->created || was != is;
	enum store_rc rc = write_record(txn, j);

	if (rc == ST_OK && moved)
		rc = queue_leave(txn, old);
	if (rc == ST_OK && (was != is || old->created != j->created))
		rc = write_of(txn, j);
	if (rc == ST_OK && moved)
		rc = enter(txn, j);
	if (rc == ST_OK)
		rc = queue_count(txn, j->kind, was, is);
	if (rc == ST_OK && j->kind == JOB_POSTBACK && is == OF_DEAD && was != OF_DEAD)
		rc = job_promote(txn, job_group(j));
	return rc;
}

static enum store_rc
delete_one(struct txn *txn, const struct job *j)
{
	struct key record = key_id(TAB_JOB, j->id), of = job_of_key(j);
	enum store_rc rc = txn_del(txn, &record);

	if (rc == ST_OK)
		rc = txn_del(txn, &of);
	if (rc == ST_OK)
		rc = queue_leave(txn, j);
	return rc == ST_OK ? queue_count(txn, j->kind, job_state(j), 0) : rc;
}

enum store_rc
job_delete(struct txn *txn, const struct job *j)
{
	enum store_rc rc = delete_one(txn, j);

	return rc == ST_OK && j->kind == JOB_POSTBACK ? job_promote(txn, job_group(j)) : rc;
}

enum store_rc
job_delete_all(struct txn *txn, uint64_t group)
{
	struct key prefix = key_id(TAB_OF, group);
	struct slice key;
	struct job *j;
	enum store_rc rc;

	for (;;) {
		rc = txn_next(txn, &prefix, &key, NULL);
		if (rc == ST_NOTFOUND || (rc == ST_OK && !key_has_prefix(key, &prefix, OF_KEY)))
			return ST_OK;
		if (rc == ST_OK)
			rc = job_load(txn, txn->a, slice_u64(key, 10), &j);
		if (rc == ST_NOTFOUND)
			rc = ST_CORRUPT;
		if (rc == ST_OK)
			rc = delete_one(txn, j);
		if (rc != ST_OK)
			return rc;
	}
}

enum store_rc
job_load_next_of(struct txn *txn, struct key *from, const struct key *prefix, struct arena *a,
    struct job **out)
{
	struct slice key;
	enum store_rc rc = txn_next(txn, from, &key, NULL);

	if (rc == ST_OK && !key_has_prefix(key, prefix, OF_KEY))
		rc = ST_NOTFOUND;
	if (rc == ST_OK && (rc = job_load(txn, a, slice_u64(key, 10), out)) == ST_NOTFOUND)
		rc = ST_CORRUPT;
	if (rc != ST_OK)
		return rc;
	key_behind(from, key);
	return ST_OK;
}

static enum store_rc
list_group(struct store *st, uint64_t group, size_t max, struct arena *a, struct job_list *out)
{
	struct key prefix = key_id(TAB_OF, group), from = prefix;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	out->n = 0;
	if ((out->job = arena_array(a, max, sizeof(struct job *))) == NULL && rc == ST_OK)
		rc = ST_NOMEM;
	while (rc == ST_OK && out->n < max)
		if ((rc = job_load_next_of(&txn, &from, &prefix, a, &out->job[out->n])) == ST_OK)
			out->n++;
	if ((rc = txn_end(&txn, rc == ST_NOTFOUND ? ST_OK : rc)) != ST_OK)
		out->n = 0;
	return rc;
}

enum store_rc
store_job_list(struct store *st, uint64_t mmsid, size_t max, struct arena *a, struct job_list *out)
{
	return list_group(st, mmsid, max, a, out);
}

enum store_rc
store_message_jobs(struct store *st, uint64_t id, size_t max, struct arena *a, struct job_list *out)
{
	return list_group(st, OF_MESSAGE | id, max, a, out);
}
