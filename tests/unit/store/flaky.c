/* flaky: see flaky.h. An engine around the one in memory. */
#include "flaky.h"

#include <stdlib.h>

struct flaky {
	struct kv kv; /* first: a struct kv * is a struct flaky * */
	struct kv *in;
	bool changed, always;
	unsigned n;
	enum store_rc rc;
	enum kv_durability inside, changed_by;
	void (*meanwhile)(void *ctx);
	void *ctx;
	size_t walked, longest; /* entries */
};

static struct flaky *
self(struct kv *kv)
{
	return (struct flaky *)(void *)kv;
}

static enum store_rc
flaky_begin(struct kv *kv, enum kv_durability d)
{
	struct kv *in = self(kv)->in;
	enum store_rc rc = in->ops->begin(in, d);

	if (rc == ST_OK)
		self(kv)->changed = false;
	self(kv)->inside = d;
	self(kv)->walked = 0;
	return rc;
}

static enum store_rc
flaky_commit(struct kv *kv)
{
	struct flaky *f = self(kv);
	const enum store_rc rc = f->rc;

	void (*meanwhile)(void *ctx) = f->meanwhile;

	if (!f->changed)
		return f->in->ops->commit(f->in);
	f->changed_by = f->inside;
	if (f->n == 0) {
		f->n = f->always ? 1 : 0;
		return f->in->ops->commit(f->in);
	}
	f->n--;
	f->in->ops->abort(f->in);
	f->meanwhile = NULL;
	if (meanwhile != NULL)
		meanwhile(f->ctx);
	return rc;
}

static void
flaky_abort(struct kv *kv)
{
	self(kv)->in->ops->abort(self(kv)->in);
}

static enum store_rc
flaky_get(struct kv *kv, struct slice key, struct arena *a, struct slice *value)
{
	return self(kv)->in->ops->get(self(kv)->in, key, a, value);
}

static enum store_rc
flaky_put(struct kv *kv, struct slice key, struct slice value)
{
	self(kv)->changed = true;
	return self(kv)->in->ops->put(self(kv)->in, key, value);
}

static enum store_rc
flaky_del(struct kv *kv, struct slice key)
{
	self(kv)->changed = true;
	return self(kv)->in->ops->del(self(kv)->in, key);
}

static enum store_rc
flaky_next(struct kv *kv, struct slice from, struct arena *a, struct slice *key,
    struct slice *value)
{
	struct flaky *f = self(kv);

	if (++f->walked > f->longest)
		f->longest = f->walked;
	return f->in->ops->next(f->in, from, a, key, value);
}

static enum store_rc
flaky_prev(struct kv *kv, struct slice from, struct arena *a, struct slice *key,
    struct slice *value)
{
	return self(kv)->in->ops->prev(self(kv)->in, from, a, key, value);
}

static void
flaky_close(struct kv *kv)
{
	self(kv)->in->ops->close(self(kv)->in);
	free(kv);
}

static const struct kv_ops flaky_ops = { .begin = flaky_begin,
	.commit = flaky_commit,
	.abort = flaky_abort,
	.get = flaky_get,
	.put = flaky_put,
	.del = flaky_del,
	.next = flaky_next,
	.prev = flaky_prev,
	.close = flaky_close };

struct store *
flaky_open(void)
{
	struct flaky *f = calloc(1, sizeof *f);
	struct store *st = f != NULL ? store_open_ram() : NULL;

	if (st == NULL) {
		free(f);
		return NULL;
	}
	f->kv.ops = &flaky_ops;
	f->in = st->kv;
	st->kv = &f->kv;
	return st;
}

void
flaky_fail(struct store *st, unsigned n, enum store_rc rc)
{
	self(st->kv)->n = n;
	self(st->kv)->rc = rc;
}

void
flaky_always(struct store *st)
{
	flaky_fail(st, 1, ST_REPEAT);
	self(st->kv)->always = true;
}

void
flaky_meanwhile(struct store *st, void (*what)(void *ctx), void *ctx)
{
	self(st->kv)->meanwhile = what;
	self(st->kv)->ctx = ctx;
}

enum kv_durability
flaky_durability(struct store *st)
{
	return self(st->kv)->changed_by;
}

size_t
flaky_longest(struct store *st)
{
	const size_t n = self(st->kv)->longest;

	self(st->kv)->longest = 0;
	return n;
}
