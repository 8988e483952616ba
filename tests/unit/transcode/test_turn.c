/* turn: accounts take turns at the transcoder's places */
#include <stdlib.h>

#include "transcode/turn.h"
#include "unit.h"

enum { MEDIUM = TRANSCODE_MEDIUM, PROBE = TRANSCODE_PROBE };

static void
test_next(void **state)
{
	static const struct {
		struct turn_job running[8], waiting[4];
		unsigned nrunning, nwaiting;
		int next;
	} t[] = {
		/* nobody runs: the oldest */
		{ .waiting = { { 1, MEDIUM }, { 2, MEDIUM } }, .nwaiting = 2, .next = 0 },
		/* the account with fewer running, though it came later */
		{ { { 1, MEDIUM } }, { { 1, MEDIUM }, { 1, MEDIUM }, { 2, MEDIUM } }, 1, 3, 2 },
		/* as many running: the oldest */
		{ { { 1, MEDIUM }, { 2, MEDIUM } }, { { 2, MEDIUM }, { 1, MEDIUM } }, 2, 2, 0 },
		/* all places taken by one: it waits, a newcomer does not */
		{ { { 1, MEDIUM }, { 1, MEDIUM }, { 1, MEDIUM } }, { { 1, MEDIUM } }, 3, 1, -1 },
		{ { { 1, MEDIUM }, { 1, MEDIUM }, { 1, MEDIUM } }, { { 1, MEDIUM }, { 2, MEDIUM } },
		    3, 2, 1 },
		/* the newcomers' place is one */
		{ { { 1, MEDIUM }, { 1, MEDIUM }, { 1, MEDIUM }, { 2, MEDIUM } }, { { 3, MEDIUM } },
		    4, 1, -1 },
		/* who has something running is no newcomer */
		{ { { 1, MEDIUM }, { 1, MEDIUM }, { 2, MEDIUM } }, { { 2, MEDIUM } }, 3, 1, -1 },
		/* requests of no account have no such place */
		{ { { 1, MEDIUM }, { 1, MEDIUM }, { 1, MEDIUM } }, { { 0, MEDIUM } }, 3, 1, -1 },
		/* kinds do not delay each other */
		{ { { 1, MEDIUM }, { 1, MEDIUM }, { 1, MEDIUM } }, { { 1, MEDIUM }, { 1, PROBE } },
		    3, 2, 1 },
		{ { { 1, PROBE }, { 1, PROBE } }, { { 1, PROBE }, { 1, MEDIUM } }, 2, 2, 1 },
		{ .next = -1 },
	};
	static const unsigned most[TRANSCODE_KINDS] = { [MEDIUM] = 3, [PROBE] = 2 };

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct turn turn = { t[i].waiting, t[i].running, t[i].nwaiting, t[i].nrunning,
			most };

		if (turn_next(&turn) != t[i].next)
			fail_msg("row %zu: %d", i, turn_next(&turn));
	}
}

static void
test_may_wait(void **state)
{
	static const struct turn_job waiting[] = { { 1, MEDIUM }, { 1, MEDIUM }, { 0, MEDIUM } };
	struct turn turn = { .waiting = waiting };

	assert_true(turn_may_wait(&turn, 1, 1));
	assert_false(turn_may_wait(&turn, 1, 0));
	turn.nwaiting = 2;
	assert_false(turn_may_wait(&turn, 1, 4)); /* half of them */
	assert_true(turn_may_wait(&turn, 2, 4));
	assert_true(turn_may_wait(&turn, 0, 4));
	assert_true(turn_may_wait(&turn, 1, 5));
	turn.nwaiting = 3;
	assert_false(turn_may_wait(&turn, 2, 3));
}

/* Tells whether the places of the job's kind are taken, its account's own place among them: the
 * one beyond the most is for an account that has none. */
static bool
held_up(const struct turn_job *j, const struct turn_job *running, unsigned n, unsigned most)
{
	unsigned all = 0, own = 0;

	for (unsigned i = 0; i < n; i++) {
		all += running[i].kind == j->kind;
		own += running[i].kind == j->kind && running[i].account == j->account;
	}
	return all > most || (all == most && (own > 0 || j->account == 0));
}

/* Whatever comes: no kind has more than one beyond its most, and while a newcomer waits, not more
 * than the newcomers' place is in the way. */
static void
test_random(void **state)
{
	static const unsigned most[TRANSCODE_KINDS] = { 2, 2, 2 };
	struct turn_job running[16], waiting[16];

	srandom(1);
	for (int round = 0; round < 2000; round++) {
		unsigned nr = 0, nw = 1 + (unsigned)random() % 12;

		for (unsigned i = 0; i < nw; i++)
			waiting[i] = (struct turn_job){ (uint64_t)random() % 4,
				(uint32_t)random() % TRANSCODE_KINDS };
		for (;;) {
			const struct turn turn = { waiting, running, nw, nr, most };
			int next = turn_next(&turn);
			unsigned all = 0;

			if (next < 0)
				break;
			running[nr++] = waiting[next];
			for (unsigned i = 0; i < nr; i++)
				all += running[i].kind == waiting[next].kind;
			assert_true(all <= 3);
			waiting[next] = waiting[--nw];
		}
		for (unsigned i = 0; i < nw; i++) /* who waits still has a reason to */
			assert_true(held_up(&waiting[i], running, nr, most[waiting[i].kind]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_may_wait),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
