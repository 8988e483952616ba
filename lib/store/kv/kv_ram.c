/*
 * kv_ram: the engine in memory, for unit tests: a sorted array of pairs. A transaction keeps what
 * it replaced and puts it back when it is aborted.
 *
 * On failure (memory) a call changes nothing and returns ST_NOMEM. Known limit: each new key moves
 * all pairs that sort after it.
 */
#include "store/kv/kv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct pair {
	struct slice key, value;
};

struct undo {
	struct undo *next;
	struct slice key, value;
	bool was; /* the key existed, with this value */
};

struct ram {
	struct kv kv; /* first: a struct kv * is a struct ram * */
	pthread_mutex_t mutex;
	struct pair *pair;
	size_t n, room;
	struct undo *undo;
	enum kv_durability mode;
};

static struct ram *
self(struct kv *kv)
{
	return (struct ram *)(void *)kv;
}

static int
compare(struct slice a, struct slice b)
{
	int c = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return c != 0 ? c : (a.n > b.n) - (a.n < b.n);
}

/* Returns the index of the first pair whose key is >= key. */
static size_t
seek(const struct ram *r, struct slice key)
{
	size_t lo = 0, hi = r->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare(r->pair[mid].key, key) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool
is_at(const struct ram *r, size_t i, struct slice key)
{
	return i < r->n && compare(r->pair[i].key, key) == 0;
}

/* Copies a slice. p is NULL if memory is short. */
static struct slice
duplicate(struct slice s)
{
	struct slice c = { malloc(s.n + 1), s.n };

	if (c.p != NULL && s.n > 0)
		memcpy((void *)(uintptr_t)c.p, s.p, s.n);
	return c;
}

static void
free_slice(struct slice s)
{
	free((void *)(uintptr_t)s.p);
}

static void
drop_undo(struct ram *r)
{
	for (struct undo *u = r->undo, *next; u != NULL; u = next) {
		next = u->next;
		free_slice(u->key);
		free_slice(u->value);
		free(u);
	}
	r->undo = NULL;
}

static bool
make_room(struct ram *r)
{
	struct pair *p;

	if (r->n < r->room)
		return true;
	if ((p = reallocarray(r->pair, r->room * 2 + 64, sizeof *p)) == NULL)
		return false;
	r->pair = p;
	r->room = r->room * 2 + 64;
	return true;
}

static void
insert(struct ram *r, size_t i, struct slice key, struct slice value)
{
	memmove(&r->pair[i + 1], &r->pair[i], (r->n - i) * sizeof r->pair[0]);
	r->pair[i] = (struct pair){ key, value };
	r->n++;
}

static void
remove_pair(struct ram *r, size_t i)
{
	free_slice(r->pair[i].key);
	free_slice(r->pair[i].value);
	memmove(&r->pair[i], &r->pair[i + 1], (r->n - i - 1) * sizeof r->pair[0]);
	r->n--;
}

/* Saves the present value of key for an abort. Returns false if memory is short. */
static bool
save_undo(struct ram *r, struct slice key)
{
	struct undo *u = calloc(1, sizeof *u);
	size_t i = seek(r, key);

	if (u == NULL)
		return false;
	u->was = is_at(r, i, key);
	u->key = duplicate(key);
	if (u->was)
		u->value = duplicate(r->pair[i].value);
	u->next = r->undo;
	if (u->key.p != NULL && (!u->was || u->value.p != NULL)) {
		r->undo = u;
		return true;
	}
	free_slice(u->key);
	free_slice(u->value);
	free(u);
	return false;
}

static enum store_rc
ram_begin(struct kv *kv, enum kv_durability d)
{
	if (pthread_mutex_lock(&self(kv)->mutex) != 0)
		return ST_IO;
	self(kv)->mode = d;
	return ST_OK;
}

static enum store_rc
ram_commit(struct kv *kv)
{
	drop_undo(self(kv));
	(void)pthread_mutex_unlock(&self(kv)->mutex);
	return ST_OK;
}

/* Undoes the newest change first. There is room: only pairs that existed before come back. */
static void
ram_abort(struct kv *kv)
{
	struct ram *r = self(kv);

	for (struct undo *u = r->undo; u != NULL; u = u->next) {
		size_t i = seek(r, u->key);

		if (is_at(r, i, u->key))
			remove_pair(r, i);
		if (u->was) {
			insert(r, i, u->key, u->value);
			u->key.p = u->value.p = NULL;
		}
	}
	(void)ram_commit(kv);
}

static enum store_rc
copy_slice(struct arena *a, struct slice from, struct slice *to)
{
	to->p = arena_memdup(a, from.p, from.n);
	to->n = from.n;
	return to->p != NULL ? ST_OK : ST_NOMEM;
}

static enum store_rc
ram_get(struct kv *kv, struct slice key, struct arena *a, struct slice *value)
{
	struct ram *r = self(kv);
	size_t i = seek(r, key);

	return is_at(r, i, key) ? copy_slice(a, r->pair[i].value, value) : ST_NOTFOUND;
}

static enum store_rc
ram_put(struct kv *kv, struct slice key, struct slice value)
{
	struct ram *r = self(kv);
	struct slice k, v;
	size_t i;

	if (r->mode == KV_READ || key.n == 0 || key.n > KV_KEY || value.n > KV_VALUE)
		return ST_IO;
	k = duplicate(key);
	v = duplicate(value);
	if (k.p == NULL || v.p == NULL || !make_room(r) || !save_undo(r, key)) {
		free_slice(k);
		free_slice(v);
		return ST_NOMEM;
	}
	if (is_at(r, i = seek(r, key), key))
		remove_pair(r, i);
	insert(r, i, k, v);
	return ST_OK;
}

static enum store_rc
ram_del(struct kv *kv, struct slice key)
{
	struct ram *r = self(kv);
	size_t i = seek(r, key);

	if (r->mode == KV_READ)
		return ST_IO;
	if (!is_at(r, i, key))
		return ST_NOTFOUND;
	if (!save_undo(r, key))
		return ST_NOMEM;
	remove_pair(r, i);
	return ST_OK;
}

static enum store_rc
copy_pair(struct ram *r, size_t i, struct arena *a, struct slice *key, struct slice *value)
{
	enum store_rc rc = copy_slice(a, r->pair[i].key, key);

	return rc == ST_OK && value != NULL ? copy_slice(a, r->pair[i].value, value) : rc;
}

static enum store_rc
ram_next(struct kv *kv, struct slice from, struct arena *a, struct slice *key, struct slice *value)
{
	size_t i = seek(self(kv), from);

	return i < self(kv)->n ? copy_pair(self(kv), i, a, key, value) : ST_NOTFOUND;
}

static enum store_rc
ram_prev(struct kv *kv, struct slice from, struct arena *a, struct slice *key, struct slice *value)
{
	size_t i = seek(self(kv), from);

	return i > 0 ? copy_pair(self(kv), i - 1, a, key, value) : ST_NOTFOUND;
}

static void
ram_close(struct kv *kv)
{
	struct ram *r = self(kv);

	while (r->n > 0)
		remove_pair(r, r->n - 1);
	drop_undo(r);
	free(r->pair);
	(void)pthread_mutex_destroy(&r->mutex);
	free(r);
}

static const struct kv_ops ram_ops = { .begin = ram_begin,
	.commit = ram_commit,
	.abort = ram_abort,
	.get = ram_get,
	.put = ram_put,
	.del = ram_del,
	.next = ram_next,
	.prev = ram_prev,
	.close = ram_close };

struct kv *
kv_ram_open(void)
{
	struct ram *r = calloc(1, sizeof *r);

	if (r == NULL || pthread_mutex_init(&r->mutex, NULL) != 0) {
		free(r);
		return NULL;
	}
	r->kv.ops = &ram_ops;
	return &r->kv;
}
