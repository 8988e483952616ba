/*
 * bench_compose DIR SECONDS [ROUNDS]: composes messages and hands them to the spool, in
 * one thread. The template has three slides (image, audio, video, each with a text and
 * merge tags), its media are referred to, and batches of 64 have one sync each.
 *
 * By turns with this it measures the disk alone: as many files of the same size, written,
 * synced and renamed in the same way. It also measures composing alone, into memory.
 * Prints medians over the rounds, the ratio, the CPU time of a message, and the resident
 * memory after the first and after the last round.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/num.h"
#include "blob/blob.h"
#include "mms_sample.h"
#include "sample.h"
#include "send/transport.h"

enum { BATCH = 64, ROUNDS_MAX = 99, PATH_SIZE = 4096 };

static struct settings settings;
static struct transport to_spool = { .name = "spool", .kind = TRANSPORT_SPOOL };
static struct mms_sample sample[BATCH];
static char bare[PATH_SIZE], bare_temp[PATH_SIZE];
static uint64_t tracking;
static size_t size; /* of one file */

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

/* --- the measurements: each does one batch ---------------------------------------- */

static void
spool_batch(void)
{
	struct arena *a = arena_new(16 << 20);
	struct transport_job job[BATCH], *jobs[BATCH];

	for (size_t i = 0; i < BATCH; i++) {
		mms_sample_tracking(&sample[i], ++tracking);
		job[i] = (struct transport_job){
			.settings = &settings,
			.transport = &to_spool,
			.m = &sample[i].m,
			.mms = compose(a, &sample[i].in),
			.report_url = "",
		};
		jobs[i] = &job[i];
		if (job[i].mms == NULL)
			die("compose");
		transport_submit(&job[i], a);
	}
	transport_settle(jobs, BATCH);
	for (size_t i = 0; i < BATCH; i++)
		if (job[i].rc != TRANSPORT_TAKEN)
			die(job[i].why);
	arena_free(&a);
}

static void
compose_batch(void)
{
	struct arena *a = arena_new(16 << 20);

	for (size_t i = 0; i < BATCH; i++) {
		mms_sample_tracking(&sample[i], ++tracking);
		if (compose(a, &sample[i].in) == NULL)
			die("compose");
	}
	arena_free(&a);
}

static void
bare_batch(void)
{
	static char block[1 << 16];
	char name[PATH_SIZE], temp[PATH_SIZE];
	uint64_t first = tracking + 1;
	int fd;

	memset(block, 'x', size);
	for (size_t i = 0; i < BATCH; i++) {
		(void)snprintf(temp, sizeof temp, "%.4000s/%llu", bare_temp,
		    (unsigned long long)++tracking);
		if ((fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0 ||
		    file_write(fd, block, size) != 0)
			die(temp);
		file_close(&fd);
	}
	if ((fd = open(bare, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 || syncfs(fd) != 0)
		die(bare);
	for (uint64_t n = first; n <= tracking; n++) {
		(void)snprintf(temp, sizeof temp, "%.4000s/%llu", bare_temp, (unsigned long long)n);
		(void)snprintf(name, sizeof name, "%.4000s/%llu", bare, (unsigned long long)n);
		if (rename(temp, name) != 0)
			die(name);
	}
	if (fsync(fd) != 0)
		die(bare);
	file_close(&fd);
}

/* --- measuring --------------------------------------------------------------------- */

struct rate {
	double a_second, cpu_us;
};

static struct rate
measure(void (*batch)(void), double seconds)
{
	int64_t from = clock_mono(), end = from + (int64_t)(seconds * 1e6);
	clock_t cpu = clock();
	double n = 0;

	while (clock_mono() < end) {
		batch();
		n += BATCH;
	}
	return (struct rate){ n * 1e6 / (double)(clock_mono() - from),
		(double)(clock() - cpu) * 1e6 / CLOCKS_PER_SEC / n };
}

static int
ascending(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, ascending);
	return v[n / 2];
}

/* Returns the resident memory of this process in KiB. */
static long
resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long pages = 0;

	if (f == NULL || fscanf(f, "%*s %ld", &pages) != 1)
		die("statm");
	(void)fclose(f);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
prepare(const char *dir)
{
	char path[PATH_SIZE];
	int fd;

	sample_settings(&settings, dir);
	(void)snprintf(bare, sizeof bare, "%.4000s/bare", dir);
	(void)snprintf(bare_temp, sizeof bare_temp, "%.4000s/bare/tmp", dir);
	if (!crypt_init() || blob_init(&settings) != 0 || file_mkdirs(bare_temp) != 0)
		die(dir);
	for (size_t i = 0; i < BATCH; i++)
		mms_sample(&sample[i], &settings, i == 0);
	for (size_t i = 1; i < BATCH; i++) { /* the same blobs for all */
		memcpy(sample[i].medium, sample[0].medium, sizeof sample[i].medium);
		memcpy(sample[i].rendition, sample[0].rendition, sizeof sample[i].rendition);
	}
	spool_batch();
	(void)snprintf(path, sizeof path, "%.2000s/outbox/%s.mms", settings.dir,
	    sample[0].m.tracking);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		die(path);
	size = (size_t)file_size(fd);
	file_close(&fd);
}

int
main(int argc, char **argv)
{
	double spool[ROUNDS_MAX], disk[ROUNDS_MAX], alone[ROUNDS_MAX], ratio[ROUNDS_MAX],
	    cpu[ROUNDS_MAX];
	uint64_t seconds, rounds = 5;
	long before = 0;

	if (argc < 3 || argc > 4 || !num_u64(argv[2], 1, 600, &seconds) ||
	    (argc == 4 && !num_u64(argv[3], 1, ROUNDS_MAX, &rounds))) {
		(void)fprintf(stderr, "usage: bench_compose DIR SECONDS [ROUNDS]\n");
		return 2;
	}
	prepare(argv[1]);
	for (uint64_t i = 0; i < rounds; i++) {
		struct rate s = measure(spool_batch, (double)seconds),
			    d = measure(bare_batch, (double)seconds);

		spool[i] = s.a_second;
		cpu[i] = s.cpu_us;
		disk[i] = d.a_second;
		ratio[i] = s.a_second / d.a_second;
		alone[i] = measure(compose_batch, (double)seconds / 4).a_second;
		before = i == 0 ? resident() : before;
	}
	(void)printf(
	    "%.0f messages/s composed and spooled, files of %zu bytes, %.0f us CPU each (aim: 5000)\n",
	    median(spool, rounds), size, median(cpu, rounds));
	(void)printf("%.0f files/s of the disk alone\n", median(disk, rounds));
	(void)printf("%.0f messages/s composed in memory\n", median(alone, rounds));
	(void)printf("ratio spool / disk: %.2f\n", median(ratio, rounds));
	(void)printf("resident memory: %ld KiB after the first round, %ld KiB after the last\n",
	    before, resident());
	return 0;
}
