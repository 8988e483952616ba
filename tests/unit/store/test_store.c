/* The store on its engines, and on one on which the first commit of every step fails: one set of
 * tests, run three times. */
#include "unit.h"

#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "flaky.h"
#include "sample.h"
#include "store/plan.h"
#include "store/session.h"
#include "store/store_count.h"
#include "store/store_list.h"

struct world {
	struct store *st;
	struct arena *a;
	struct settings s;
	char dir[256];
};

static int
set_up(void **state, bool bdb)
{
	static struct world w;
	char err[STORE_ERR];

	memset(&w, 0, sizeof w);
	if ((w.a = arena_new(64 << 20)) == NULL)
		return -1;
	if (bdb) {
		sample_dir(w.dir, sizeof w.dir);
		sample_settings(&w.s, w.dir);
	}
	w.st = bdb ? store_open(&w.s, true, err) : flaky_open();
	*state = &w;
	return w.st != NULL ? 0 : -1;
}

static int
set_up_ram(void **state)
{
	return set_up(state, false);
}

static int
set_up_bdb(void **state)
{
	return set_up(state, true);
}

static int
set_up_flaky(void **state)
{
	int rc = set_up(state, false);

	if (rc == 0)
		flaky_always(((struct world *)*state)->st);
	return rc;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	store_close(&w->st);
	arena_free(&w->a);
	if (w->dir[0] != '\0')
		sample_rmdir(w->dir);
	return 0;
}

static uint64_t
refs(struct world *w, uint64_t blob)
{
	char sha[SHA256_HEX];
	uint64_t n;

	sample_blob(blob, sha);
	assert_int_equal(store_blob_refs(w->st, sha, &n), ST_OK);
	return n;
}

static uint64_t
create(struct world *w, uint64_t account, uint64_t seed, struct job *jobs, size_t njobs)
{
	struct sample s;

	sample_template(&s, account, seed);
	assert_int_equal(store_template_create(w->st, &s.t, jobs, njobs, NULL), ST_OK);
	return s.t.id;
}

/* --- accounts ------------------------------------------------------------------- */

static void
test_account(void **state)
{
	struct world *w = *state;
	struct account a, b, c;

	assert_true(account_init(&a, "first"));
	assert_int_equal(store_account_put(w->st, &a), ST_OK);
	assert_int_equal(a.id, 1);
	assert_int_equal(a.version, 1);
	assert_int_equal(store_account_by_key(w->st, a.key, &b), ST_OK);
	assert_string_equal(b.name, "first");
	assert_int_equal(b.id, 1);
	assert_int_equal(store_account_by_key(w->st, "no such key", &b), ST_NOTFOUND);
	assert_int_equal(store_account_by_name(w->st, "first", &b), ST_OK);
	assert_int_equal(store_account_by_id(w->st, 1, &b), ST_OK);
	assert_int_equal(store_account_by_id(w->st, 2, &b), ST_NOTFOUND);
	c = b;
	b.throughput = 7;
	assert_int_equal(store_account_put(w->st, &b), ST_OK);
	assert_int_equal(b.version, 2);
	assert_int_equal(store_account_put(w->st, &c), ST_CONFLICT);
	assert_int_equal(store_account_by_id(w->st, 1, &c), ST_OK);
	assert_int_equal(c.throughput, 7);
}

static void
test_account_unique(void **state)
{
	struct world *w = *state;
	struct account a, b, c;

	assert_true(account_init(&a, "a") && account_init(&b, "b"));
	snprintf(a.user, sizeof a.user, "user");
	assert_int_equal(store_account_put(w->st, &a), ST_OK);
	snprintf(b.name, sizeof b.name, "a");
	assert_int_equal(store_account_put(w->st, &b), ST_EXISTS);
	assert_int_equal(b.id, 0);
	snprintf(b.name, sizeof b.name, "b");
	snprintf(b.user, sizeof b.user, "user");
	assert_int_equal(store_account_put(w->st, &b), ST_EXISTS);
	b.user[0] = '\0';
	assert_int_equal(store_account_put(w->st, &b), ST_OK);
	c = b;
	memcpy(c.key, a.key, sizeof c.key);
	assert_int_equal(store_account_put(w->st, &c), ST_EXISTS);
	/* a refused change leaves no trace */
	assert_int_equal(store_account_by_key(w->st, b.key, &c), ST_OK);
	assert_string_equal(c.name, "b");
	/* a new key ends the old one */
	memcpy(c.key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef", API_KEY);
	assert_int_equal(store_account_put(w->st, &c), ST_OK);
	assert_int_equal(store_account_by_key(w->st, b.key, &b), ST_NOTFOUND);
	assert_int_equal(store_account_by_key(w->st, c.key, &b), ST_OK);
}

static void
test_account_next_remove(void **state)
{
	static const char *const names[] = { "b", "a", "ab" }, *const sorted[] = { "a", "ab", "b" };
	struct world *w = *state;
	struct orphans orphans;
	struct account ac;
	char after[ACCOUNT_NAME] = "";
	uint64_t id;

	for (int i = 0; i < 3; i++) {
		assert_true(account_init(&ac, names[i]));
		assert_int_equal(store_account_put(w->st, &ac), ST_OK);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(store_account_next(w->st, after, &ac), ST_OK);
		assert_string_equal(ac.name, sorted[i]);
		assert_string_equal(after, sorted[i]);
	}
	assert_int_equal(store_account_next(w->st, after, &ac), ST_NOTFOUND);
	id = create(w, ac.id, 10, NULL, 0);
	assert_int_equal(store_account_remove(w->st, ac.id), ST_EXISTS);
	assert_int_equal(store_template_remove(w->st, ac.id, id, w->a, &orphans), ST_OK);
	assert_int_equal(store_account_remove(w->st, ac.id), ST_OK);
	assert_int_equal(store_account_remove(w->st, ac.id), ST_NOTFOUND);
	assert_int_equal(store_account_by_name(w->st, "b", &ac), ST_NOTFOUND);
	assert_true(account_init(&ac, "b"));
	assert_int_equal(store_account_put(w->st, &ac), ST_OK);
	assert_int_equal(ac.id, 4); /* ids are not used again */
}

/* --- templates -------------------------------------------------------------------- */

static void
test_template(void **state)
{
	struct world *w = *state;
	struct orphans orphans;
	struct template *t;
	uint64_t first = create(w, 1, 10, NULL, 0), second = create(w, 1, 14, NULL, 0);

	assert_int_equal(first, 100001);
	assert_int_equal(second, 100002);
	assert_int_equal(store_template_get(w->st, 1, first, w->a, &t), ST_OK);
	assert_int_equal(t->id, first);
	assert_int_equal(t->version, 1);
	assert_int_equal(t->slide[0].medium[0].nrendition, 4);
	assert_true(t->created > 1500000000LL * 1000000);
	assert_int_equal(store_template_get(w->st, 0, first, w->a, &t), ST_OK);
	assert_int_equal(store_template_get(w->st, 2, first, w->a, &t), ST_NOTFOUND);
	assert_int_equal(store_template_get(w->st, 1, 5, w->a, &t), ST_NOTFOUND);
	/* blobs: 10..18 and 0; 14..22 and 0 */
	assert_int_equal(refs(w, 10), 1);
	assert_int_equal(refs(w, 14), 2);
	assert_int_equal(refs(w, 22), 1);
	assert_int_equal(refs(w, 0), 2);
	assert_int_equal(refs(w, 99), 0);
	assert_int_equal(store_template_remove(w->st, 2, first, w->a, &orphans), ST_NOTFOUND);
	assert_int_equal(store_template_remove(w->st, 1, first, w->a, &orphans), ST_OK);
	assert_int_equal(orphans.n, 4); /* 10..13 */
	assert_int_equal(orphans.sha[0][63], 'a');
	assert_int_equal(refs(w, 14), 1);
	assert_int_equal(store_template_remove(w->st, 0, second, w->a, &orphans), ST_OK);
	assert_int_equal(orphans.n, 10);
	assert_int_equal(store_template_get(w->st, 1, second, w->a, &t), ST_NOTFOUND);
}

enum { PAGE = 200 };

struct page {
	uint64_t id[PAGE], total;
	int64_t created[PAGE];
	size_t n;
};

static void
begin_page(void *ctx, uint64_t total)
{
	struct page *p = ctx;

	p->total = total;
	p->n = 0;
}

static bool
take_template(void *ctx, const struct template *t)
{
	struct page *p = ctx;

	assert_true(p->n < PAGE);
	p->id[p->n] = t->id;
	p->created[p->n++] = t->created;
	return true;
}

static struct page
list(struct world *w, struct template_query q)
{
	struct page p = { .total = UINT64_MAX };
	const struct template_reader r = { begin_page, take_template, &p };

	assert_int_equal(store_template_each(w->st, &q, &r), ST_OK);
	return p;
}

static struct template_found
find(struct world *w, struct template_query q)
{
	struct template_found f;

	assert_int_equal(store_template_find(w->st, &q, w->a, &f), ST_OK);
	return f;
}

static void
test_list(void **state)
{
	struct world *w = *state;
	struct template_found f;
	struct page p;
	uint64_t ids[5], total;
	int64_t created;

	for (uint64_t i = 0; i < 5; i++) {
		usleep(2000);
		ids[i] = create(w, 1 + i % 2, 100 * (i + 1), NULL, 0);
	}
	p = list(w, (struct template_query){ .max = 10 });
	assert_int_equal(p.n, 5);
	assert_int_equal(p.total, 5);
	assert_int_equal(p.id[0], ids[4]);
	assert_int_equal(p.id[4], ids[0]);
	created = p.created[2];
	p = list(w, (struct template_query){ .account = 1, .skip = 1, .max = 1 });
	assert_int_equal(p.n, 1);
	assert_int_equal(p.total, 3);
	assert_int_equal(p.id[0], ids[2]);
	p = list(w, (struct template_query){ .since = created, .max = 1 });
	assert_int_equal(p.n, 1);
	assert_int_equal(p.total, 3); /* at or after */
	p = list(w, (struct template_query){ .since = created + 1 });
	assert_int_equal(p.n, 0);
	assert_int_equal(p.total, 2);
	p = list(w, (struct template_query){ .account = 3, .max = 10 });
	assert_int_equal(p.total, 0);
	p = list(w, (struct template_query){ .skip = UINT64_MAX, .max = 10 });
	assert_int_equal(p.n, 0); /* far behind the end */
	assert_int_equal(p.total, 5);
	f = find(w, (struct template_query){ .account = 1, .max = 2 });
	assert_int_equal(f.n, 2);
	assert_int_equal(f.id[0], ids[4]);
	assert_int_equal(f.id[1], ids[2]);
	f = find(w, (struct template_query){ .max = 1000000 });
	assert_int_equal(f.n, 5);
	assert_int_equal(store_template_count(w->st, 0, &total), ST_OK);
	assert_int_equal(total, 5);
	assert_int_equal(store_template_count(w->st, 1, &total), ST_OK);
	assert_int_equal(total, 3);
	assert_int_equal(store_template_count(w->st, 3, &total), ST_OK);
	assert_int_equal(total, 0);
}

/* A long list is read a few templates at a time, in the memory of a few. */
static void
test_list_in_parts(void **state)
{
	const struct template_query q = { .account = 1, .max = 50 };
	struct world *w = *state;
	char *text = arena_zalloc(w->a, 100001);
	struct arena *small = arena_new(64 << 10), *few;
	struct template *t[10];
	struct template_found f;
	struct orphans orphans;
	struct sample s;

	sample_template(&s, 1, 5);
	memset(text, 'x', 100000);
	s.t.fallback = text;
	for (int i = 0; i < 30; i++)
		assert_int_equal(store_template_create(w->st, &s.t, NULL, 0, NULL), ST_OK);
	assert_int_equal(store_template_find(w->st, &q, small, &f), ST_OK);
	assert_int_equal(f.n, 30);
	assert_int_equal(f.total, 30);
	assert_int_equal(store_template_remove(w->st, 1, f.id[12], w->a, &orphans), ST_OK);
	for (size_t i = 0; i < 30; i += 10) {
		memset(t, 0, sizeof t);
		few = arena_new(2 << 20);
		assert_int_equal(store_template_read(w->st, &f.id[i], 10, few, t), ST_OK);
		for (size_t k = 0; k < 10; k++)
			assert_true(i + k == 12 ? t[k] == NULL : t[k]->id == f.id[i + k]);
		arena_free(&few);
	}
	assert_int_equal(store_template_read(w->st, f.id, TEMPLATES_READ + 1, small, t), ST_NOMEM);
	arena_free(&small);
}

/* More entries than one period walks. In memory only: thousands of commits to
 * disk would take too long here. */
static void
test_list_long(void **state)
{
	enum { MANY = 2300 };
	struct world *w = *state;
	struct template_found f;
	struct page p;
	struct sample s;

	sample_template(&s, 1, 5);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(store_template_create(w->st, &s.t, NULL, 0, NULL), ST_OK);
	f = find(w, (struct template_query){ .account = 1, .max = SIZE_MAX });
	assert_int_equal(f.n, MANY);
	for (size_t i = 0; i < f.n; i++)
		assert_int_equal(f.id[i], 100001 + MANY - 1 - i);
	p = list(w, (struct template_query){ .account = 1, .since = 1, .skip = 2100, .max = 150 });
	assert_int_equal(p.total, MANY);
	assert_int_equal(p.n, 150);
	assert_int_equal(p.id[149], 100001 + MANY - 1 - 2249);
}

/* --- jobs --------------------------------------------------------------------------- */

static struct job *
claim(struct world *w, enum job_kind kind, uint64_t lease_ms, uint64_t *wait)
{
	struct job *j;
	enum store_rc rc = store_job_claim(w->st,
	    &(struct job_want){ kind, { LANE_SHORT, LANE_LONG }, 2, "test", lease_ms }, w->a, &j,
	    wait);

	assert_true(rc == ST_OK || (rc == ST_NOTFOUND && j == NULL));
	return j;
}

static void
test_job(void **state)
{
	struct world *w = *state;
	struct job jobs[2] = { { .kind = JOB_ENCODE, .slide = 1 },
		{ .kind = JOB_ENCODE, .medium = 1 } };
	struct job *a, *b, *late, *now;
	struct job_stats st;
	const unsigned soon = patient(400);
	uint64_t wait, after = 0, id = create(w, 1, 10, jobs, 2);

	assert_int_equal(jobs[1].mmsid, id);
	assert_int_equal(jobs[1].account, 1);
	a = claim(w, JOB_ENCODE, 60000, &wait);
	assert_non_null(a);
	assert_int_equal(a->id, jobs[0].id);
	assert_int_equal(a->attempt, 1);
	assert_int_equal(a->lost, 0);
	assert_int_equal(a->slide, 1);
	assert_string_equal(a->owner, "test");
	assert_null(claim(w, JOB_POSTBACK, 1000, &wait));
	assert_true(wait == UINT64_MAX);
	b = claim(w, JOB_ENCODE, soon, &wait);
	assert_non_null(b);
	assert_null(claim(w, JOB_ENCODE, 60000, &wait));
	assert_in_range(wait, 1, soon);
	assert_int_equal(store_job_stats(w->st, &st), ST_OK);
	assert_int_equal(st.leased[JOB_ENCODE], 2);
	usleep(soon * 1000 + 10000);
	late = b;
	b = claim(w, JOB_ENCODE, 60000, &wait); /* the lease was over */
	assert_non_null(b);
	assert_int_equal(b->id, late->id);
	assert_int_equal(b->attempt, 2);
	assert_int_equal(b->lost, 1);
	assert_int_equal(store_job_renew(w->st, late, 1000, 1, 1), ST_CONFLICT);
	assert_int_equal(store_job_done(w->st, late, NULL, NULL, 0), ST_CONFLICT);
	assert_int_equal(store_job_retry(w->st, late, 0, "x"), ST_CONFLICT);
	assert_int_equal(store_job_dead_letter(w->st, late, "x"), ST_CONFLICT);
	assert_int_equal(store_job_renew(w->st, b, 60000, 500, 1234), ST_OK);
	assert_int_equal(store_job_get(w->st, b->id, w->a, &now), ST_OK);
	assert_int_equal(now->permille, 500);
	assert_int_equal(now->left_ms, 1234);
	assert_int_equal(store_job_requeue(w->st, b->id), ST_CONFLICT);
	assert_int_equal(store_job_done(w->st, b, NULL, NULL, 0), ST_OK);
	assert_int_equal(store_job_done(w->st, b, NULL, NULL, 0), ST_CONFLICT);
	assert_int_equal(store_job_get(w->st, b->id, w->a, &now), ST_NOTFOUND);
	assert_int_equal(store_job_next(w->st, &after, w->a, &now), ST_OK);
	assert_int_equal(now->id, a->id);
	assert_int_equal(after, a->id);
	assert_int_equal(store_job_next(w->st, &after, w->a, &now), ST_NOTFOUND);
}

static void
test_job_retry_dead(void **state)
{
	struct world *w = *state;
	struct job job = { .kind = JOB_ENCODE }, *j;
	struct job_stats st;
	const unsigned soon = patient(200);
	uint64_t wait;

	(void)create(w, 1, 10, &job, 1);
	j = claim(w, JOB_ENCODE, 60000, &wait);
	assert_int_equal(store_job_retry(w->st, j, soon, "no luck"), ST_OK);
	assert_int_equal(store_job_retry(w->st, j, soon, "no luck"), ST_CONFLICT);
	assert_null(claim(w, JOB_ENCODE, 60000, &wait));
	assert_in_range(wait, 1, soon);
	usleep(soon * 1000 + 10000);
	j = claim(w, JOB_ENCODE, 60000, &wait);
	assert_int_equal(j->attempt, 2);
	assert_int_equal(j->lost, 0); /* it was given back */
	assert_string_equal(j->why, "no luck");
	assert_int_equal(store_job_dead_letter(w->st, j, "for good"), ST_OK);
	assert_null(claim(w, JOB_ENCODE, 60000, &wait));
	assert_true(wait == UINT64_MAX);
	assert_int_equal(store_job_stats(w->st, &st), ST_OK);
	assert_int_equal(st.dead[JOB_ENCODE], 1);
	assert_int_equal(st.queued[JOB_ENCODE], 0);
	assert_int_equal(store_job_requeue(w->st, j->id), ST_OK);
	assert_int_equal(store_job_requeue(w->st, 99), ST_NOTFOUND);
	usleep(2000);
	assert_int_equal(store_job_stats(w->st, &st), ST_OK);
	assert_int_equal(st.queued[JOB_ENCODE], 1);
	assert_true(st.oldest_us[JOB_ENCODE] > 0);
	j = claim(w, JOB_ENCODE, 60000, &wait);
	assert_int_equal(j->attempt, 1);
	assert_int_equal(store_job_discard(w->st, j->id, NULL), ST_OK);
	assert_int_equal(store_job_discard(w->st, j->id, NULL), ST_NOTFOUND);
	assert_null(claim(w, JOB_ENCODE, 60000, &wait));
}

/* What a fault of ours does to a job: it is counted, the attempt is not, it may be kept for the
 * operator, and nobody but the lease's holder may say so. */
static void
test_job_fault(void **state)
{
	struct world *w = *state;
	struct job job = { .kind = JOB_ENCODE, .body = "S 1000" }, *j, *late;
	struct job_stats st;
	const unsigned soon = patient(200);
	uint64_t wait, after = 0;

	(void)create(w, 1, 10, &job, 1);
	for (uint32_t i = 0; i < 3; i++) {
		assert_non_null(j = claim(w, JOB_ENCODE, 60000, &wait));
		assert_int_equal(j->attempt, 1);
		assert_int_equal(j->faults, i);
		assert_string_equal(j->body, "S 1000");
		assert_int_equal(store_job_renew(w->st, j, 60000, 500, 1234), ST_OK);
		late = j;
		assert_int_equal(store_job_fault(w->st, j, soon, "the disk is full"), ST_OK);
		assert_int_equal(store_job_fault(w->st, late, soon, "late"), ST_CONFLICT);
		assert_int_equal(store_job_keep(w->st, late, "late"), ST_CONFLICT);
		assert_null(claim(w, JOB_ENCODE, 60000, &wait));
		assert_in_range(wait, 1, soon);
		assert_int_equal(store_job_get(w->st, j->id, w->a, &j), ST_OK);
		assert_string_equal(j->why, "the disk is full");
		assert_string_equal(j->owner, "");
		assert_int_equal(j->permille + j->left_ms + j->attempt + j->dead, 0);
		usleep(soon * 1000 + 10000);
	}
	assert_non_null(j = claim(w, JOB_ENCODE, 60000, &wait));
	assert_int_equal(store_job_retry(w->st, j, 0, "an attempt"), ST_OK);
	assert_non_null(j = claim(w, JOB_ENCODE, 60000, &wait));
	assert_int_equal(j->attempt, 2); /* both are counted, each on its own */
	assert_int_equal(j->faults, 3);
	assert_int_equal(store_job_keep(w->st, j, "the disk is still full"), ST_OK);
	assert_null(claim(w, JOB_ENCODE, 60000, &wait));
	assert_true(wait == UINT64_MAX);
	assert_int_equal(store_job_stats(w->st, &st), ST_OK);
	assert_int_equal(st.dead[JOB_ENCODE], 1);
	assert_int_equal(st.queued[JOB_ENCODE] + st.leased[JOB_ENCODE], 0);
	assert_int_equal(store_job_next_dead_letter(w->st, JOB_ENCODE, &after, w->a, &j), ST_OK);
	assert_int_equal(after, j->id);
	assert_int_equal(j->faults, 4);
	assert_int_equal(j->attempt, 1);
	assert_string_equal(j->why, "the disk is still full");
	assert_int_equal(store_job_next_dead_letter(w->st, JOB_ENCODE, &after, w->a, &j),
	    ST_NOTFOUND);
}

/* A job that is kept is due again: with its counts by store_job_wake(), afresh by the operator's
 * store_job_requeue(). Neither takes it from a holder. */
static void
test_job_wake(void **state)
{
	struct world *w = *state;
	struct job job = { .kind = JOB_ENCODE }, *j;
	uint64_t wait, none = 0;

	(void)create(w, 1, 10, &job, 1);
	assert_int_equal(store_job_wake(w->st, 99), ST_NOTFOUND);
	assert_non_null(j = claim(w, JOB_ENCODE, 60000, &wait));
	assert_int_equal(store_job_wake(w->st, j->id), ST_CONFLICT);
	assert_int_equal(store_job_retry(w->st, j, 0, "an attempt"), ST_OK);
	assert_non_null(j = claim(w, JOB_ENCODE, 60000, &wait));
	assert_int_equal(store_job_keep(w->st, j, "no transcoder"), ST_OK);
	assert_int_equal(store_job_wake(w->st, j->id), ST_OK);
	assert_int_equal(store_job_next_dead_letter(w->st, JOB_ENCODE, &none, w->a, &j),
	    ST_NOTFOUND);
	assert_non_null(j = claim(w, JOB_ENCODE, 60000, &wait));
	assert_int_equal(j->faults, 1);
	assert_int_equal(j->attempt, 2);
	assert_string_equal(j->why, "no transcoder");
	assert_int_equal(store_job_keep(w->st, j, "no transcoder"), ST_OK);
	assert_int_equal(store_job_requeue(w->st, j->id), ST_OK);
	assert_non_null(j = claim(w, JOB_ENCODE, 1, &wait));
	assert_int_equal(j->faults, 0);
	assert_int_equal(j->attempt, 1);
	usleep(5000);
	assert_int_equal(store_job_wake(w->st, j->id), ST_OK); /* its holder died */
	assert_int_equal(store_job_fault(w->st, j, 0, "late"), ST_CONFLICT);
}

static void
test_job_done_changes(void **state)
{
	struct world *w = *state;
	struct job jobs[2] = { { .kind = JOB_ENCODE }, { .kind = JOB_ENCODE } }, *a, *b, *p;
	struct job next = { .kind = JOB_POSTBACK, .body = "<MMS/>" };
	struct template *t, *same;
	uint64_t wait, id = create(w, 1, 10, jobs, 2);

	a = claim(w, JOB_ENCODE, 60000, &wait);
	b = claim(w, JOB_ENCODE, 60000, &wait);
	assert_int_equal(store_template_get(w->st, 1, id, w->a, &t), ST_OK);
	assert_int_equal(store_template_get(w->st, 1, id, w->a, &same), ST_OK);
	sample_blob(77, t->slide[0].medium[0].rendition[0].sha); /* was 11 */
	assert_int_equal(store_job_done(w->st, a, t, &next, 1), ST_OK);
	assert_int_equal(t->version, 2);
	assert_int_equal(refs(w, 11), 0);
	assert_int_equal(refs(w, 77), 1);
	assert_int_equal(refs(w, 12), 1);
	/* the other one read the template before: it must read again */
	assert_int_equal(store_job_done(w->st, b, same, NULL, 0), ST_CONFLICT);
	assert_int_equal(same->version, 1);
	assert_int_equal(store_template_get(w->st, 1, id, w->a, &same), ST_OK);
	assert_int_equal(store_job_done(w->st, b, same, NULL, 0), ST_OK);
	p = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_non_null(p);
	assert_int_equal(p->mmsid, id);
	assert_string_equal(p->body, "<MMS/>");
}

static void
test_job_template_gone(void **state)
{
	struct world *w = *state;
	struct job job = { .kind = JOB_ENCODE }, *j;
	struct orphans orphans;
	uint64_t wait, id = create(w, 1, 10, &job, 1);

	j = claim(w, JOB_ENCODE, 60000, &wait);
	assert_int_equal(store_template_remove(w->st, 1, id, w->a, &orphans), ST_OK);
	assert_int_equal(store_job_done(w->st, j, NULL, NULL, 0), ST_NOTFOUND);
	assert_int_equal(store_job_renew(w->st, j, 1000, 1, 1), ST_CONFLICT);
	assert_null(claim(w, JOB_ENCODE, 60000, &wait));
}

static void
test_postback_order(void **state)
{
	struct world *w = *state;
	struct job one[3] = { { .kind = JOB_POSTBACK }, { .kind = JOB_POSTBACK },
		{ .kind = JOB_POSTBACK } };
	struct job other = { .kind = JOB_POSTBACK }, *a, *b, *c;
	struct job_stats st;
	uint64_t wait;

	(void)create(w, 1, 10, one, 3);
	(void)create(w, 1, 30, &other, 1);
	a = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_int_equal(a->id, one[0].id);
	b = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_int_equal(b->id, other.id); /* not the second of the first template */
	assert_null(claim(w, JOB_POSTBACK, 60000, &wait));
	assert_int_equal(store_job_stats(w->st, &st), ST_OK);
	assert_int_equal(st.queued[JOB_POSTBACK], 2);
	assert_int_equal(st.leased[JOB_POSTBACK], 2);
	assert_int_equal(store_job_retry(w->st, a, 0, "again"), ST_OK);
	a = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_int_equal(a->id, one[0].id); /* a retry does not lose its place */
	assert_int_equal(store_job_dead_letter(w->st, a, "no"), ST_OK);
	b = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_int_equal(b->id, one[1].id); /* a dead one holds up nobody */
	assert_int_equal(store_job_requeue(w->st, a->id), ST_OK);
	assert_int_equal(store_job_done(w->st, b, NULL, NULL, 0), ST_OK);
	c = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_int_equal(c->id, one[0].id); /* back at its place */
	assert_null(claim(w, JOB_POSTBACK, 60000, &wait));
	assert_int_equal(store_job_done(w->st, c, NULL, NULL, 0), ST_OK);
	c = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_int_equal(c->id, one[2].id);
}

/* A dead one is queued again while a later one waits. */
static void
test_postback_requeue_before(void **state)
{
	struct world *w = *state;
	struct job two[2] = { { .kind = JOB_POSTBACK }, { .kind = JOB_POSTBACK } }, *a;
	uint64_t wait;

	(void)create(w, 1, 10, two, 2);
	a = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_int_equal(store_job_dead_letter(w->st, a, "no"), ST_OK);
	usleep(2000);
	assert_int_equal(store_job_requeue(w->st, a->id), ST_OK);
	a = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_non_null(a);
	assert_int_equal(a->id, two[0].id);
	assert_null(claim(w, JOB_POSTBACK, 60000, &wait));
	assert_int_equal(store_job_discard(w->st, a->id, NULL), ST_OK);
	a = claim(w, JOB_POSTBACK, 60000, &wait);
	assert_non_null(a);
	assert_int_equal(a->id, two[1].id);
}

/* Waiting jobs are served by the time they are due. */
static void
test_claim_order(void **state)
{
	struct world *w = *state;
	struct job jobs[3] = { { .kind = JOB_ENCODE }, { .kind = JOB_ENCODE },
		{ .kind = JOB_ENCODE } };
	struct job *j[3];
	const unsigned step = patient(300);
	uint64_t wait;

	(void)create(w, 1, 10, jobs, 3);
	for (int i = 0; i < 3; i++)
		j[i] = claim(w, JOB_ENCODE, 60000, &wait);
	assert_int_equal(store_job_retry(w->st, j[0], 2 * step, ""), ST_OK);
	assert_int_equal(store_job_retry(w->st, j[1], step, ""), ST_OK);
	assert_int_equal(store_job_retry(w->st, j[2], 0, ""), ST_OK);
	usleep(2 * step * 1000 + 50000);
	for (int i = 2; i >= 0; i--)
		assert_int_equal(claim(w, JOB_ENCODE, 60000, &wait)->id, jobs[i].id);
}

/* --- counters --------------------------------------------------------------------- */

/* --- ids ------------------------------------------------------------------------ */

/* Returns the id of a new message, whose job gets the one in *job. */
static uint64_t
send_message(struct world *w, uint64_t account, uint64_t mmsid, uint64_t *job)
{
	struct message m = { .account = account, .mmsid = mmsid, .to = "15550001", .from = "1" };
	struct job_list jobs;

	assert_int_equal(store_message_create(w->st, &m, NULL), ST_OK);
	assert_int_equal(store_message_jobs(w->st, m.id, 1, w->a, &jobs), ST_OK);
	*job = jobs.job[0]->id;
	return m.id;
}

/* Ids that are left out come for nothing; accounts go on. */
static void
test_skip_ids(void **state)
{
	struct world *w = *state;
	uint64_t mmsid, job, first, id;
	struct account ac;

	assert_int_equal(store_skip_ids(w->st, 1000), ST_OK); /* of a store that gave none */
	assert_true(account_init(&ac, "one"));
	assert_int_equal(store_account_put(w->st, &ac), ST_OK);
	assert_int_equal(ac.id, 1);
	assert_int_equal(mmsid = create(w, ac.id, 1, NULL, 0), 101001);
	assert_int_equal(id = send_message(w, ac.id, mmsid, &first), 1001);
	assert_int_equal(first, 1001);
	assert_int_equal(store_skip_ids(w->st, 5), ST_OK);
	assert_int_equal(create(w, ac.id, 2, NULL, 0), 101007);
	assert_int_equal(send_message(w, ac.id, mmsid, &job), id + 6);
	assert_int_equal(job, first + 6);
	assert_int_equal(store_skip_ids(w->st, UINT64_MAX), ST_CORRUPT);
	assert_int_equal(create(w, ac.id, 3, NULL, 0), 101008);
	assert_true(account_init(&ac, "two"));
	assert_int_equal(store_account_put(w->st, &ac), ST_OK);
	assert_int_equal(ac.id, 2);
}

static void
test_counters(void **state)
{
	struct world *w = *state;
	struct take_limits none = { 0, 0, 0 }, day = { 0, 0, 3 }, gap = { 10, 0, 0 };

	assert_int_equal(store_take(w->st, 1, 0, &none), TAKE_OK);
	assert_int_equal(store_take(w->st, 1, 0, &day), TAKE_OK);
	assert_int_equal(store_take(w->st, 1, 1, &day), TAKE_OK);
	assert_int_equal(store_take(w->st, 1, 1, &day), TAKE_DAILY);
	assert_int_equal(store_taken_today(w->st, 1), 3);
	assert_int_equal(store_taken_today(w->st, 2), 0);
	assert_int_equal(store_take(w->st, 70000, 0, &gap), TAKE_OK);
	assert_int_equal(store_take(w->st, 70000, 1, &gap), TAKE_INTERVAL);
	assert_int_equal(store_taken_today(w->st, 70000), 1);
	/* a refusal by a later limit does not move the earlier ones */
	assert_int_equal(store_take(w->st, 3, 0, &(struct take_limits){ 0, 1, 0 }), TAKE_OK);
	assert_int_equal(store_take(w->st, 3, 0, &(struct take_limits){ 0, 0, 1 }), TAKE_DAILY);
	assert_int_equal(store_take(w->st, 3, 1, &(struct take_limits){ 0, 1, 1 }), TAKE_DAILY);
	assert_int_equal(store_take(w->st, 3, 1, &(struct take_limits){ 0, 1, 2 }), TAKE_OK);
}

/* The machine may stand still while calls are counted: what took longer than it may is tried again,
 * with another account. */
enum { RATE_TRIES = 20 };

/* Two calls a second, and a third too many; then half a second passes. */
static void
test_counters_rate(void **state)
{
	static const enum take_rc want[] = { TAKE_OK, TAKE_OK, TAKE_THROUGHPUT, TAKE_OK, TAKE_OK,
		TAKE_THROUGHPUT };
	static const unsigned action[COUNT(want)] = { [3] = 1 };
	const struct take_limits rate = { 0, 2, 0 };
	struct world *w = *state;
	enum take_rc got[COUNT(want)];
	uint64_t account = 100;
	int64_t took;

	do {
		int64_t began = clock_mono();

		account++;
		for (size_t i = 0; i < COUNT(want); i++) {
			if (i == 4)
				usleep(510000);
			got[i] = store_take(w->st, account, action[i], &rate);
		}
		took = clock_mono() - began;
	} while (took > 900000 && account < 100 + RATE_TRIES);
	assert_true(took <= 900000);
	for (size_t i = 0; i < COUNT(want); i++)
		assert_int_equal(got[i], want[i]);
	assert_int_equal(store_taken_today(w->st, account), 4);
}

static void
assert_one_a_second(struct world *w, unsigned action)
{
	const struct take_limits one = { 0, 1, 0 };
	enum take_rc second = TAKE_OK;
	uint64_t account = 200;
	int64_t took;

	do {
		int64_t began = clock_mono();

		assert_int_equal(store_take(w->st, ++account, action, &one), TAKE_OK);
		second = store_take(w->st, account, action, &one);
		took = clock_mono() - began;
	} while (took > 900000 && account < 200 + RATE_TRIES);
	assert_true(took <= 900000);
	assert_int_equal(second, TAKE_THROUGHPUT);
}

/* Every action of the table has its limits, and one that is not in the table is refused. */
static void
test_counters_of_actions(void **state)
{
	static const char *const names[] = {
#define ACTION(name, fn) #name,
#include "model/actions.def"
#undef ACTION
	};
	const struct take_limits none = { 0, 0, 0 };
	struct world *w = *state;

	for (unsigned i = 0; i < COUNT(names); i++)
		assert_one_a_second(w, i);
	for (unsigned i = 0; i < COUNT(names); i++) /* each has a place of its own */
		assert_int_equal(store_take(w->st, 5, i, &(struct take_limits){ 0, 1, 0 }),
		    TAKE_OK);
	assert_int_equal(store_take(w->st, 5, COUNT(names), &none), TAKE_NO_ACTION);
	assert_int_equal(store_take(w->st, 5, UINT32_MAX, &none), TAKE_NO_ACTION);
	assert_int_equal(store_taken_today(w->st, 5), COUNT(names));
}

/* --- turns, lanes, plans -------------------------------------------------------------- */

static struct job *
claim_lane(struct world *w, enum job_lane first, unsigned nlane)
{
	struct job_want want = { JOB_ENCODE,
		{ first, first == LANE_SHORT ? LANE_LONG : LANE_SHORT }, nlane, "t", 60000 };
	struct job *j;
	uint64_t wait;

	(void)store_job_claim(w->st, &want, w->a, &j, &wait);
	return j;
}

static void
test_accounts_take_turns(void **state)
{
	static const uint64_t turns[] = { 1, 2, 7, 1, 7, 1, 1 };
	struct world *w = *state;
	struct job job = { .kind = JOB_ENCODE };

	for (int i = 0; i < 4; i++) /* a flood, then two others */
		(void)create(w, 1, 10, &job, 1);
	(void)create(w, 7, 10, &job, 1);
	(void)create(w, 2, 10, &job, 1);
	(void)create(w, 7, 10, &job, 1);
	for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++) {
		struct job *j = claim_lane(w, LANE_SHORT, 2);

		assert_non_null(j);
		assert_int_equal(j->account, turns[i]);
	}
	assert_null(claim_lane(w, LANE_SHORT, 2));
}

static void
test_lanes(void **state)
{
	struct world *w = *state;
	struct job jobs[3] = { { .kind = JOB_ENCODE, .lane = LANE_LONG },
		{ .kind = JOB_ENCODE, .lane = LANE_SHORT },
		{ .kind = JOB_ENCODE, .lane = LANE_LONG } };
	struct job *j;

	(void)create(w, 1, 10, jobs, 3);
	assert_non_null(j = claim_lane(w, LANE_SHORT, 1));
	assert_int_equal(j->lane, LANE_SHORT);
	assert_null(claim_lane(w, LANE_SHORT, 1)); /* leaves the long ones alone */
	assert_non_null(j = claim_lane(w, LANE_SHORT, 2));
	assert_int_equal(j->lane, LANE_LONG);
	assert_int_equal(store_job_release(w->st, j, 0, "later"), ST_OK);
	assert_non_null(j = claim_lane(w, LANE_LONG, 2));
	assert_int_equal(j->attempt, 1); /* the claim given back did not count */
}

static enum store_rc
take(struct world *w, const char *plan, const char *owner, uint64_t hold_ms, const char **text)
{
	const struct plan_claim c = { plan, owner, hold_ms };

	return store_plan_take(w->st, &c, w->a, text);
}

static void
test_plans(void **state)
{
	struct world *w = *state;
	char one[SHA256_HEX], two[SHA256_HEX], name[SHA256_HEX];
	struct plan_claim a = { one, "a", 60000 }, b = { one, "b", 60000 };
	const char *text;

	crypt_sha256_hex("1", 1, one);
	crypt_sha256_hex("2", 1, two);
	assert_int_equal(take(w, one, "a", 60000, &text), ST_NOTFOUND);
	assert_int_equal(take(w, one, "b", 60000, &text), ST_AGAIN);
	/* only who holds it does anything with it */
	assert_int_equal(store_plan_hold(w->st, &a), ST_OK);
	assert_int_equal(store_plan_hold(w->st, &b), ST_CONFLICT);
	assert_int_equal(store_plan_put(w->st, &b, "another"), ST_CONFLICT);
	assert_int_equal(store_plan_drop(w->st, &b), ST_CONFLICT);
	assert_int_equal(store_plan_forget(w->st, one, ""), ST_CONFLICT);
	/* none is made */
	assert_int_equal(store_plan_next(w->st, "", w->a, name, &text), ST_NOTFOUND);
	assert_int_equal(store_plan_put(w->st, &a, "line\nline"), ST_OK);
	assert_int_equal(take(w, one, "b", 60000, &text), ST_OK);
	assert_string_equal(text, "line\nline");
	assert_int_equal(store_plan_put(w->st, &a, "again"), ST_CONFLICT);
	assert_int_equal(store_plan_drop(w->st, &a), ST_CONFLICT);
	assert_int_equal(take(w, two, "a", 1, &text), ST_NOTFOUND);
	usleep(3000);
	assert_int_equal(take(w, two, "b", 60000, &text), ST_NOTFOUND); /* a died */
	a.plan = b.plan = two;
	assert_int_equal(store_plan_put(w->st, &a, "late"), ST_CONFLICT);
	assert_int_equal(store_plan_drop(w->st, &a), ST_CONFLICT);
	assert_int_equal(store_plan_next(w->st, "", w->a, name, &text), ST_OK);
	assert_string_equal(name, one);
	assert_int_equal(store_plan_next(w->st, name, w->a, name, &text), ST_NOTFOUND);
	/* what was made anew since it was read stays */
	assert_int_equal(store_plan_forget(w->st, one, "line"), ST_CONFLICT);
	assert_int_equal(store_plan_forget(w->st, one, "line\nline"), ST_OK);
	assert_int_equal(store_plan_forget(w->st, one, "line\nline"), ST_OK); /* gone already */
	assert_int_equal(take(w, one, "b", 60000, &text), ST_NOTFOUND);
	assert_int_equal(store_plan_drop(w->st, &b), ST_OK);
	assert_int_equal(take(w, two, "a", 60000, &text), ST_NOTFOUND);
}

static void
test_jobs_of_a_template(void **state)
{
	struct world *w = *state;
	struct job jobs[2] = { { .kind = JOB_POSTBACK }, { .kind = JOB_ENCODE, .slide = 3 } };
	struct job_list list;
	uint64_t id = create(w, 1, 10, jobs, 2);

	(void)create(w, 1, 10, jobs, 2);
	assert_int_equal(store_job_list(w->st, id, 10, w->a, &list), ST_OK);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.job[0]->kind, JOB_ENCODE);
	assert_int_equal(list.job[0]->slide, 3);
	assert_int_equal(list.job[1]->mmsid, id);
	assert_int_equal(store_job_list(w->st, id, 1, w->a, &list), ST_OK);
	assert_int_equal(list.n, 1);
}

static enum kv_durability begun;
static const struct kv_ops *real;

static enum store_rc
note_begin(struct kv *kv, enum kv_durability d)
{
	begun = d;
	return real->begin(kv, d);
}

/* Ending a session is on disk when it returns: a power cut does not bring the session back. Its use
 * need not be. */
static void
test_session_ends_for_good(void **state)
{
	struct world *w = *state;
	const struct session_limits limits = { 1800, 43200 };
	struct kv_ops noted;
	struct session se;
	char id[SESSION_ID];

	real = w->st->kv->ops;
	noted = *real;
	noted.begin = note_begin;
	w->st->kv->ops = &noted;
	assert_int_equal(store_session_create(w->st, 7, &limits, "mark", id), ST_OK);
	assert_int_equal(store_session_use(w->st, id, &limits, &se), ST_OK);
	assert_int_equal(se.account, 7);
	assert_int_equal(store_session_end(w->st, id), ST_OK);
	assert_int_equal(begun, KV_DURABLE);
	assert_int_equal(store_session_use(w->st, id, &limits, &se), ST_NOTFOUND);
	assert_int_equal(store_session_create(w->st, 7, &limits, "mark", id), ST_OK);
	assert_int_equal(store_session_end_all(w->st, 7), ST_OK);
	assert_int_equal(begun, KV_DURABLE);
	assert_int_equal(store_session_use(w->st, id, &limits, &se), ST_NOTFOUND);
	w->st->kv->ops = real;
}

/* clang-format off */
#define EACH(f) \
	cmocka_unit_test_setup_teardown(f, set_up_ram, tear_down), \
	{ #f " (bdb)", f, set_up_bdb, tear_down, NULL }, \
	{ #f " (again)", f, set_up_flaky, tear_down, NULL }
/* clang-format on */

int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(test_account),
		EACH(test_account_unique),
		EACH(test_account_next_remove),
		EACH(test_template),
		EACH(test_list),
		EACH(test_list_in_parts),
		cmocka_unit_test_setup_teardown(test_list_long, set_up_ram, tear_down),
		EACH(test_job),
		EACH(test_job_retry_dead),
		EACH(test_job_fault),
		EACH(test_job_wake),
		EACH(test_job_done_changes),
		EACH(test_job_template_gone),
		EACH(test_postback_order),
		EACH(test_postback_requeue_before),
		EACH(test_claim_order),
		EACH(test_accounts_take_turns),
		EACH(test_lanes),
		EACH(test_plans),
		EACH(test_jobs_of_a_template),
		EACH(test_skip_ids),
		EACH(test_counters),
		EACH(test_counters_rate),
		EACH(test_counters_of_actions),
		cmocka_unit_test_setup_teardown(test_session_ends_for_good, set_up_ram, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
