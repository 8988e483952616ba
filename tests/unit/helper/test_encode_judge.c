/* Whose fault it is: what each final status of the transcoder comes to, at a save and at an
 * encode. A fault of ours is never told as one of the file. */
#include "helper/encode_judge.h"
#include "media/transcode_made.h"
#include "unit.h"

enum { STATUSES = TS_BROKEN + 1, ATTEMPTS = 3, SCHEDULE = 2 };

/* A row for each status, the last for one that is none. */
static const struct {
	enum transcode_status status;
	enum api_error image; /* what a save answers; audio and video: */
	enum api_error av;
	enum encode_rc encode;
	/* of an encode's first and last attempt, all else being well */
	enum encode_next first, last;
} row[STATUSES + 1] = {
	{ TS_OK, E_NONE, E_NONE, ENCODE_MADE, NEXT_COMMIT, NEXT_COMMIT },
	{ TS_PROGRESS, E503, E503, ENCODE_OURS, NEXT_FAULT, NEXT_FAULT }, /* is not final */
	{ TS_CORRUPT, E341, E_NONE, ENCODE_FAILED, NEXT_FAIL, NEXT_FAIL },
	{ TS_TOO_BIG, E331, E_NONE, ENCODE_FAILED, NEXT_FAIL, NEXT_FAIL },
	{ TS_LIMIT, E341, E_NONE, ENCODE_LATER, NEXT_RETRY, NEXT_FAIL },
	{ TS_VALUE, E503, E503, ENCODE_OURS, NEXT_FAULT, NEXT_FAULT }, /* personal images only */
	{ TS_KILLED, E503, E503, ENCODE_OURS, NEXT_FAULT, NEXT_FAULT },
	{ TS_BROKEN, E503, E503, ENCODE_OURS, NEXT_FAULT, NEXT_FAULT },
	{ (enum transcode_status)STATUSES, E503, E503, ENCODE_OURS, NEXT_FAULT, NEXT_FAULT },
};

static void
test_save(void **state)
{
	for (unsigned i = 0; i < COUNT(row); i++) {
		assert_int_equal(row[i].status, i); /* none is left out */
		assert_int_equal(transcode_error(row[i].status, KIND_IMAGE), row[i].image);
		assert_int_equal(transcode_error(row[i].status, KIND_AUDIO), row[i].av);
		assert_int_equal(transcode_error(row[i].status, KIND_VIDEO), row[i].av);
	}
}

static void
test_encode(void **state)
{
	const struct encode_facts first = { .attempt = 1,
		.attempts = ATTEMPTS,
		.schedule = SCHEDULE };
	const struct encode_facts last = { .attempt = ATTEMPTS,
		.attempts = ATTEMPTS,
		.schedule = SCHEDULE };

	for (unsigned i = 0; i < COUNT(row); i++) {
		assert_int_equal(encode_outcome(row[i].status), row[i].encode);
		assert_int_equal(encode_next(row[i].encode, &first), row[i].first);
		assert_int_equal(encode_next(row[i].encode, &last), row[i].last);
	}
}

/* All that can come together: what follows from each outcome under each circumstance. */
static void
test_circumstances(void **state)
{
	for (unsigned all = 0; all < 4 * 5 * 5 * 4; all++) {
		const struct encode_facts f = { .disk_short = (all & 1) != 0,
			.stopping = (all & 2) != 0,
			.attempt = 1 + all / 4 % 5,
			.attempts = ATTEMPTS,
			.faults = all / 20 % 5,
			.schedule = all / 100 };
		enum encode_next waits = f.faults < f.schedule ? NEXT_FAULT : NEXT_DEAD_LETTER;
		enum encode_next later;

		assert_int_equal(encode_next(ENCODE_MADE, &f), NEXT_COMMIT);
		assert_int_equal(encode_next(ENCODE_FAILED, &f), NEXT_FAIL);
		assert_int_equal(encode_next(ENCODE_ELSEWHERE, &f), NEXT_RELEASE);
		assert_int_equal(encode_next(ENCODE_OURS, &f), f.stopping ? NEXT_RELEASE : waits);
		if (f.stopping)
			later = NEXT_RELEASE;
		else if (f.disk_short)
			later = waits;
		else
			later = f.attempt < f.attempts ? NEXT_RETRY : NEXT_FAIL;
		assert_int_equal(encode_next(ENCODE_LATER, &f), later);
	}
}

/* Deaths of helpers cost no attempt, but more than ten of them end an encode. */
static void
test_spent(void **state)
{
	for (uint32_t attempt = 1; attempt <= ATTEMPTS + 2; attempt++)
		for (uint32_t deaths = 0; deaths <= 12; deaths++)
			assert_int_equal(encode_spent(&(struct encode_facts){ .attempt = attempt,
					     .attempts = ATTEMPTS,
					     .deaths = deaths }),
			    attempt > ATTEMPTS || deaths > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_save),
		cmocka_unit_test(test_encode),
		cmocka_unit_test(test_circumstances),
		cmocka_unit_test(test_spent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
