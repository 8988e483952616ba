/*
 * crash_store DIR KILLS: tests the store while the processes that use it are killed.
 *
 * Workers store templates with an encode job. They claim and finish encodes, each of which changes
 * the template and queues a postback, and postbacks, each of which changes the template again. They
 * note in shared memory what the store acknowledged. Again and again one of them is killed with
 * SIGKILL after 1 to 60 ms and replaced at once. A template's version therefore says which job it
 * must have: 1 the encode, 2 the postback, 3 none. At the end this and every acknowledgement is
 * checked. The program prints counts and writes its log to DIR.log. The exit status is 0 if all is
 * well, 1 if not, and 2 for wrong usage.
 */
#include <sys/mman.h>
#include <sys/wait.h>

#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"
#include "base/num.h"
#include "sample.h"
#include "store/store_list.h"

enum {
	CHECK_S = 20,
	WORKERS = 5,
	MOST = 1000000,
	HANG_US = 2000000,
	LEASE_MS = 400,
	ARENA = 64 << 20,
	WORST = 4 /* the latest step a version can stand for */
};

/* What a version stands for. An acknowledgement is a step and an id. */
enum { STEP_CREATED = 1, STEP_ENCODED = 2, STEP_POSTED = 3 };

struct shared {
	_Atomic int64_t alive[WORKERS]; /* when the worker last finished a call */
	_Atomic int64_t stall;          /* the longest time between two of one worker */
	_Atomic uint64_t errors[ST_IO + 1];
	_Atomic uint64_t seed;
	_Atomic bool stop;
	_Atomic size_t n[WORST];
	uint64_t ack[WORST][MOST]; /* template ids by step */
	uint64_t seed_of[MOST];    /* of ack[STEP_CREATED] */
};

static struct shared *sh;
static struct settings settings;
static pid_t pid[WORKERS];
static unsigned long bad, hangs, worn;

__attribute__((format(printf, 1, 2))) static void
wrong(const char *fmt, ...)
{
	va_list ap;

	bad++;
	if (bad > 20)
		return;
	va_start(ap, fmt);
	(void)printf("WRONG: ");
	(void)vprintf(fmt, ap);
	(void)printf("\n");
	va_end(ap);
}

/* --- workers --------------------------------------------------------------------- */

static void
alive(size_t me)
{
	int64_t now = clock_mono(), gap = now - atomic_exchange(&sh->alive[me], now);

	if (gap > atomic_load(&sh->stall))
		atomic_store(&sh->stall, gap);
}

static void
note(int step, uint64_t id, uint64_t seed)
{
	size_t i = atomic_fetch_add(&sh->n[step], 1);

	if (i >= MOST)
		return;
	if (step == STEP_CREATED)
		sh->seed_of[i] = seed;
	sh->ack[step][i] = id;
}

static void
make(struct store *st)
{
	struct job job = { .kind = JOB_ENCODE };
	uint64_t seed = atomic_fetch_add(&sh->seed, 100);
	struct sample s;
	char name[32];
	enum store_rc rc;

	sample_template(&s, 1 + seed / 100 % 3, seed);
	(void)snprintf(name, sizeof name, "%" PRIu64, seed);
	s.t.name = name;
	rc = store_template_create(st, &s.t, &job, 1, NULL);
	atomic_fetch_add(&sh->errors[rc], 1);
	if (rc == ST_OK)
		note(STEP_CREATED, s.t.id, seed);
}

static void
work(struct store *st, enum job_kind kind)
{
	struct job next = { .kind = JOB_POSTBACK, .body = "<MMS/>" }, *j;
	struct arena *a = arena_new(ARENA);
	struct template *t;
	uint64_t wait;
	enum store_rc rc;

	if (a == NULL)
		_exit(99);
	rc = store_job_claim(st,
	    &(struct job_want){ kind, { LANE_SHORT, LANE_LONG }, 2, "crash", LEASE_MS }, a, &j,
	    &wait);
	if (rc == ST_OK && (rc = store_template_get(st, j->account, j->mmsid, a, &t)) == ST_OK) {
		uint64_t new = strtoull(t->name, NULL, 10) + 50 + (uint64_t)kind;

		sample_blob(new, t->slide[0].medium[0].rendition[kind].sha);
		rc = store_job_done(st, j, t, &next, kind == JOB_ENCODE);
		if (rc == ST_OK)
			note(kind == JOB_ENCODE ? STEP_ENCODED : STEP_POSTED, j->mmsid, 0);
		else if (rc == ST_CONFLICT)
			rc = ST_OK; /* the lease was over */
	}
	if (rc != ST_NOTFOUND)
		atomic_fetch_add(&sh->errors[rc], 1);
	arena_free(&a);
}

static void
worker(size_t me)
{
	char err[STORE_ERR];
	struct store *st = store_open(&settings, true, err);

	if (st == NULL) {
		(void)fprintf(stderr, "open: %s\n", err);
		_exit(98);
	}
	while (!atomic_load(&sh->stop) && !store_worn(st)) {
		make(st);
		alive(me);
		work(st, JOB_ENCODE);
		alive(me);
		work(st, JOB_POSTBACK);
		alive(me);
	}
	store_close(&st);
	_exit(0);
}

/* --- the killer ------------------------------------------------------------------- */

static void
start(size_t i)
{
	atomic_store(&sh->alive[i], clock_mono());
	if ((pid[i] = fork()) == 0)
		worker(i);
	if (pid[i] < 0) {
		perror("fork");
		exit(1);
	}
}

static void
kill_one(size_t i)
{
	(void)kill(pid[i], SIGKILL);
	(void)waitpid(pid[i], NULL, 0);
	start(i);
}

static void
check_workers(void)
{
	for (size_t i = 0; i < WORKERS; i++) {
		int status;

		if (waitpid(pid[i], &status, WNOHANG) == pid[i]) {
			if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
				wrong("a worker ended by itself, status %#x", (unsigned)status);
			else
				worn++;
			start(i);
		} else if (clock_mono() - atomic_load(&sh->alive[i]) > HANG_US) {
			hangs++;
			wrong("worker %zu hangs", i);
			kill_one(i);
		}
	}
}

static unsigned
random_below(unsigned n)
{
	unsigned v;

	crypt_random(&v, sizeof v);
	return v % n;
}

static void
kill_many(unsigned long kills)
{
	for (size_t i = 0; i < WORKERS; i++)
		start(i);
	for (unsigned long k = 0; k < kills && hangs < 3; k++) {
		(void)usleep(1000 + random_below(59000));
		check_workers();
		kill_one(random_below(WORKERS));
	}
	atomic_store(&sh->stop, true);
	for (size_t i = 0; i < WORKERS; i++) {
		int64_t end = clock_mono() + 2 * HANG_US;

		while (waitpid(pid[i], NULL, WNOHANG) == 0) {
			if (clock_mono() > end) {
				hangs++;
				wrong("worker %zu does not end", i);
				(void)kill(pid[i], SIGKILL);
			}
			(void)usleep(1000);
		}
	}
}

/* --- what must be true then ------------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static size_t
acked(int step)
{
	size_t n = atomic_load(&sh->n[step]);

	return n < MOST ? n : MOST;
}

/* Checks that every acknowledged template exists, is the one that was given, and has at least the
 * version that was acknowledged. */
static void
check_acks(struct store *st)
{
	for (int step = STEP_CREATED; step <= STEP_POSTED; step++)
		for (size_t i = 0; i < acked(step); i++) {
			struct arena *a = arena_new(ARENA);
			uint64_t id = sh->ack[step][i];
			struct template *t;

			if (id == 0)
				; /* killed before it noted the number */
			else if (a == NULL || store_template_get(st, 0, id, a, &t) != ST_OK)
				wrong("template %" PRIu64 " was acknowledged and is lost", id);
			else if (t->version < (uint32_t)step)
				wrong("template %" PRIu64 " lost an acknowledged change", id);
			else if (step == STEP_CREATED &&
			    strtoull(t->name, NULL, 10) != sh->seed_of[i])
				wrong("template %" PRIu64 " is not the one that was given", id);
			arena_free(&a);
		}
	for (int step = STEP_CREATED; step <= STEP_POSTED; step++) {
		qsort(sh->ack[step], acked(step), sizeof(uint64_t), compare);
		for (size_t i = 1; i < acked(step); i++)
			if (sh->ack[step][i] != 0 && sh->ack[step][i] == sh->ack[step][i - 1])
				wrong("%" PRIu64 " was given twice (step %d)", sh->ack[step][i],
				    step);
	}
}

static int
check_ref(void *ctx, const char *sha)
{
	static const char zero[] =
	    "0000000000000000000000000000000000000000000000000000000000000000";
	uint64_t n;

	/* each blob belongs to one template, except blob 0, which belongs to all */
	if (store_blob_refs(ctx, sha, &n) != ST_OK || (strcmp(sha, zero) != 0 && n != 1))
		wrong("%" PRIu64 " references to blob %s", n, sha);
	return 0;
}

/* Collects the jobs of all templates: one bit for each kind, by template. */
static unsigned char *
read_jobs(struct store *st, uint64_t first, size_t n)
{
	unsigned char *has = calloc(n + 1, 1);
	uint64_t after = 0;

	for (;;) {
		struct arena *a = arena_new(ARENA);
		struct job *j;

		if (has == NULL || a == NULL || store_job_next(st, &after, a, &j) != ST_OK) {
			arena_free(&a);
			return has;
		}
		if (j->mmsid < first || j->mmsid >= first + n)
			wrong("job %" PRIu64 " is of no template", j->id);
		else if (has[j->mmsid - first] & 1U << j->kind)
			wrong("template %" PRIu64 " has a job twice", j->mmsid);
		else
			has[j->mmsid - first] |= (unsigned char)(1U << j->kind);
		arena_free(&a);
	}
}

struct listing {
	struct store *st;
	unsigned char *has;
	uint64_t total, n;
};

enum { FIRST = 100001 };

static void
begin_list(void *ctx, uint64_t total)
{
	struct listing *l = ctx;

	free(l->has);
	l->total = total;
	l->n = 0;
	if ((l->has = read_jobs(l->st, FIRST, total)) == NULL)
		exit(1);
}

static bool
check_template(void *ctx, const struct template *t)
{
	static const unsigned wants[] = { 9, 1U << JOB_ENCODE, 1U << JOB_POSTBACK, 0 };
	struct listing *l = ctx;

	if (t->id < FIRST || t->id >= FIRST + l->total)
		wrong("id %" PRIu64 " leaves a gap", t->id);
	else if (t->version > STEP_POSTED || l->has[t->id - FIRST] != wants[t->version])
		wrong("template %" PRIu64 " version %u has jobs %u", t->id, (unsigned)t->version,
		    (unsigned)l->has[t->id - FIRST]);
	if (l->n++ % 8 == 0)
		(void)template_blobs(t, check_ref, l->st);
	return true;
}

static uint64_t
check_templates(struct store *st)
{
	const struct template_query q = { .max = SIZE_MAX };
	struct listing l = { .st = st };
	const struct template_reader reader = { begin_list, check_template, &l };
	char zero[SHA256_HEX];
	uint64_t refs = 0;

	if (store_template_each(st, &q, &reader) != ST_OK)
		wrong("the list cannot be read");
	free(l.has);
	sample_blob(0, zero);
	if (store_blob_refs(st, zero, &refs) != ST_OK || refs != l.total)
		wrong("%" PRIu64 " references to the blob of all, not %" PRIu64, refs, l.total);
	return l.total;
}

static void
too_long(int sig)
{
	static const char text[] = "WRONG: the final check hangs\n";

	(void)sig;
	if (write(STDOUT_FILENO, text, sizeof text - 1) < 0)
		_exit(3);
	_exit(1);
}

int
main(int argc, char **argv)
{
	char err[STORE_ERR], log[4096];
	uint64_t kills, total;
	struct store *st;
	int64_t begin = clock_mono(), end;

	if (argc != 3 || !num_u64(argv[2], 0, 1000000, &kills)) {
		(void)fprintf(stderr, "usage: crash_store DIR KILLS\n");
		return 2;
	}
	(void)snprintf(log, sizeof log, "%s.log", argv[1]);
	sh = mmap(NULL, sizeof *sh, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED || !crypt_init() || log_open("crash_store", log) != 0)
		return 1;
	sh->seed = 1000;
	sample_settings(&settings, argv[1]);
	(void)setvbuf(stdout, NULL, _IOLBF, 0);
	kill_many(kills);
	(void)signal(SIGALRM, too_long);
	(void)alarm(CHECK_S + (unsigned)(acked(STEP_CREATED) / 500));
	end = clock_mono();
	if ((st = store_open(&settings, false, err)) == NULL) {
		(void)printf("WRONG: %s\n", err);
		return 1;
	}
	check_acks(st);
	total = check_templates(st);
	store_close(&st);
	for (int rc = ST_OK + 1; rc <= ST_IO; rc++)
		if (sh->errors[rc] > 0)
			(void)printf("%" PRIu64 " calls: %s\n", sh->errors[rc],
			    store_rc_text((enum store_rc)rc));
	if (sh->errors[ST_IO] + sh->errors[ST_CORRUPT] > 0)
		wrong("calls failed");
	(void)printf("%" PRIu64 " kills in %.1f s, %" PRIu64 " templates (%zu acknowledged), ",
	    kills, (double)(end - begin) / 1e6, total, acked(STEP_CREATED));
	(void)printf("%zu encodes, %zu postbacks, longest stall %" PRId64 " ms, ",
	    acked(STEP_ENCODED), acked(STEP_POSTED), sh->stall / 1000);
	(void)printf("%lu hangs, %lu worn, %lu wrong\n", hangs, worn, bad);
	return bad == 0 ? 0 : 1;
}
