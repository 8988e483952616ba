/*
 * bench_claims DIR ACCOUNTS SECONDS: measures how many jobs a second can be claimed while the
 * postbacks of many accounts wait for their next try, as after an outage of the network.
 *
 * It makes two stores in the empty folder DIR. In one 10 accounts, in the other ACCOUNTS accounts
 * have one postback of 600 bytes each that is due in an hour; besides, each has the same work that
 * is due. It claims that work in both stores in slices in turn, and gives it back; only the claims
 * are timed. It prints both rates and their ratio. The exit status is 1 if the ratio is below 0.8.
 *
 * With DIR in memory (/dev/shm) the disk's syncs are left out, which would hide the difference.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "sample.h"
#include "store/store.h"

enum { FEW = 10, WORK = 200, BODY = 600, BATCH = 250, SLICE_US = 200000, HOUR_MS = 3600000 };

static const struct job_want want = { JOB_POSTBACK, { LANE_LONG, LANE_SHORT }, 2, "bench_claims",
	HOUR_MS };

struct side {
	struct store *st;
	uint64_t accounts;
	uint64_t claims, us;
};

static void
check(enum store_rc rc, const char *what)
{
	if (rc == ST_OK)
		return;
	(void)fprintf(stderr, "bench_claims: %s: %s\n", what, store_rc_text(rc));
	exit(1);
}

static void
add(struct store *st, uint64_t account)
{
	static char body[BODY + 1];
	struct job job = { .kind = JOB_POSTBACK, .why = "", .body = body };
	struct sample s;

	memset(body, 'x', BODY);
	sample_template(&s, account, 0);
	s.t.nslide = 0;
	check(store_template_create(st, &s.t, &job, 1, NULL), "create");
}

/* Claims up to n jobs, of which it keeps what is needed to give them back. Returns their number. */
static size_t
claim(struct store *st, struct job *kept, size_t n, uint64_t *us)
{
	struct arena *a = arena_new(64 << 20);
	struct job *job[BATCH];
	struct job_batch batch = { .job = job, .max = n < BATCH ? n : BATCH };
	int64_t began = clock_mono();

	if (a == NULL)
		check(ST_NOMEM, "claim");
	check(store_job_claim_some(st, &want, a, &batch), "claim");
	*us += (uint64_t)(clock_mono() - began);
	for (size_t i = 0; i < batch.n; i++)
		kept[i] = (struct job){ .id = job[i]->id, .token = job[i]->token };
	arena_free(&a);
	return batch.n;
}

static void
prepare(struct side *s, const char *dir, const char *name)
{
	struct job *kept = calloc(s->accounts, sizeof *kept);
	struct settings settings;
	char path[4096], err[STORE_ERR];
	uint64_t us = 0;

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	sample_settings(&settings, path);
	if (kept == NULL || (s->st = store_open(&settings, true, err)) == NULL) {
		(void)fprintf(stderr, "bench_claims: %s\n", kept == NULL ? "memory" : err);
		exit(1);
	}
	for (uint64_t i = 0; i < s->accounts; i++)
		add(s->st, 1000 + i);
	for (uint64_t n = 0; n < s->accounts;)
		n += claim(s->st, kept + n, s->accounts - n, &us);
	for (uint64_t i = 0; i < s->accounts; i++)
		check(store_job_retry(s->st, &kept[i], HOUR_MS, "no route to host"), "retry");
	for (int i = 0; i < WORK; i++)
		add(s->st, 1 + (uint64_t)i % FEW);
	free(kept);
}

/* Claims all the work, one job at a time, and gives it back. */
static void
measure(struct side *s)
{
	for (int64_t end = clock_mono() + SLICE_US; clock_mono() < end;) {
		struct job job;

		s->claims += claim(s->st, &job, 1, &s->us);
		check(store_job_release(s->st, &job, 0, ""), "release");
	}
}

static double
rate(const struct side *s)
{
	return (double)s->claims * 1e6 / (double)s->us;
}

int
main(int argc, char **argv)
{
	struct side few = { .accounts = FEW }, many = { .accounts = 0 };
	uint64_t seconds;
	double ratio;

	if (argc != 4 || !num_u64(argv[2], 1, 10000000, &many.accounts) ||
	    !num_u64(argv[3], 1, 600, &seconds)) {
		(void)fprintf(stderr, "usage: bench_claims DIR ACCOUNTS SECONDS\n");
		return 2;
	}
	if (log_open("bench_claims", "/dev/null") != 0) {
		perror("log");
		return 1;
	}
	prepare(&few, argv[1], "few");
	prepare(&many, argv[1], "many");
	for (int64_t end = clock_mono() + (int64_t)seconds * 1000000; clock_mono() < end;) {
		measure(&few);
		measure(&many);
	}
	ratio = rate(&many) / rate(&few);
	(void)printf("%.0f claims/s beside %d accounts that wait, %.0f beside %" PRIu64
		     ", ratio %.2f\n",
	    rate(&few), FEW, rate(&many), many.accounts, ratio);
	store_close(&few.st);
	store_close(&many.st);
	return ratio < 0.8;
}
