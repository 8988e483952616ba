/* The dialect of a request is kept with its template and its message, in a record that says nothing
 * of dialect A, and nothing at all in a store of layout 1 (savemms-store(5), Layouts). Nor do
 * accounts have there what version 0.1.0 does not know. */
#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "plant.h"
#include "sample.h"
#include "store/store_sending.h"

static const char *const lines[DIALECTS] = { "", "\ndialect B\n", "\ndialect C\n" };
static struct arena *a;
static struct sample s;

static int
setup(void **state)
{
	a = arena_new(64 << 20);
	sample_template(&s, 1, 1);
	return 0;
}

static int
teardown(void **state)
{
	arena_free(&a);
	return 0;
}

static void
write_template(enum dialect d, struct buf *out)
{
	s.t.dialect = d;
	buf_init(out, 1 << 20);
	template_encode(&s.t, out);
	assert_true(buf_ok(out));
}

static void
write_message(enum dialect d, struct buf *out)
{
	struct message m = message_empty;

	m.dialect = d;
	buf_init(out, 1 << 20);
	message_encode(&m, out);
	assert_true(buf_ok(out));
}

static void
test_names(void **state)
{
	static const char *const none[] = { "", "D", "AB", "a ", "same", "0" };
	enum dialect d = DIALECT_B;

	for (size_t i = 0; i < COUNT(none); i++)
		assert_false(dialect_by_name(none[i], &d));
	assert_int_equal(d, DIALECT_B);
	for (int i = 0; i < DIALECTS; i++) {
		assert_true(dialect_by_name(dialect_name((enum dialect)i), &d));
		assert_int_equal(d, i);
	}
	assert_true(dialect_by_name("c", &d));
	assert_int_equal(d, DIALECT_C);
}

static void
test_records(void **state)
{
	for (int i = 0; i < DIALECTS; i++) {
		const struct template *t;
		const struct message *m;
		struct buf out;

		write_template((enum dialect)i, &out);
		assert_non_null(t = template_decode(a, out.p, out.len));
		assert_int_equal(t->dialect, i);
		assert_non_null(strstr(buf_str(&out), lines[i]));
		assert_int_equal(strstr(buf_str(&out), "dialect") != NULL, i != DIALECT_A);
		buf_free(&out);
		write_message((enum dialect)i, &out);
		assert_non_null(m = message_decode(a, out.p, out.len));
		assert_int_equal(m->dialect, i);
		assert_non_null(strstr(buf_str(&out), lines[i]));
		assert_int_equal(strstr(buf_str(&out), "dialect") != NULL, i != DIALECT_A);
		buf_free(&out);
	}
}

/* Puts another value in the place of the dialect's, which is one letter long; or another key. */
static void
put_word(struct buf *record, const char *word, size_t n)
{
	char *at = memmem(record->p, record->len, "dialect C", 9);

	assert_non_null(at);
	memcpy(at + (n == 1 ? 8 : 0), word, n);
}

/* A value that is none, and a key that is not known, which is what this line is to an older
 * program, are refused: such a program never takes the template for one of another dialect. */
static void
test_bad_records(void **state)
{
	static const char *const bad[] = { "D", "0", " ", "dialecu" };
	struct buf out;

	for (size_t i = 0; i < COUNT(bad); i++) {
		write_template(DIALECT_C, &out);
		put_word(&out, bad[i], strlen(bad[i]));
		assert_null(template_decode(a, out.p, out.len));
		buf_free(&out);
		write_message(DIALECT_C, &out);
		put_word(&out, bad[i], strlen(bad[i]));
		assert_null(message_decode(a, out.p, out.len));
		buf_free(&out);
	}
}

static bool
stored(struct store *st, const struct key *k, const char *word)
{
	struct slice v;

	assert_int_equal(st->kv->ops->begin(st->kv, KV_READ), ST_OK);
	assert_int_equal(st->kv->ops->get(st->kv, key_slice(k), a, &v), ST_OK);
	st->kv->ops->abort(st->kv);
	return memmem(v.p, v.n, word, strlen(word)) != NULL;
}

/* Stores a template and a message to it in dialect C, and tells what they are read as. */
static void
assert_kept(struct store *st, uint64_t account, enum dialect expected)
{
	struct message m = message_empty, *got;
	struct template *t;
	struct key k;

	s.t.account = m.account = account;
	s.t.dialect = m.dialect = DIALECT_C;
	assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
	m.mmsid = s.t.id;
	m.to = "15550001";
	assert_int_equal(store_message_create(st, &m, NULL), ST_OK);
	assert_int_equal(store_template_get(st, 0, s.t.id, a, &t), ST_OK);
	assert_int_equal(t->dialect, expected);
	assert_int_equal(store_message_get(st, m.id, a, &got), ST_OK);
	assert_int_equal(got->dialect, expected);
	k = key_id(TAB_TEMPLATE, s.t.id);
	assert_int_equal(stored(st, &k, "dialect"), expected != DIALECT_A);
	k = key_id(TAB_MESSAGE, m.id);
	assert_int_equal(stored(st, &k, "dialect"), expected != DIALECT_A);
}

/* Tells whether an account with a setting that 0.1.0 does not know is stored; what it knows always
 * is. Leaves the account without one. */
static void
assert_settings(struct store *st, struct account *ac, bool stored)
{
	static const char *const newer[][2] = { { "postback-dialect", "C" }, { "service-ids", "x" },
		{ "answer-type", "xml" }, { "postback-secret-old", "s" } };
	const char *key;
	char err[256];

	for (size_t i = 0; i < COUNT(newer); i++) {
		assert_int_equal(account_set(ac, newer[i][0], newer[i][1], err, sizeof err), 0);
		assert_string_equal(account_newer(ac), newer[i][0]);
		assert_int_equal(store_account_fits(st, ac, &key), ST_OK);
		assert_int_equal(key == NULL, stored);
		assert_int_equal(store_account_put(st, ac), stored ? ST_OK : ST_CONFLICT);
		assert_int_equal(account_set(ac, newer[i][0], i == 0 ? "same" : "", err,
				     sizeof err),
		    0);
		assert_int_equal(account_set(ac, "domain", newer[i][1], err, sizeof err), 0);
		assert_int_equal(store_account_fits(st, ac, &key), ST_OK);
		assert_null(key);
		assert_int_equal(store_account_put(st, ac), ST_OK);
	}
}

/* Programs of 0.1.0 read what is stored in layout 1, and all else goes on as before. */
static void
test_layouts(void **state)
{
	static const unsigned char one[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	struct store *st = store_open_ram();
	struct key k = key_of(TAB_VERSION);
	struct account ac;

	assert_non_null(st);
	assert_true(account_init(&ac, "one"));
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	assert_kept(st, ac.id, DIALECT_C);
	assert_settings(st, &ac, true);
	plant(st, &k, one, sizeof one);
	assert_kept(st, ac.id, DIALECT_A);
	assert_settings(st, &ac, false);
	store_close(&st);
}

/* A receiver that says that its URL is gone switches the postbacks off, until the URL is set again;
 * in layout 1 it does not. */
static void
test_gone(void **state)
{
	static const unsigned char one[8] = { 0, 0, 0, 0, 0, 0, 0, 1 };
	static const char url[] = "http://h/gone";
	struct store *st = store_open_ram();
	struct key k = key_of(TAB_VERSION);
	struct account ac;
	char err[256];

	assert_non_null(st);
	assert_true(account_init(&ac, "one"));
	assert_false(account_wants_postbacks(&ac));
	assert_int_equal(account_set(&ac, "postback-url", url, err, sizeof err), 0);
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	assert_int_equal(store_account_gone(st, ac.id, "http://h/other"), ST_CONFLICT);
	assert_int_equal(store_account_gone(st, ac.id + 1, url), ST_NOTFOUND);
	assert_int_equal(store_account_gone(st, ac.id, url), ST_OK);
	assert_int_equal(store_account_gone(st, ac.id, url), ST_EXISTS);
	assert_int_equal(store_account_put(st, &ac), ST_CONFLICT); /* it has changed */
	assert_int_equal(store_account_by_id(st, ac.id, &ac), ST_OK);
	assert_false(account_wants_postbacks(&ac));
	assert_string_equal(ac.postback_url, url);
	assert_int_equal(account_set(&ac, "domain", "d", err, sizeof err), 0);
	assert_false(account_wants_postbacks(&ac));
	assert_int_equal(account_set(&ac, "postback-url", "no URL", err, sizeof err), -1);
	assert_false(account_wants_postbacks(&ac));
	assert_int_equal(account_set(&ac, "postback-url", url, err, sizeof err), 0);
	assert_true(account_wants_postbacks(&ac));
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	plant(st, &k, one, sizeof one);
	assert_int_equal(store_account_gone(st, ac.id, url), ST_CONFLICT);
	assert_int_equal(store_account_by_id(st, ac.id, &ac), ST_OK);
	assert_true(account_wants_postbacks(&ac));
	store_close(&st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_records, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_records, setup, teardown),
		cmocka_unit_test_setup_teardown(test_layouts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
