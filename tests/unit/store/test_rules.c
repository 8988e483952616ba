/* The rules of jobs, messages and sessions: a row for each case. */
#include "unit.h"

#include "store/rules/job_rules.h"
#include "store/rules/kept_rules.h"
#include "store/rules/message_rules.h"
#include "store/rules/session_rules.h"

enum { NOW = 1000000000, SECOND = 1000000, LATER = NOW + 5 * SECOND };

static struct job
leased(void)
{
	return (struct job){ .owner = "me",
		.token = 7,
		.attempt = 2,
		.faults = 1,
		.due = LATER,
		.permille = 300,
		.left_ms = 900,
		.why = "before" };
}

static void
test_later(void **state)
{
	assert_int_equal(job_later(NOW, 0), NOW);
	assert_int_equal(job_later(NOW, 5000), LATER);
	/* never so late that it cannot be written */
	assert_int_equal(job_later(NOW, UINT64_MAX), job_later(NOW, 1000000000));
}

static void
test_held(void **state)
{
	static const struct {
		uint64_t token;
		bool dead;
		const char *owner;
		bool held;
	} row[] = {
		{ 7, false, "me", true },
		{ 8, false, "me", false },    /* claimed again */
		{ 8, false, "other", false }, /* by another */
		{ 7, false, "", false },      /* given back */
		{ 7, true, "", false },
		{ 7, true, "me", false },
	};
	const struct job mine = leased();

	for (size_t i = 0; i < COUNT(row); i++) {
		struct job stored = { .token = row[i].token, .dead = row[i].dead };

		(void)snprintf(stored.owner, sizeof stored.owner, "%s", row[i].owner);
		assert_int_equal(job_is_held(&stored, &mine), row[i].held);
	}
}

static void
test_renewed(void **state)
{
	struct job j = leased();

	job_renewed(&j, NOW + 9 * SECOND, 500, 100);
	assert_int_equal(j.due, NOW + 9 * SECOND);
	assert_int_equal(j.permille, 500);
	assert_int_equal(j.left_ms, 100);
	assert_int_equal(j.token, 7);
	assert_string_equal(j.owner, "me");
}

static void
test_returned(void **state)
{
	static const struct {
		enum give how;
		unsigned attempt, faults;
		bool dead;
	} row[] = {
		{ GIVE_AGAIN, 2, 1, false },
		{ GIVE_RELEASE, 1, 1, false },
		{ GIVE_FAULT, 1, 2, false },
		{ GIVE_KEEP, 1, 2, true },
		{ GIVE_DEAD_LETTER, 2, 1, true },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		struct job_return r = { row[i].how, 5000, "why" };
		struct job j = leased(), none = leased();

		job_returned(&j, NOW, &r);
		assert_int_equal(j.attempt, row[i].attempt);
		assert_int_equal(j.faults, row[i].faults);
		assert_int_equal(j.dead, row[i].dead);
		assert_int_equal(j.due, LATER);
		assert_string_equal(j.owner, "");
		assert_string_equal(j.why, "why");
		assert_int_equal(j.permille + j.left_ms, 0);
		/* counts have ends */
		r.why = NULL;
		none.attempt = 0;
		none.faults = UINT32_MAX;
		job_returned(&none, NOW, &r);
		assert_int_equal(none.attempt, 0);
		assert_int_equal(none.faults, UINT32_MAX);
		assert_string_equal(none.why, "");
	}
}

static void
test_made_due(void **state)
{
	static const struct {
		const char *owner;
		bool dead;
		int64_t due;
		bool made;
	} row[] = {
		{ "", false, LATER, true },   /* waits */
		{ "", true, LATER, true },    /* dead */
		{ "me", false, NOW, true },   /* its lease is over */
		{ "me", false, LATER, false } /* in work */
	};

	for (size_t i = 0; i < COUNT(row) * 2; i++) {
		bool anew = i % 2 != 0;
		struct job j = leased();

		(void)snprintf(j.owner, sizeof j.owner, "%s", row[i / 2].owner);
		j.dead = row[i / 2].dead;
		j.due = row[i / 2].due;
		assert_int_equal(job_made_due(&j, NOW, anew), row[i / 2].made);
		assert_int_equal(j.token, row[i / 2].made ? 8 : 7);
		assert_int_equal(j.due, row[i / 2].made ? NOW : LATER);
		assert_int_equal(j.attempt, row[i / 2].made && anew ? 0 : 2);
		assert_int_equal(j.faults, row[i / 2].made && anew ? 0 : 1);
		assert_true(!row[i / 2].made || (!j.dead && j.owner[0] == '\0'));
	}
}

static void
test_ended(void **state)
{
	const struct message stored = { .version = 4, .opened = 2, .state = MESSAGE_QUEUED };
	const struct message given = { .version = 4, .opened = 0, .state = MESSAGE_SENT };
	struct message m = message_ended(&stored, &given);

	assert_int_equal(m.version, 5);
	assert_int_equal(m.opened, 2);
	assert_int_equal(m.state, MESSAGE_SENT);
	assert_int_equal(given.version, 4);
}

static void
test_reported(void **state)
{
	static const struct {
		enum message_state from, to;
		enum report_kind kind;
		enum store_rc rc;
	} row[] = {
		{ MESSAGE_QUEUED, MESSAGE_QUEUED, REPORT_DELIVERED, ST_AGAIN },
		{ MESSAGE_SENT, MESSAGE_DELIVERED, REPORT_DELIVERED, ST_OK },
		{ MESSAGE_SENT, MESSAGE_UNDELIVERED, REPORT_FAILED, ST_OK },
		{ MESSAGE_DELIVERED, MESSAGE_DELIVERED, REPORT_FAILED, ST_EXISTS },
		{ MESSAGE_UNDELIVERED, MESSAGE_UNDELIVERED, REPORT_DELIVERED, ST_EXISTS },
		{ MESSAGE_FAILED, MESSAGE_FAILED, REPORT_DELIVERED, ST_EXISTS },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		const struct report r = { .kind = row[i].kind, .handset = "h", .details = "d" };
		struct message m = { .state = row[i].from, .version = 1, .why = "", .handset = "" };
		bool took = row[i].rc == ST_OK;

		assert_int_equal(message_reported(&m, &r, NOW), row[i].rc);
		assert_int_equal(m.state, row[i].to);
		assert_int_equal(m.version, took ? 2 : 1);
		assert_int_equal(m.reported, took ? NOW : 0);
		assert_string_equal(m.handset, took ? "h" : "");
		assert_string_equal(m.why, took ? "d" : "");
	}
}

static void
test_given_up(void **state)
{
	for (int from = MESSAGE_QUEUED; from <= MESSAGE_FAILED; from++) {
		struct message m = { .state = (enum message_state)from, .version = 1 };
		bool queued = from == MESSAGE_QUEUED;

		assert_int_equal(message_given_up(&m, "given up", NOW), queued);
		assert_int_equal(m.state, queued ? MESSAGE_FAILED : from);
		assert_int_equal(m.version, queued ? 2 : 1);
	}
}

static void
test_expires(void **state)
{
	static const struct {
		int64_t created;
		enum message_state state;
		enum expire want;
	} row[] = {
		{ NOW - 1, MESSAGE_SENT, EXPIRE_REMOVE },
		{ NOW - 1, MESSAGE_FAILED, EXPIRE_REMOVE },
		{ NOW - 1, MESSAGE_QUEUED, EXPIRE_KEEP },
		{ NOW, MESSAGE_SENT, EXPIRE_STOP },
		{ NOW, MESSAGE_QUEUED, EXPIRE_STOP },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		const struct message m = { .created = row[i].created, .state = row[i].state };

		assert_int_equal(message_expires(&m, NOW), row[i].want);
	}
}

static void
test_session(void **state)
{
	static const struct {
		int64_t created, seen; /* seconds before now */
		uint64_t idle, whole;
		bool over, note;
	} row[] = {
		{ 0, 0, 1800, 86400, false, false },
		{ 70, 60, 1800, 86400, false, false },
		{ 70, 61, 1800, 86400, false, true },
		{ 3000, 1800, 1800, 86400, false, true },
		{ 3000, 1801, 1800, 86400, true, true },
		{ 86400, 5, 1800, 86400, false, false },
		{ 86401, 5, 1800, 86400, true, false },
		/* a short idle time */
		{ 20, 2, 20, 86400, false, false },
		{ 20, 3, 20, 86400, false, true },
		/* from before the clock was set back */
		{ -60, -60, 1800, 86400, false, false },
		{ -61, 0, 1800, 86400, true, false },
		{ 0, -61, 1800, 86400, true, false },
	};
	const int64_t now = INT64_C(1000000) * SECOND;

	for (size_t i = 0; i < COUNT(row); i++) {
		const struct session se = { .created = now - row[i].created * SECOND,
			.seen = now - row[i].seen * SECOND };
		const struct session_limits l = { row[i].idle, row[i].whole };

		assert_int_equal(session_over(&se, &l, now), row[i].over);
		assert_int_equal(session_worth_noting(&se, &l, now), row[i].note);
	}
}

/* What a request with a used key does. */
static void
test_kept(void **state)
{
	enum { TTL_S = 10, LONG_AGO = NOW - 20 * SECOND };
	static const struct {
		enum kept_state state;
		int64_t created, until;
		const char *print;
		enum kept_next next;
	} row[] = {
		{ KEPT_FREE, 0, 0, "", KEPT_RUN },
		{ KEPT_RUNNING, NOW, LATER, "p", KEPT_BUSY },
		{ KEPT_RUNNING, NOW, NOW + 1, "p", KEPT_BUSY },
		{ KEPT_RUNNING, NOW, NOW, "p", KEPT_RUN }, /* its process was killed */
		{ KEPT_RUNNING, NOW, LATER, "q", KEPT_OTHER },
		{ KEPT_RUNNING, NOW, NOW, "q", KEPT_RUN },
		{ KEPT_RUNNING, LONG_AGO, LATER, "p", KEPT_BUSY }, /* however short the time is */
		{ KEPT_RUNNING, NOW + 61 * SECOND, NOW + 99 * SECOND, "p", KEPT_RUN },
		{ KEPT_RUNNING, NOW + 59 * SECOND, NOW + 99 * SECOND, "p", KEPT_BUSY },
		{ KEPT_DONE, NOW, 0, "p", KEPT_REPLAY },
		{ KEPT_DONE, NOW, 0, "q", KEPT_OTHER },
		{ KEPT_DONE, NOW - TTL_S * SECOND + 1, 0, "p", KEPT_REPLAY },
		{ KEPT_DONE, NOW - TTL_S * SECOND, 0, "p", KEPT_RUN },
		{ KEPT_DONE, NOW - TTL_S * SECOND, 0, "q", KEPT_RUN },
		{ KEPT_DONE, NOW + 99 * SECOND, 0, "p", KEPT_RUN }, /* the clock was set back */
		{ KEPT_DONE, NOW + 99 * SECOND, 0, "q", KEPT_RUN },
		{ KEPT_DONE, NOW + (TTL_S + 60) * SECOND + 1, 0, "p", KEPT_RUN },
		{ KEPT_DONE, NOW + (TTL_S + 60) * SECOND, 0, "p", KEPT_REPLAY },
		{ KEPT_DONE, NOW + (TTL_S + 60) * SECOND, 0, "q", KEPT_OTHER },
		{ KEPT_DONE, NOW + 1, 0, "p", KEPT_REPLAY },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		struct kept_seen k = { row[i].state, row[i].created, row[i].until, "" };

		(void)snprintf(k.print, sizeof k.print, "%s", row[i].print);
		if (kept_next(&k, "p", NOW, TTL_S) != row[i].next ||
		    kept_over(&k, NOW, TTL_S) != (row[i].next == KEPT_RUN))
			fail_msg("row %zu", i);
	}
}

/* The caller is told to try soon while the first request may run, and then when its lease ends. */
static void
test_kept_retry(void **state)
{
	static const struct {
		int64_t left_ms;
		unsigned want;
	} row[] = {
		{ 180000, 1 },
		{ 30001, 1 },
		{ 30000, 10 },
		{ 10001, 10 },
		{ 10000, 10 },
		{ 9001, 10 },
		{ 9000, 9 },
		{ 1001, 2 },
		{ 1000, 1 },
		{ 1, 1 },
		{ 0, 1 },
		{ -5000, 1 },
	};

	for (size_t i = 0; i < COUNT(row); i++)
		assert_int_equal(kept_retry_after(row[i].left_ms), row[i].want);
}

/* The time after which no attempt begins, and the next look that finds it over. */
static void
test_overdue(void **state)
{
	static const struct {
		int64_t not_after;
		bool overdue;
		uint64_t delay_s, want_s;
	} row[] = {
		{ 0, false, 60, 60 }, /* none */
		{ NOW, false, 60, 1 },
		{ NOW - 1, true, 60, 0 },
		{ NOW + 1, false, 60, 1 },
		{ NOW + 59999999, false, 60, 60 },
		{ NOW + 59000000 - 1, false, 60, 59 },
		{ NOW + 60000000, false, 60, 60 },
		{ NOW + 7200000000, false, 60, 60 },
		{ NOW + 30000000, false, 0, 0 },
	};
	struct message m = { .outcome = "" };

	for (size_t i = 0; i < COUNT(row); i++) {
		m.not_after = row[i].not_after;
		assert_int_equal(message_overdue(&m, NOW), row[i].overdue);
		assert_int_equal(message_delay(&m, NOW, row[i].delay_s), row[i].want_s);
	}
	message_expired(&m, NOW);
	assert_int_equal(m.state, MESSAGE_FAILED);
	assert_int_equal(m.reported, NOW);
	assert_string_equal(m.why, MESSAGE_EXPIRED);
	assert_string_equal(m.outcome, "Expired");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_held),
		cmocka_unit_test(test_renewed),
		cmocka_unit_test(test_returned),
		cmocka_unit_test(test_made_due),
		cmocka_unit_test(test_ended),
		cmocka_unit_test(test_reported),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_expires),
		cmocka_unit_test(test_overdue),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_kept_retry),
	};

	return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
