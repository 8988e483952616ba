/* Keys of requests and the answers kept under them (store/kept/kept.h): a request stores something
 * and its answer, or neither, and only while the key is its own. After each test the whole store is
 * consistent. */
#include "unit.h"

#include "base/arena.h"
#include "flaky.h"
#include "plant.h"
#include "sample.h"
#include "store/kept/kept_record.h"
#include "store/store_sending.h"

enum { DAY_S = 86400, MINUTE_MS = 60000 };

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct arena *a;
static struct store *st;
static uint64_t account;

static void
show_fault(void *ctx, const char *text)
{
	fail_msg("%s", text);
}

static int
setup(void **state)
{
	struct account ac;

	a = arena_new(64 << 20);
	st = flaky_open();
	assert_true(account_init(&ac, "one"));
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	account = ac.id;
	return 0;
}

static int
teardown(void **state)
{
	struct store_check c = { .fault = show_fault };

	flaky_fail(st, 0, ST_OK);
	assert_int_equal(store_check(st, &c), ST_OK);
	store_close(&st);
	arena_free(&a);
	return 0;
}

static struct kept_use
use_of(uint64_t who, const char *action, const char *key, const char *print)
{
	struct kept_use u;

	store_kept_use(&u, who, action, key);
	(void)snprintf(u.print, sizeof u.print, "%s", print);
	return u;
}

/* The answer that the store finds; runs is how many times it was written. */
struct writer {
	char body[64];
	unsigned runs;
	bool fails;
};

static bool
write_answer(void *ctx, uint64_t mmsid, const struct message *m, struct kept_answer *out)
{
	struct writer *w = ctx;

	w->runs++;
	(void)snprintf(w->body, sizeof w->body, "made %u\n%s", (unsigned)mmsid,
	    m != NULL ? m->tracking : "");
	*out = (struct kept_answer){ 200, DIALECT_B, E_NONE, w->body };
	return !w->fails;
}

static struct kept_begun
begin(const struct kept_use *u, uint64_t ttl_s, uint64_t lease_ms)
{
	struct kept_begun b = { .ttl_s = ttl_s, .lease_ms = lease_ms };

	assert_int_equal(store_kept_begin(st, u, a, &b), ST_OK);
	return b;
}

static void
assert_next(const struct kept_use *u, enum kept_next next)
{
	assert_int_equal(begin(u, DAY_S, MINUTE_MS).next, next);
}

static uint64_t
templates(void)
{
	uint64_t n;

	assert_int_equal(store_template_count(st, account, &n), ST_OK);
	return n;
}

static enum store_rc
save(const struct kept_use *u, struct writer *w, uint64_t *id)
{
	const struct keep k = { *u, write_answer, w };
	struct sample s;
	enum store_rc rc;

	sample_template(&s, account, 1);
	rc = store_template_create(st, &s.t, NULL, 0, &k);
	*id = s.t.id;
	return rc;
}

/* A save: the key is taken, busy, and then has the answer; also if each transaction has to be done
 * again. */
static void
test_save(void **state)
{
	struct kept_use u = use_of(account, "saveMMS", "k1", PRINT), again = u, other;
	struct writer w = { .runs = 0 };
	struct kept_begun b;
	uint64_t id;

	flaky_always(st);
	assert_next(&u, KEPT_RUN);
	again.token++;
	b = begin(&again, DAY_S, MINUTE_MS);
	assert_int_equal(b.next, KEPT_BUSY);
	assert_in_range(b.left_ms, 1, MINUTE_MS);
	other = use_of(account, "saveMMS", "k1", OTHER);
	assert_next(&other, KEPT_OTHER);
	assert_int_equal(save(&u, &w, &id), ST_OK);
	assert_int_equal(w.runs, 2);
	b = begin(&again, DAY_S, MINUTE_MS);
	assert_int_equal(b.next, KEPT_REPLAY);
	assert_int_equal(b.answer.status, 200);
	assert_int_equal(b.answer.dialect, DIALECT_B);
	assert_int_equal(b.answer.code, E_NONE);
	assert_string_equal(b.answer.body, w.body);
	assert_next(&other, KEPT_OTHER);
	assert_int_equal(templates(), 1);
}

/* A success is replayed only when it is on disk: its commit may still be on the way there. */
static void
test_replay_is_on_disk(void **state)
{
	struct kept_use u = use_of(account, "saveMMS", "k", PRINT);
	const struct kept_answer no = { 200, DIALECT_A, E311, "no" };
	struct kept_begun b = { .ttl_s = DAY_S, .lease_ms = MINUTE_MS };
	struct writer w = { .runs = 0 };
	uint64_t id;

	assert_next(&u, KEPT_RUN);
	assert_int_equal(flaky_durability(st), KV_FAST);
	assert_int_equal(save(&u, &w, &id), ST_OK);
	flaky_fail(st, 1, ST_IO);
	assert_int_equal(store_kept_begin(st, &u, a, &b), ST_IO);
	assert_next(&u, KEPT_REPLAY);
	assert_int_equal(flaky_durability(st), KV_DURABLE);
	u = use_of(account, "saveMMS", "k2", PRINT);
	assert_next(&u, KEPT_RUN);
	assert_int_equal(store_kept_end(st, &u, &no), ST_OK);
	flaky_fail(st, 1, ST_IO); /* a failure stored nothing: it is read only */
	assert_next(&u, KEPT_REPLAY);
}

/* Who only looks takes nothing, and writes nothing unless it is a success. */
static void
test_look(void **state)
{
	struct kept_use u = use_of(account, "saveMMS", "k", PRINT);
	struct kept_begun b = { .ttl_s = DAY_S, .lease_ms = MINUTE_MS };
	struct writer w = { .runs = 0 };
	uint64_t id;

	flaky_fail(st, 1, ST_IO);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_kept_look(st, &u, a, &b), ST_OK);
		assert_int_equal(b.next, KEPT_RUN);
	}
	assert_int_equal(store_kept_begin(st, &u, a, &b), ST_IO); /* the first that writes */
	assert_next(&u, KEPT_RUN);
	flaky_fail(st, 1, ST_IO);
	assert_int_equal(store_kept_look(st, &u, a, &b), ST_OK);
	assert_int_equal(b.next, KEPT_BUSY);
	flaky_fail(st, 0, ST_OK);
	assert_int_equal(save(&u, &w, &id), ST_OK);
	flaky_fail(st, 1, ST_IO);
	assert_int_equal(store_kept_look(st, &u, a, &b), ST_IO);
	assert_int_equal(store_kept_look(st, &u, a, &b), ST_OK);
	assert_int_equal(b.next, KEPT_REPLAY);
}

/* A key is of one account and one action. */
static void
test_scope(void **state)
{
	struct account two;
	const struct kept_use u[] = {
		use_of(account, "saveMMS", "k", PRINT),
		use_of(account, "sendMMS", "k", PRINT),
		use_of(account, "saveMMS", "k2", PRINT),
		use_of(account + 1, "saveMMS", "k", PRINT),
	};

	assert_true(account_init(&two, "two"));
	assert_int_equal(store_account_put(st, &two), ST_OK);
	assert_int_equal(two.id, account + 1);
	for (size_t i = 0; i < COUNT(u); i++)
		assert_next(&u[i], KEPT_RUN);
	for (size_t i = 0; i < COUNT(u); i++)
		assert_next(&u[i], KEPT_BUSY);
}

/* What sendMMS and sendSavedMMS store, with the TRACKINGID in the answer. */
static void
test_sends(void **state)
{
	struct kept_use u = use_of(account, "sendMMS", "k", PRINT),
			v = use_of(account, "sendSavedMMS", "k", PRINT), x;
	struct writer w = { .runs = 0 }, wv = { .runs = 0 };
	const struct keep k = { u, write_answer, &w }, kv = { v, write_answer, &wv };
	struct message m = message_empty, saved;
	struct sample s;
	const struct sending what = { .t = &s.t, .m = &m, .keep = &k };
	uint64_t id;

	sample_template(&s, account, 1);
	m.account = account;
	m.to = "15550001";
	m.from = "12345";
	saved = m;
	assert_int_equal(store_sending_create(st, &what), ST_CONFLICT); /* nobody took the key */
	assert_next(&u, KEPT_RUN);
	assert_int_equal(store_sending_create(st, &what), ST_OK);
	assert_non_null(strstr(begin(&u, DAY_S, MINUTE_MS).answer.body, m.tracking));
	assert_int_equal(store_sending_create(st, &what), ST_CONFLICT); /* it is done */
	x = use_of(account, "saveMMS", "k", PRINT);
	assert_next(&x, KEPT_RUN);
	assert_int_equal(save(&x, &w, &id), ST_OK);
	saved.mmsid = id;
	assert_int_equal(store_message_create(st, &saved, &kv), ST_CONFLICT);
	assert_int_equal(saved.id, 0);
	assert_next(&v, KEPT_RUN);
	assert_int_equal(store_message_create(st, &saved, &kv), ST_OK);
	assert_non_null(strstr(begin(&v, DAY_S, MINUTE_MS).answer.body, saved.tracking));
}

/* A lease that has ended is the request's own until another has the key; then it stores nothing,
 * and does not touch what the other has. */
static void
test_lost(void **state)
{
	struct kept_use u = use_of(account, "saveMMS", "k", PRINT),
			later = use_of(account, "saveMMS", "k", OTHER);
	const struct kept_answer no = { 200, DIALECT_A, E311, "no" };
	struct writer w = { .runs = 0 };
	uint64_t id;

	assert_int_equal(begin(&u, DAY_S, 0).next, KEPT_RUN);
	assert_int_equal(save(&u, &w, &id), ST_OK);
	u = use_of(account, "saveMMS", "k2", PRINT);
	later = use_of(account, "saveMMS", "k2", OTHER);
	assert_int_equal(begin(&u, DAY_S, 0).next, KEPT_RUN);
	assert_next(&later, KEPT_RUN); /* another print: the key is free */
	assert_int_equal(save(&u, &w, &id), ST_CONFLICT);
	assert_int_equal(id, 0);
	assert_int_equal(store_kept_end(st, &u, NULL), ST_OK);
	assert_int_equal(store_kept_end(st, &u, &no), ST_OK);
	assert_next(&later, KEPT_BUSY);
	assert_int_equal(save(&later, &w, &id), ST_OK);
	assert_int_equal(store_kept_end(st, &later, NULL), ST_OK);
	assert_next(&later, KEPT_REPLAY);
	assert_int_equal(templates(), 2);
}

/* Keeps so many failures for the account. */
static void
keep_failures(uint64_t who, unsigned n)
{
	const struct kept_answer no = { 200, DIALECT_A, E311, "no" };

	for (unsigned i = 0; i < n; i++) {
		char key[16];
		struct kept_use u;

		(void)snprintf(key, sizeof key, "%u", i);
		u = use_of(who, "saveMMS", key, PRINT);
		assert_next(&u, KEPT_RUN);
		if (i % 2 == 0)
			assert_int_equal(store_kept_end(st, &u, &no), ST_OK);
	}
}

/* What is kept goes with its account, in bounded steps, and what runs for it takes nothing more and
 * keeps nothing more. Other accounts keep theirs, and so does one that cannot be removed. */
static void
test_account_removed(void **state)
{
	struct kept_use u = use_of(account, "saveMMS", "1", PRINT),
			late = use_of(account, "saveMMS", "late", PRINT), x;
	struct kept_begun b = { .ttl_s = DAY_S, .lease_ms = MINUTE_MS };
	struct kept_expiry all = { .ttl_s = 0, .max = 10000 };
	struct writer w = { .runs = 0 };
	struct orphans left = { .n = 0 };
	struct account two;
	uint64_t id;

	assert_true(account_init(&two, "two"));
	assert_int_equal(store_account_put(st, &two), ST_OK);
	keep_failures(two.id, 3);
	keep_failures(account, 1200);
	x = use_of(account, "saveMMS", "x", PRINT);
	assert_next(&x, KEPT_RUN);
	assert_int_equal(save(&x, &w, &id), ST_OK);
	assert_int_equal(store_account_remove(st, account), ST_EXISTS);
	assert_next(&x, KEPT_REPLAY);
	assert_int_equal(store_template_remove(st, account, id, a, &left), ST_OK);
	assert_next(&late, KEPT_RUN);
	(void)flaky_longest(st);
	flaky_always(st);
	assert_int_equal(store_account_remove(st, account), ST_OK);
	assert_in_range(flaky_longest(st), 1, 600);
	assert_int_equal(store_kept_begin(st, &u, a, &b), ST_NOTFOUND);
	assert_int_equal(save(&late, &w, &id), ST_CONFLICT);
	assert_int_equal(store_kept_end(st, &late, NULL), ST_OK);
	assert_int_equal(store_kept_expire(st, &all), ST_OK);
	assert_int_equal(all.removed, 2); /* of the other account; one runs */
}

/* A failure is kept, or the key given back. */
static void
test_end(void **state)
{
	struct kept_use u = use_of(account, "saveMMS", "k", PRINT);
	const struct kept_answer no = { 200, DIALECT_C, E225, "{\"a\":\"\\n\"}\r\nb" };
	struct kept_begun b;

	assert_next(&u, KEPT_RUN);
	assert_int_equal(store_kept_end(st, &u, NULL), ST_OK);
	assert_next(&u, KEPT_RUN);
	flaky_fail(st, 1, ST_FULL); /* then it is not kept, but the key is free */
	assert_int_equal(store_kept_end(st, &u, &no), ST_OK);
	assert_next(&u, KEPT_RUN);
	flaky_fail(st, 1, ST_IO);
	assert_int_equal(store_kept_end(st, &u, &no), ST_IO);
	assert_next(&u, KEPT_BUSY);
	assert_int_equal(store_kept_end(st, &u, &no), ST_OK);
	b = begin(&u, DAY_S, MINUTE_MS);
	assert_int_equal(b.next, KEPT_REPLAY);
	assert_int_equal(b.answer.code, E225);
	assert_int_equal(b.answer.dialect, DIALECT_C);
	assert_string_equal(b.answer.body, no.body);
	assert_int_equal(begin(&u, 0, MINUTE_MS).next, KEPT_RUN); /* it was kept long enough */
	assert_next(&u, KEPT_BUSY);
}

/* What cannot be stored or written leaves no answer, and no template. */
static void
test_all_or_nothing(void **state)
{
	static const enum store_rc how[] = { ST_IO, ST_FULL, ST_REPEAT };
	struct kept_use u = use_of(account, "saveMMS", "k", PRINT);
	struct writer w = { .runs = 0 };
	uint64_t id;

	assert_next(&u, KEPT_RUN);
	for (size_t i = 0; i < COUNT(how); i++) {
		flaky_fail(st, how[i] == ST_REPEAT ? 1000 : 1, how[i]);
		assert_int_not_equal(save(&u, &w, &id), ST_OK);
		flaky_fail(st, 0, ST_OK);
		assert_next(&u, KEPT_BUSY);
	}
	w.fails = true;
	assert_int_equal(save(&u, &w, &id), ST_NOMEM);
	assert_int_equal(templates(), 0);
	w.fails = false;
	assert_int_equal(save(&u, &w, &id), ST_OK);
	assert_int_equal(templates(), 1);
}

/* The sweep removes old answers and leases that ended, and what cannot be read; not a request that
 * runs, even if it began before the time for which answers are kept. */
static void
test_expire(void **state)
{
	struct kept_use u[4];
	struct kept_expiry x = { .ttl_s = DAY_S, .max = 1 };
	struct key spoilt;
	size_t removed = 0;

	for (size_t i = 0; i < COUNT(u); i++) {
		char key[2] = { (char)('a' + (int)i), '\0' };

		u[i] = use_of(account, "saveMMS", key, PRINT);
		assert_int_equal(begin(&u[i], DAY_S, i == 1 ? 0 : MINUTE_MS).next, KEPT_RUN);
	}
	assert_int_equal(store_kept_end(st, &u[0],
			     &(struct kept_answer){ 200, DIALECT_A, E311, "no" }),
	    ST_OK);
	spoilt = kept_record_key(account, u[3].name);
	plant(st, &spoilt, "spoilt", 6);
	assert_int_equal(store_kept_expire(st, &x), ST_OK);
	assert_true(x.over); /* all are young */
	x = (struct kept_expiry){ .ttl_s = 0, .max = 1 };
	while (!x.over) {
		flaky_fail(st, 1, ST_REPEAT);
		assert_int_equal(store_kept_expire(st, &x), ST_OK);
		removed += x.removed;
	}
	flaky_fail(st, 0, ST_OK);
	assert_int_equal(removed, 3);
	assert_next(&u[0], KEPT_RUN);
	assert_next(&u[1], KEPT_RUN);
	assert_next(&u[2], KEPT_BUSY);
	assert_next(&u[3], KEPT_RUN);
}

/* As if the answer had been kept so many seconds from now: the clock was set back since. */
static void
move_to_future(const struct kept_use *u, int64_t s)
{
	struct kept_record old, r;
	struct txn txn;

	assert_int_equal(txn_begin(&txn, st, KV_DURABLE), ST_OK);
	assert_int_equal(kept_record_load(&txn, txn.a, u, &old), ST_OK);
	r = old;
	r.seen.created += s * 1000000;
	assert_int_equal(kept_record_write(&txn, u, &old, &r), ST_OK);
	assert_int_equal(txn_end(&txn, ST_OK), ST_OK);
}

/* What was kept while the clock was far ahead blocks nothing, and the sweep finds it behind the
 * young ones. */
static void
test_clock_set_back(void **state)
{
	static const char *const name[] = { "0", "2" };
	struct kept_expiry x = { .ttl_s = DAY_S, .max = 1 };
	size_t removed = 0;

	keep_failures(account, 6); /* those of even numbers are done */
	for (size_t i = 0; i < COUNT(name); i++) {
		const struct kept_use u = use_of(account, "saveMMS", name[i], PRINT);

		move_to_future(&u, i == 0 ? DAY_S / 2 : 400 * DAY_S);
		if (i == 0)
			assert_next(&u, KEPT_REPLAY);
	}
	for (; !x.over; removed += x.removed)
		assert_int_equal(store_kept_expire(st, &x), ST_OK);
	assert_int_equal(removed, 1);
	for (size_t i = 0; i < COUNT(name); i++) {
		const struct kept_use u = use_of(account, "saveMMS", name[i], PRINT);

		assert_next(&u, i == 0 ? KEPT_REPLAY : KEPT_RUN);
	}
}

/* A record that cannot be read is no free key. */
static void
test_spoilt(void **state)
{
	struct kept_use u = use_of(account, "saveMMS", "k", PRINT);
	const struct key k = kept_record_key(account, u.name);
	struct kept_begun b = { .ttl_s = DAY_S };
	struct kept_expiry x = { .ttl_s = 0, .max = 100 };
	static const char *const bad[] = {
		"",
		"savemms-kept 1\nend\n",
		"savemms-kept 2\ncreated 1\nprint " PRINT "\nend\n",
		"savemms-kept 1\ncreated 1\nprint " PRINT "\nstatus 200\nend\n",
		"savemms-kept 1\ncreated 1\nprint " PRINT "\nbody x\nend\n",
		"savemms-kept 1\ncreated 1\nprint " PRINT "\nstatus 99\nbody x\nend\n",
		"savemms-kept 1\ncreated 1\nprint " PRINT "\nstatus 200\nresult E9\nbody x\nend\n",
		"savemms-kept 1\ncreated 1\nprint " PRINT "\nstatus 200\ndialect 3\nbody x\nend\n",
		"savemms-kept 1\ncreated 1\nprint x\ntoken 1\nend\n",
	};

	assert_next(&u, KEPT_RUN);
	for (size_t i = 0; i < COUNT(bad); i++) {
		plant(st, &k, bad[i], strlen(bad[i]));
		assert_int_equal(store_kept_begin(st, &u, a, &b), ST_CORRUPT);
	}
	assert_int_equal(store_kept_expire(st, &x), ST_OK);
	assert_int_equal(x.removed, 1);
}

/* Programs of 0.1.0 would keep no answer: nothing is taken. */
static void
test_layout_1(void **state)
{
	struct kept_use u = use_of(account, "saveMMS", "k", PRINT);
	struct kept_begun b = { .ttl_s = DAY_S };
	struct key k = key_of(TAB_VERSION);
	unsigned char v[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };

	plant(st, &k, v, sizeof v);
	assert_int_equal(store_kept_begin(st, &u, a, &b), ST_CONFLICT);
	v[7] = 2;
	plant(st, &k, v, sizeof v);
	assert_next(&u, KEPT_RUN);
	assert_int_equal(store_kept_end(st, &u, NULL), ST_OK);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_save),
		TEST(test_replay_is_on_disk),
		TEST(test_look),
		TEST(test_scope),
		TEST(test_sends),
		TEST(test_lost),
		TEST(test_account_removed),
		TEST(test_end),
		TEST(test_all_or_nothing),
		TEST(test_expire),
		TEST(test_clock_set_back),
		TEST(test_spoilt),
		TEST(test_layout_1),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests_name("kept", tests, NULL, NULL);
}
