/*
 * bench_commit DIR THREADS SECONDS [PROCESSES]: measures the commits a second that reach
 * the disk. Prints three lines, each of which begins with its number:
 *
 * the library alone, with its defaults: THREADS threads of one process put records of
 * 3 KB, each in a transaction that ends with DB_TXN_SYNC;
 * the store: store_template_create() of a template of 3 KB with its indexes and
 * references, by THREADS threads in each of PROCESSES (1) processes;
 * the disk: appends of 3 KB, each with an fdatasync.
 *
 * It includes db.h, which the product does only in the files lib/store/bdb/bdb*.c.
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <db.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/num.h"
#include "sample.h"
#include "store/store.h"

enum { RECORD = 3000, THREADS_MAX = 256, PROCESSES_MAX = 64 };

static struct settings settings;
static struct store *st;
static int64_t *until; /* shared: when to stop */
static _Atomic uint64_t *made, *failed, *worst;

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static void *
creator(void *arg)
{
	uint64_t seed = (uint64_t)(uintptr_t)arg << 32;
	struct sample s;

	for (int64_t from; (from = clock_mono()) < *until; seed += 20) {
		sample_template(&s, 1, seed);
		if (store_template_create(st, &s.t, NULL, 0, NULL) == ST_OK) {
			uint64_t us = (uint64_t)(clock_mono() - from);

			atomic_fetch_add(made, 1);
			if (us > atomic_load(worst))
				atomic_store(worst, us);
		} else
			atomic_fetch_add(failed, 1);
	}
	return NULL;
}

/* --- the library alone ------------------------------------------------------------ */

static DB_ENV *env;
static DB *db;

static int
commit_one(uint64_t key, char record[RECORD])
{
	DB_TXN *txn;
	DBT k, v;
	int ret;

	memset(&k, 0, sizeof k);
	memset(&v, 0, sizeof v);
	k.data = &key;
	k.size = sizeof key;
	v.data = record;
	v.size = RECORD;
	if ((ret = env->txn_begin(env, NULL, &txn, 0)) != 0)
		return ret;
	if ((ret = db->put(db, txn, &k, &v, 0)) == 0)
		return txn->commit(txn, DB_TXN_SYNC);
	(void)txn->abort(txn);
	return ret;
}

static void *
committer(void *arg)
{
	uint64_t key = (uint64_t)(uintptr_t)arg << 32;
	char record[RECORD];

	memset(record, 'x', sizeof record);
	while (clock_mono() < *until) {
		int ret = commit_one(key, record);

		if (ret == 0) {
			key++;
			atomic_fetch_add(made, 1);
		} else if (ret != DB_LOCK_DEADLOCK)
			die("commit");
	}
	return NULL;
}

static void
run_threads(void *(*fn)(void *), uint64_t first, uint64_t threads)
{
	pthread_t t[THREADS_MAX];

	for (uint64_t i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, fn, (void *)(uintptr_t)(first + i)) != 0)
			die("thread");
	for (uint64_t i = 0; i < threads; i++)
		(void)pthread_join(t[i], NULL);
}

static void
measure_library(const char *dir, uint64_t seconds, uint64_t threads)
{
	char path[4096];

	(void)snprintf(path, sizeof path, "%s/bare", dir);
	if (file_mkdirs(path) != 0 || db_env_create(&env, 0) != 0 ||
	    env->set_cachesize(env, 0, 16 << 20, 1) != 0 ||
	    env->set_lg_bsize(env, 256 << 10) != 0 ||
	    env->set_lk_detect(env, DB_LOCK_DEFAULT) != 0 ||
	    env->open(env, path,
		DB_CREATE | DB_INIT_LOG | DB_INIT_MPOOL | DB_INIT_TXN | DB_INIT_LOCK | DB_THREAD,
		0600) != 0 ||
	    db_create(&db, env, 0) != 0 || db->set_pagesize(db, 4096) != 0 ||
	    db->open(db, NULL, "bare.db", NULL, DB_BTREE, DB_CREATE | DB_AUTO_COMMIT | DB_THREAD,
		0600) != 0)
		die(path);
	*made = 0;
	*until = clock_mono() + (int64_t)seconds * 1000000;
	run_threads(committer, 1, threads);
	(void)printf("%.0f commits/s of the library alone, %" PRIu64 " threads, DB_TXN_SYNC\n",
	    (double)*made / (double)seconds, threads);
	(void)db->close(db, DB_NOSYNC);
	(void)env->close(env, 0);
}

/* --- the store --------------------------------------------------------------------- */

static void
process(uint64_t me, uint64_t threads)
{
	char err[STORE_ERR];

	if ((st = store_open(&settings, true, err)) == NULL) {
		(void)fprintf(stderr, "%s\n", err);
		_exit(1);
	}
	run_threads(creator, me * THREADS_MAX + 1, threads);
	store_close(&st);
	_exit(0);
}

static void
measure_store(uint64_t seconds, uint64_t threads, uint64_t processes)
{
	struct rusage u;
	double cpu;

	*made = 0;
	*until = clock_mono() + (int64_t)seconds * 1000000;
	(void)fflush(stdout);
	for (uint64_t p = 0; p < processes; p++)
		switch (fork()) {
		case -1:
			die("fork");
			break;
		case 0:
			process(p, threads);
		}
	while (wait(NULL) > 0)
		;
	(void)getrusage(RUSAGE_CHILDREN, &u);
	cpu = (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
	(void)printf("%.0f creates/s of the store, %" PRIu64 " processes of %" PRIu64 " threads, "
		     "%.0f us CPU each, longest %" PRIu64 " ms, %" PRIu64 " failed\n",
	    (double)*made / (double)seconds, processes, threads,
	    *made > 0 ? cpu / (double)*made : 0, *worst / 1000, *failed);
}

static void
measure_disk(const char *dir, uint64_t seconds)
{
	char path[4096], record[RECORD];
	int64_t end;
	uint64_t n = 0;
	int fd;

	memset(record, 'x', sizeof record);
	(void)snprintf(path, sizeof path, "%s/append", dir);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) < 0)
		die(path);
	for (end = clock_mono() + (int64_t)seconds * 1000000; clock_mono() < end; n++)
		if (file_write(fd, record, sizeof record) != 0 || fdatasync(fd) != 0)
			die(path);
	(void)printf("%.0f appends and syncs/s of the disk, 1 thread\n",
	    (double)n / (double)seconds);
	file_close(&fd);
}

int
main(int argc, char **argv)
{
	uint64_t seconds, threads, processes = 1, *page;

	if (argc < 4 || argc > 5 || !num_u64(argv[2], 1, THREADS_MAX, &threads) ||
	    !num_u64(argv[3], 1, 600, &seconds) ||
	    (argc == 5 && !num_u64(argv[4], 1, PROCESSES_MAX, &processes))) {
		(void)fprintf(stderr, "usage: bench_commit DIR THREADS SECONDS [PROCESSES]\n");
		return 2;
	}
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || log_open("bench_commit", "/dev/null") != 0)
		die("start");
	until = (int64_t *)(void *)page;
	made = (_Atomic uint64_t *)(void *)(page + 1);
	failed = (_Atomic uint64_t *)(void *)(page + 2);
	worst = (_Atomic uint64_t *)(void *)(page + 3);
	sample_settings(&settings, argv[1]);
	measure_library(argv[1], seconds, threads);
	measure_store(seconds, threads, processes);
	measure_disk(argv[1], seconds);
	return 0;
}
