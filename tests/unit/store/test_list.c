/* A list is one state of the store, whatever happens between any two of its periods. */
#include "unit.h"

#include "base/arena.h"
#include "sample.h"
#include "store/store_list.h"
#include "store/store_private.h"

enum { FIRST = 1500, MOST = FIRST + 64, PERIODS = 12 };

/* An engine that does something before it begins a period for reading. */
static struct kv outer;
static struct kv_ops ops;
static struct kv *inner;
static struct store *st;
static bool busy;
static unsigned periods;  /* for reading, so far */
static unsigned from, to; /* the periods before which something is done */
static unsigned what;     /* 0: add one, 1: remove one, 2: both, 3: any of these, by turns */

/* The states that the list of account 1 has had, newest first. */
static uint64_t state[PERIODS * 2 + 2][MOST];
static size_t size[PERIODS * 2 + 2], nstate;

static void
keep_state(size_t n)
{
	assert_true(nstate + 1 < COUNT(size));
	size[++nstate] = n;
}

static void
add_one(void)
{
	size_t n = size[nstate];
	struct sample s;

	sample_template(&s, 1, 0);
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
	memcpy(&state[nstate + 1][1], state[nstate], n * sizeof state[0][0]);
	state[nstate + 1][0] = s.t.id;
	keep_state(n + 1);
}

/* Removes the newest, the oldest, or one that the first period has seen. */
static void
remove_one(unsigned which)
{
	size_t n = size[nstate], i = which % 3 == 0 ? 0 : which % 3 == 1 ? n - 1 : n / 3;
	struct arena *a = arena_new(1 << 20);
	struct orphans orphans;

	assert_int_equal(store_template_remove(st, 1, state[nstate][i], a, &orphans), ST_OK);
	arena_free(&a);
	memcpy(state[nstate + 1], state[nstate], i * sizeof state[0][0]);
	memcpy(&state[nstate + 1][i], &state[nstate][i + 1], (n - i - 1) * sizeof state[0][0]);
	keep_state(n - 1);
}

static void
disturb(void)
{
	unsigned w = what == 3 ? periods % 3 : what;

	if (w != 1)
		add_one();
	if (w != 0)
		remove_one(periods);
}

static enum store_rc
begin(struct kv *kv, enum kv_durability d)
{
	(void)kv;
	if (d == KV_READ && !busy) {
		busy = true;
		if (periods >= from && periods < to)
			disturb();
		busy = false;
		periods++;
	}
	return inner->ops->begin(inner, d);
}

static enum store_rc
commit(struct kv *kv)
{
	(void)kv;
	return inner->ops->commit(inner);
}

static void
abort_it(struct kv *kv)
{
	(void)kv;
	inner->ops->abort(inner);
}

static enum store_rc
get(struct kv *kv, struct slice key, struct arena *a, struct slice *value)
{
	(void)kv;
	return inner->ops->get(inner, key, a, value);
}

static enum store_rc
put(struct kv *kv, struct slice key, struct slice value)
{
	(void)kv;
	return inner->ops->put(inner, key, value);
}

static enum store_rc
del(struct kv *kv, struct slice key)
{
	(void)kv;
	return inner->ops->del(inner, key);
}

static enum store_rc
next(struct kv *kv, struct slice at, struct arena *a, struct slice *key, struct slice *value)
{
	(void)kv;
	return inner->ops->next(inner, at, a, key, value);
}

static enum store_rc
prev(struct kv *kv, struct slice at, struct arena *a, struct slice *key, struct slice *value)
{
	(void)kv;
	return inner->ops->prev(inner, at, a, key, value);
}

static void
close_it(struct kv *kv)
{
	(void)kv;
	inner->ops->close(inner);
}

static int
set_up(void **unused)
{
	(void)unused;
	ops = (struct kv_ops){ begin, commit, abort_it, get, put, del, next, prev, close_it };
	outer.ops = &ops;
	busy = true;
	nstate = 0;
	size[0] = 0;
	if ((st = store_open_ram()) == NULL)
		return -1;
	inner = st->kv;
	for (size_t i = 0; i < FIRST; i++) {
		struct sample s;

		sample_template(&s, 1 + i % 100 / 99, 0); /* some are another account's */
		assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
		if (s.t.account != 1)
			continue;
		memmove(&state[0][1], state[0], size[0] * sizeof state[0][0]);
		state[0][0] = s.t.id;
		size[0]++;
	}
	st->kv = &outer;
	busy = false;
	return 0;
}

static int
tear_down(void **unused)
{
	(void)unused;
	store_close(&st);
	return 0;
}

struct got {
	uint64_t id[MOST], total;
	size_t n;
};

static void
take_total(void *ctx, uint64_t total)
{
	struct got *g = ctx;

	g->total = total;
	g->n = 0;
}

static bool
take_one(void *ctx, const struct template *t)
{
	struct got *g = ctx;

	assert_true(g->n < MOST);
	g->id[g->n++] = t->id;
	return true;
}

static bool
is_state(const struct got *g, size_t k, size_t skip, size_t max)
{
	size_t n = skip < size[k] ? size[k] - skip : 0;

	n = n < max ? n : max;
	return g->total == size[k] && g->n == n &&
	    memcmp(g->id, &state[k][skip < size[k] ? skip : 0], n * sizeof g->id[0]) == 0;
}

static void
begin_disturbing(unsigned k, unsigned n, unsigned w)
{
	state[0][0] = state[nstate][0];
	memmove(state[0], state[nstate], size[nstate] * sizeof state[0][0]);
	size[0] = size[nstate];
	nstate = 0;
	periods = 0;
	from = k;
	to = k + n;
	what = w;
}

/* Lists one page and checks that it was so at some moment of the call. */
static void
check_page(size_t skip, size_t max, int64_t since)
{
	const struct template_query q = { .account = 1, .skip = skip, .max = max, .since = since };
	struct got *g = calloc(1, sizeof *g);
	const struct template_reader r = { take_total, take_one, g };
	bool ok = false;

	assert_non_null(g);
	assert_int_equal(store_template_each(st, &q, &r), ST_OK);
	for (size_t k = 0; k <= nstate; k++)
		ok = ok || is_state(g, k, skip, max);
	assert_true(ok);
	free(g);
}

static void
check_ids(void)
{
	const struct template_query q = { .account = 1, .max = SIZE_MAX };
	struct arena *a = arena_new(1 << 20);
	struct got *g = calloc(1, sizeof *g);
	struct template_found f;
	bool ok = false;

	assert_non_null(g);
	assert_int_equal(store_template_find(st, &q, a, &f), ST_OK);
	g->total = f.total;
	g->n = f.n;
	memcpy(g->id, f.id, f.n * sizeof f.id[0]);
	for (size_t k = 0; k <= nstate; k++)
		ok = ok || is_state(g, k, 0, SIZE_MAX);
	assert_true(ok);
	free(g);
	arena_free(&a);
}

/* Something happens before the k-th period, for every k, or before several of them. */
static void
test_one_state(void **unused)
{
	static const struct {
		size_t skip, max;
		int64_t since;
	} page[] = { { 0, 10, 0 }, { 0, SIZE_MAX, 0 }, { 1400, 1000, 0 }, { 700, 5, 1 },
		{ 0, 1000, 1 }, { 9999, 10, 0 }, { 0, 0, 0 } };

	(void)unused;
	for (unsigned k = 0; k < 5; k++)
		for (unsigned w = 0; w < 4; w++)
			for (unsigned n = 1; n <= 3; n += 2) {
				for (size_t i = 0; i < COUNT(page); i++) {
					begin_disturbing(k, n, w);
					check_page(page[i].skip, page[i].max, page[i].since);
				}
				begin_disturbing(k, n, w);
				check_ids();
			}
}

/* A list that changes all the time is read in one period, in the end. */
static void
test_longer_periods(void **unused)
{
	(void)unused;
	begin_disturbing(0, PERIODS, 2);
	check_ids();
	assert_in_range(periods, 3, 6);
	begin_disturbing(0, PERIODS, 2);
	check_page(0, SIZE_MAX, 0);
	assert_in_range(periods, 3, 10);
}

/* What the reader wants no more is not read. */
static bool
take_two(void *ctx, const struct template *t)
{
	return take_one(ctx, t) && ((struct got *)ctx)->n < 2;
}

static void
test_reader_ends_it(void **unused)
{
	const struct template_query q = { .account = 1, .max = SIZE_MAX };
	struct got *g = calloc(1, sizeof *g);
	const struct template_reader r = { take_total, take_two, g };

	(void)unused;
	assert_non_null(g);
	begin_disturbing(0, 0, 0);
	assert_int_equal(store_template_each(st, &q, &r), ST_OK);
	assert_int_equal(g->n, 2);
	assert_int_equal(g->total, size[0]);
	assert_in_range(periods, 1, 3);
	free(g);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_state, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_longer_periods, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reader_ends_it, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
