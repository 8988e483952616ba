/* park: who is waited for before the process becomes another program. */
#include "unit.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "cgi/park.h"

enum { WORKERS = 3, TRIES = 10 };

static atomic_bool busy = true;

/* A worker that has a request in hand while busy is set. It runs until the process ends. */
static void *
work(void *ctx)
{
	for (;;) {
		if (!busy)
			park_here();
		usleep(1000);
	}
	return ctx;
}

/* A worker that could not begin. */
static void *
leave(void *ctx)
{
	park_leave();
	return ctx;
}

static void
test_all_are_waited_for_but_those_that_left(void **state)
{
	pthread_t t[WORKERS];
	bool all = false;

	for (int i = 0; i < WORKERS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, i == 0 ? leave : work, NULL), 0);
	assert_false(park_all(WORKERS));
	busy = false;
	for (int i = 0; !all && i < TRIES; i++) /* the machine may stand still for a while */
		all = park_all(WORKERS);
	assert_true(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_are_waited_for_but_those_that_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
