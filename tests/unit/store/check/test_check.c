/* The check of the store finds and names what is planted, and nothing else; copies
 * made while others write are whole. */
#include "unit.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "sample.h"
#include "store/kept/kept.h"
#include "store/plan.h"
#include "store/plant.h"
#include "store/store_index.h"
#include "store/store_txn.h"

static struct arena *a;
static char found[64][512];
static size_t nfound;

static void
keep_fault(void *ctx, const char *text)
{
	if (nfound < COUNT(found))
		(void)snprintf(found[nfound++], sizeof found[0], "%s", text);
}

static const char *
write_body(void *ctx, const struct account *ac, const struct message *m, struct arena *arena)
{
	return "told";
}

static uint64_t blobs_reported;

static int
count_blob(void *ctx, const char *sha, uint64_t bytes, const char *whose)
{
	blobs_reported++;
	return 0;
}

static size_t
check(struct store *st)
{
	struct store_check c = { .fault = keep_fault, .blob = count_blob };

	nfound = 0;
	blobs_reported = 0;
	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(c.faults, nfound);
	assert_int_equal(c.blobs, blobs_reported);
	return nfound;
}

/* A message that was delivered to a handset: it and its postback are in all tables. */
static void
send_message(struct store *st, uint64_t account, uint64_t mmsid)
{
	const struct job_want want = { JOB_DELIVER, { LANE_SHORT }, 1, "me", 60000 };
	const struct report report = { .kind = REPORT_DELIVERED, .handset = "a phone" };
	const struct postback_writer writer = { write_body, NULL };
	struct message m = { .account = account,
		.mmsid = mmsid,
		.to = "15550001",
		.from = "12345" };
	struct deliver_end end = { .m = &m };
	struct job *j;
	uint64_t wait;

	assert_int_equal(store_message_create(st, &m, NULL), ST_OK);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	assert_int_equal(j->message, m.id);
	end.job = j;
	m.state = MESSAGE_SENT;
	m.transport_id = "id";
	(void)snprintf(m.transport, sizeof m.transport, "mmsc");
	assert_int_equal(store_deliver_done(st, &end, 1), ST_OK);
	assert_int_equal(end.rc, ST_OK);
	assert_int_equal(store_message_report(st, m.id, &report, a, &writer), ST_OK);
	assert_int_equal(store_message_report(st, m.id, &report, a, &writer), ST_EXISTS);
}

/* An account, two templates, an encode, one that is leased and one that waits for its next try, two
 * postbacks and a dead one; a message. */
static struct store *
make_store(struct account *ac, uint64_t id[2])
{
	struct store *st = store_open_ram();
	const struct job_want want = { JOB_POSTBACK, { LANE_SHORT }, 1, "me", 60000 };
	const struct job_want encode = { JOB_ENCODE, { LANE_LONG }, 1, "me", 60000 };
	struct job jobs[] = { { .kind = JOB_ENCODE, .why = "", .body = "" },
		{ .kind = JOB_POSTBACK, .why = "", .body = "x" },
		{ .kind = JOB_POSTBACK, .why = "", .body = "y" },
		{ .kind = JOB_ENCODE, .lane = LANE_LONG, .why = "", .body = "" },
		{ .kind = JOB_ENCODE, .lane = LANE_LONG, .why = "", .body = "" } };
	struct job *claimed;
	struct sample s;
	enum store_rc rc;
	uint64_t wait;

	assert_non_null(st);
	assert_true(account_init(ac, "one"));
	assert_true(account_set_password(ac, "secret"));
	assert_int_equal(store_account_put(st, ac), ST_OK);
	for (int i = 0; i < 2; i++) {
		sample_template(&s, ac->id, 10 + 20 * (uint64_t)i); /* blob(0) is in both */
		if (i == 0)
			rc = store_template_create(st, &s.t, jobs, COUNT(jobs), NULL);
		else
			rc = store_template_create(st, &s.t, NULL, 0, NULL);
		assert_int_equal(rc, ST_OK);
		id[i] = s.t.id;
	}
	assert_int_equal(store_job_claim(st, &want, a, &claimed, &wait), ST_OK);
	assert_int_equal(store_job_dead_letter(st, claimed, "no"), ST_OK);
	send_message(st, ac->id, id[0]);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_job_claim(st, &encode, a, &claimed, &wait), ST_OK);
	assert_int_equal(store_job_retry(st, claimed, 3600000, "later"), ST_OK);
	return st;
}

static void
use_key(struct store *st, uint64_t account)
{
	struct kept_begun b = { .ttl_s = 60, .lease_ms = 60000 };
	struct kept_use u;

	store_kept_use(&u, account, "saveMMS", "key");
	crypt_sha256_hex("", 0, u.print);
	assert_int_equal(store_kept_begin(st, &u, a, &b), ST_OK);
	assert_int_equal(b.next, KEPT_RUN);
}

static void
make_plan(struct store *st, const char *plan)
{
	const struct plan_claim claim = { plan, "me", 60000 };
	const char *text;

	assert_int_equal(store_plan_take(st, &claim, a, &text), ST_NOTFOUND);
	assert_int_equal(store_plan_put(st, &claim, "text"), ST_OK);
}

/* --- planting --------------------------------------------------------------------------- */

static void
plant_u64(struct store *st, const struct key *k, uint64_t v)
{
	unsigned char b[8];

	put_u64(b, v);
	plant(st, k, b, sizeof b);
}

/* The first key of the table. */
static struct key
first(struct store *st, enum table t)
{
	struct key k = key_of(t);
	struct slice key;

	assert_int_equal(st->kv->ops->begin(st->kv, KV_READ), ST_OK);
	assert_int_equal(st->kv->ops->next(st->kv, key_slice(&k), a, &key, NULL), ST_OK);
	st->kv->ops->abort(st->kv);
	assert_int_equal(*(const char *)key.p, t);
	k.n = 0;
	key_bytes(&k, key.p, key.n);
	return k;
}

/* A key of the table that is not there: the first, its last byte another. */
static struct key
other(struct store *st, enum table t)
{
	struct key k = first(st, t);

	k.b[k.n - 1] ^= 0x40;
	return k;
}

enum how { REMOVE, SPOIL, ADD, WRONG };

static const struct {
	enum table table;
	enum how how;
	const char *named; /* a part of the line that must be there */
} cases[] = {
	{ TAB_ACCOUNT, REMOVE, "belongs to account 1, which does not exist" },
	{ TAB_ACCOUNT, SPOIL, "account 1: its record cannot be read" },
	{ TAB_NAME, REMOVE, "account 1 cannot be found by its name" },
	{ TAB_NAME, ADD, "in the index by name" },
	{ TAB_KEY, REMOVE, "account 1 cannot be found by its key" },
	{ TAB_KEY, ADD, "in the index by key" },
	{ TAB_USER, REMOVE, "account 1 cannot be found by its user" },
	{ TAB_USER, ADD, "in the index by user" },
	{ TAB_USER, SPOIL, "index of accounts by user cannot be read" },
	{ TAB_TEMPLATE, REMOVE, "template 100001 is in the list of account 1, but does not exist" },
	{ TAB_TEMPLATE, SPOIL, "template 100001: its record cannot be read" },
	{ TAB_LIST, REMOVE, "template 100001 is not in the list of all" },
	{ TAB_LIST, ADD, "in the list of account 0" },
	{ TAB_TOTAL, REMOVE, "its total says 0" },
	{ TAB_TOTAL, WRONG, "its total says 77" },
	{ TAB_TOTAL, ADD, "has a total, but no list" },
	{ TAB_BLOB, REMOVE, "names it, but it has no count" },
	{ TAB_BLOB, WRONG, "its count says 77" },
	{ TAB_BLOB, SPOIL, "its count cannot be read" },
	{ TAB_BLOB, ADD, "0 templates name it, but its count says 1" },
	{ TAB_JOB, REMOVE, "but does not exist" },
	{ TAB_JOB, SPOIL, "job 1: its record cannot be read" },
	{ TAB_OF, REMOVE, "is not in the index of template 100001" },
	{ TAB_OF, SPOIL, "another state than the index" },
	{ TAB_DUE, REMOVE, "not in the index of due jobs, so nobody will do it" },
	{ TAB_DUE, ADD, "in the index of due jobs, but does not exist" },
	{ TAB_LEASED, REMOVE, "neither of the indexes of leased and due jobs, so nobody will do" },
	{ TAB_LEASED, ADD, "in the index of leased jobs, but does not exist" },
	{ TAB_LEASED, SPOIL, "since when job" },
	{ TAB_WAITING, REMOVE, "is not in the index of waiting jobs" },
	{ TAB_WAITING, ADD, "in the index of waiting jobs, but does not exist" },
	{ TAB_READY, REMOVE, "is in neither of the tables of accounts" },
	{ TAB_READY, ADD, "jobs that are due now, but has no such job" },
	{ TAB_LATER, REMOVE, "is in neither of the tables of accounts" },
	{ TAB_LATER, ADD, "jobs that are due later, but has no such job" },
	{ TAB_JOBS, REMOVE, "jobs are waiting, but their number says 0" },
	{ TAB_JOBS, SPOIL, "the numbers of jobs of kind 0 cannot be read" },
	{ TAB_DEAD, REMOVE, "is dead, but not in the index of dead jobs" },
	{ TAB_DEAD, ADD, "in the index of dead jobs, but does not exist" },
	{ TAB_COUNTER, REMOVE, "exists, but the last number given is 0" },
	{ TAB_COUNTER, SPOIL, "the counter of table" },
	{ TAB_TURN, SPOIL, "whose turn it is" },
	{ TAB_VERSION, WRONG, "the version of the layout" },
	{ TAB_MESSAGE, REMOVE, "in the index of messages by text, but does not exist" },
	{ TAB_MESSAGE, REMOVE, "belongs to message 1, which does not exist" },
	{ TAB_MESSAGE, SPOIL, "message 1: its record cannot be read" },
	{ TAB_MESSAGE_BY, REMOVE, "message 1 is not in the index of TRACKINGIDs" },
	{ TAB_MESSAGE_BY, ADD, "found by a text that is not its own" },
	{ TAB_MESSAGE_BY, SPOIL, "an entry that finds a message cannot be read" },
	{ TAB_SENT, REMOVE, "message 1 is not in the index of all" },
	{ TAB_SENT, ADD, "in the index of sent messages, but does not exist" },
	{ TAB_HANDSET, WRONG, "the record of a handset cannot be read" },
	{ TAB_ACCOUNT, REMOVE, "Idempotency-Key belongs to account 1, which does not exist" },
	{ TAB_KEPT, SPOIL, "a record of an Idempotency-Key of account 1 cannot be read" },
	{ TAB_KEPT, REMOVE, "whose record does not exist or is of another time" },
	{ TAB_KEPT_AT, REMOVE, "is not in the order of their times" },
	{ TAB_KEPT_AT, ADD, "whose record does not exist or is of another time" },
	{ TAB_PLAN, SPOIL, "its record cannot be read; it will be made anew" },
};

static bool
is_named(const char *text)
{
	for (size_t i = 0; i < nfound; i++)
		if (strstr(found[i], text) != NULL)
			return true;
	return false;
}

static void
test_planted(void **state)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		char plan[SHA256_HEX];
		struct account ac;
		struct store *st;
		uint64_t id[2];
		struct key k;

		a = arena_new(64 << 20);
		st = make_store(&ac, id);
		sample_blob(7, plan);
		make_plan(st, plan);
		use_key(st, ac.id);
		assert_int_equal(check(st), 0);
		k = cases[i].how == ADD ? other(st, cases[i].table) : first(st, cases[i].table);
		if (cases[i].how == REMOVE)
			plant(st, &k, NULL, 0);
		else if (cases[i].how == SPOIL)
			plant(st, &k, "spoilt", 6);
		else
			plant_u64(st, &k, cases[i].how == ADD ? 1 : 77);
		assert_true((check(st) > 0) == (cases[i].named != NULL));
		if (cases[i].named != NULL && !is_named(cases[i].named))
			fail_msg("table %c: '%s' is not said, but '%s'", cases[i].table,
			    cases[i].named, found[0]);
		store_close(&st);
		arena_free(&a);
	}
}

/* A store larger than what one period may hold in memory. */
static void
test_many(void **state)
{
	static char text[8001];
	struct account ac;
	struct sample s;
	struct store *st;

	memset(text, 'x', sizeof text - 1);
	a = arena_new(64 << 20);
	st = store_open_ram();
	assert_true(account_init(&ac, "one"));
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	for (uint64_t i = 0; i < 3000; i++) {
		sample_template(&s, ac.id, 10);
		s.t.fallback = text;
		assert_int_equal(store_template_create(st, &s.t, NULL, 0, NULL), ST_OK);
	}
	assert_int_equal(check(st), 0);
	store_close(&st);
	arena_free(&a);
}

static void
test_unknown_key(void **state)
{
	struct account ac;
	uint64_t id[2];
	struct store *st;
	struct key k = key_of((enum table)'Z');

	a = arena_new(64 << 20);
	st = make_store(&ac, id);
	plant(st, &k, "", 0);
	k = key_id(TAB_TEMPLATE, 1);
	key_u8(&k, 0); /* too long */
	plant(st, &k, "", 0);
	assert_int_equal(check(st), 2);
	assert_true(is_named("belongs to no table"));
	store_close(&st);
	arena_free(&a);
}

/* An earlier postback that is done again stands before a later one that could be
 * claimed: legal, whoever claims sets it right. */
static void
test_requeued(void **state)
{
	struct account ac;
	uint64_t id[2], wait;
	struct store *st;
	struct job *j;
	const struct job_want want = { JOB_POSTBACK, { LANE_SHORT }, 1, "me", 60000 };

	a = arena_new(64 << 20);
	st = make_store(&ac, id);
	assert_int_equal(store_job_requeue(st, 2), ST_OK);
	assert_int_equal(check(st), 0);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	assert_int_equal(j->message, 1); /* the message's: it waits for none of the template's */
	assert_int_equal(store_job_done(st, j, NULL, NULL, 0), ST_OK);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	assert_int_equal(j->id, 2);
	assert_int_equal(check(st), 0);
	assert_int_equal(store_job_done(st, j, NULL, NULL, 0), ST_OK);
	assert_int_equal(check(st), 0);
	assert_int_equal(store_template_remove(st, 0, id[0], a, &(struct orphans){ .n = 0 }),
	    ST_OK);
	assert_int_equal(check(st), 0);
	store_close(&st);
	arena_free(&a);
}

/* As if the job had been stored a day from now: the clock was set back since. */
static void
move_to_tomorrow(struct store *st, uint64_t id)
{
	const int64_t day = 86400000000;
	struct job *j, old;
	struct key leased;
	struct txn txn;

	assert_int_equal(txn_begin(&txn, st, KV_DURABLE), ST_OK);
	assert_int_equal(job_load(&txn, txn.a, id, &j), ST_OK);
	old = *j;
	j->created += day;
	j->due += day;
	assert_int_equal(job_change(&txn, &old, j), ST_OK);
	leased = queue_leased_key(j);
	if (job_state(j) == OF_LEASED)
		assert_int_equal(txn_put_u64(&txn, &leased, (uint64_t)(clock_now() + day)), ST_OK);
	assert_int_equal(txn_end(&txn, ST_OK), ST_OK);
}

/* Jobs that wait, leases and holds from before the clock was set back lock nobody out. */
static void
test_clock_set_back(void **state)
{
	const struct job_want want = { JOB_ENCODE, { LANE_SHORT }, 1, "me", 60000 };
	struct account ac;
	uint64_t id[2], wait;
	struct store *st;
	const char *text;
	struct job *j;
	char plan[SHA256_HEX];
	const struct plan_claim dead = { plan, "dead", 86400000 };
	const struct plan_claim day = { plan, "me", 86400000 };
	const struct plan_claim minute = { plan, "me", 60000 };

	a = arena_new(64 << 20);
	st = make_store(&ac, id);
	move_to_tomorrow(st, 1);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	assert_int_equal(j->id, 1);
	/* leased for a minute */
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_NOTFOUND);
	move_to_tomorrow(st, 1);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_OK);
	assert_int_equal(store_job_retry(st, j, 3600000, "later"), ST_OK);
	assert_int_equal(store_job_claim(st, &want, a, &j, &wait), ST_NOTFOUND);
	assert_true(wait > 3500000); /* tries keep their distance */
	assert_int_equal(check(st), 0);
	sample_blob(7, plan);
	assert_int_equal(store_plan_take(st, &dead, a, &text), ST_NOTFOUND);
	assert_int_equal(store_plan_take(st, &day, a, &text), ST_AGAIN);
	assert_int_equal(store_plan_take(st, &minute, a, &text), ST_NOTFOUND);
	store_close(&st);
	arena_free(&a);
}

/* --- copies -------------------------------------------------------------------------------- */

/* Saves templates until killed; writes each acknowledged MMSID to fd. */
static void
save_all(const struct settings *s, uint64_t account, int fd)
{
	char err[STORE_ERR];
	struct store *st = store_open(s, false, err);

	for (uint64_t n = 0; st != NULL; n++) {
		struct sample t;

		sample_template(&t, account, 20 * n + (uint64_t)getpid() * 1000000);
		if (store_template_create(st, &t.t, NULL, 0, NULL) != ST_OK ||
		    write(fd, &t.t.id, sizeof t.t.id) != sizeof t.t.id)
			break;
	}
	_exit(1);
}

struct copying {
	int acknowledged; /* the pipe the writers write to */
	uint64_t id[100000];
	size_t n;
	pid_t *pid;
};

/* Keeps the ids of all that is acknowledged up to now, which must be in the copy. */
static int
note(void *ctx)
{
	struct copying *c = ctx;
	ssize_t n;

	while (c->n < COUNT(c->id) &&
	    (n = read(c->acknowledged, &c->id[c->n], sizeof c->id[0])) == sizeof c->id[0])
		c->n++;
	return 0;
}

static void
start_writers(const struct settings *s, uint64_t account, int fd, pid_t pid[2])
{
	for (int i = 0; i < 2; i++)
		if ((pid[i] = unit_fork()) == 0)
			save_all(s, account, fd);
}

static void
end_writers(pid_t pid[2])
{
	for (int i = 0; i < 2; i++) {
		(void)kill(pid[i], SIGKILL);
		assert_int_equal(waitpid(pid[i], NULL, 0), pid[i]);
	}
}

/* Waits until the writers have saved something since the last note, so that each copy has more. */
static void
wait_for_a_save(const struct copying *c)
{
	struct pollfd pfd = { .fd = c->acknowledged, .events = POLLIN };

	assert_int_equal(poll(&pfd, 1, (int)patient(30000)), 1);
	(void)usleep(300000);
}

static void
look_at_copy(const char *dir, const struct copying *c)
{
	char db[400], err[STORE_ERR];
	struct settings s;
	struct store *st;

	(void)snprintf(db, sizeof db, "%s/db", dir);
	assert_int_equal(store_seal(db), ST_OK);
	nfound = 0;
	assert_int_equal(store_verify(db, keep_fault, NULL), ST_OK);
	assert_int_equal(nfound, 0);
	sample_settings(&s, dir);
	st = store_open(&s, false, err);
	assert_non_null(st);
	assert_int_equal(check(st), 0);
	for (size_t i = 0; i < c->n; i++) {
		struct template *t;
		struct arena *mine = arena_new(1 << 20);

		assert_int_equal(store_template_get(st, 0, c->id[i], mine, &t), ST_OK);
		arena_free(&mine);
	}
	store_close(&st);
}

static void
test_copy(void **state)
{
	static struct copying c;
	char dir[256], copy[300], db[320], err[STORE_ERR];
	struct settings s;
	struct account ac;
	struct store *st;
	pid_t pid[2];
	int fd[2];

	a = arena_new(64 << 20);
	sample_dir(dir, sizeof dir);
	sample_settings(&s, dir);
	assert_non_null(st = store_open(&s, true, err));
	assert_true(account_init(&ac, "one"));
	assert_int_equal(store_account_put(st, &ac), ST_OK);
	assert_int_equal(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(fcntl(fd[1], F_SETFL, 0), 0);
	assert_true(fcntl(fd[1], F_SETPIPE_SZ, 1 << 20) > 0);
	c.acknowledged = fd[0];
	start_writers(&s, ac.id, fd[1], pid);
	for (int i = 0; i < 3; i++) {
		struct kv_copy how = { db, NULL, note, &c };

		wait_for_a_save(&c);
		(void)snprintf(copy, sizeof copy, "%s/copy%d", dir, i);
		(void)snprintf(db, sizeof db, "%s/db", copy);
		assert_int_equal(mkdir(copy, 0700), 0);
		assert_int_equal(mkdir(db, 0700), 0);
		assert_int_equal(store_copy(st, &how), ST_OK);
		assert_true(c.n > 0);
		look_at_copy(copy, &c);
		if (i == 1) { /* writers that die inside make the next one recover */
			end_writers(pid);
			start_writers(&s, ac.id, fd[1], pid);
		}
	}
	end_writers(pid);
	(void)close(fd[0]);
	(void)close(fd[1]);
	store_close(&st);
	sample_rmdir(dir);
	arena_free(&a);
}

/* A page that was spoilt is found, and nothing hangs. */
static void
test_spoilt_page(void **state)
{
	char dir[256], db[300], path[320], err[STORE_ERR];
	struct settings s;
	struct store *st;
	int fd;

	sample_dir(dir, sizeof dir);
	sample_settings(&s, dir);
	assert_non_null(st = store_open(&s, true, err));
	for (uint64_t n = 0; n < 20; n++) {
		struct sample t;

		sample_template(&t, 1, 20 * n);
		assert_int_equal(store_template_create(st, &t.t, NULL, 0, NULL), ST_OK);
	}
	store_close(&st);
	(void)snprintf(db, sizeof db, "%s/db", dir);
	assert_int_equal(store_seal(db), ST_OK);
	(void)snprintf(path, sizeof path, "%s/store.db", db);
	assert_true((fd = open(path, O_RDWR | O_CLOEXEC)) >= 0);
	assert_int_equal(pwrite(fd, "spoilt", 6, 5 * 4096 + 2000), 6);
	(void)close(fd);
	nfound = 0;
	assert_int_equal(store_verify(db, keep_fault, NULL), ST_CORRUPT);
	assert_true(nfound > 0);
	sample_rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_planted),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_unknown_key),
		cmocka_unit_test(test_requeued),
		cmocka_unit_test(test_clock_set_back),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_spoilt_page),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
