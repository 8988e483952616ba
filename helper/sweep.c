/*
 * sweep: removes blobs that nothing refers to, and messages that ended long ago.
 *
 * Such blobs are left by a process that died between writing a blob and the commit that was to
 * name it. Their age of a day spares those that are about to be named; the lock of blob.h makes
 * sure of it.
 *
 * A thread of its own reads the folder, so that the helper hears of work and of signals
 * meanwhile. It does so only once in a while: run/helper.swept is as old as the last complete
 * sweep of any helper.
 */
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "blob/blob_upload.h"
#include "helper/encode.h"
#include "helper/helper.h"
#include "helper/sweep.h"
#include "helper/unused.h"
#include "media/encode_cache.h"

enum {
	AGE_SECONDS = 86400,
	UPLOAD_SECONDS = 3600, /* unused: an upload of the console (savemms-console(7)) */
	FORGET_AT_ONCE = 500,  /* messages in one transaction */
	EVERY_SECONDS = 3600,
	LOOK_US = 60 * 1000000 /* interval between looks at the age of run/helper.swept */
};

static struct {
	pthread_t thread;
	bool started; /* there is a thread to join */
	atomic_bool busy;
	int64_t next; /* clock_mono() */
} sweeper;

struct sweeping {
	struct helper *h;
	unsigned long removed;
	unsigned long long bytes;
};

/* Removes a blob that nothing refers to. Returns false if the media folder cannot be locked: the
 * sweep ends then, for it would wait for each blob. */
static bool
remove_unless_used(struct sweeping *sw, const char *sha, uint64_t bytes)
{
	enum unused u = unused_remove(sw->h, sha);

	if (u == UNUSED_REMOVED) {
		sw->removed++;
		sw->bytes += bytes;
	}
	return u != UNUSED_LOCKED;
}

/* Removes a blob whose note as an upload has expired, unless something refers to it or somebody has
 * stored it again meanwhile. */
static void
upload_expired(void *ctx, const char *sha, uint64_t bytes)
{
	struct sweeping *sw = ctx;
	char path[INSTANCE_PATH];
	struct stat st;

	blob_path(&sw->h->settings, sha, path, sizeof path);
	if (stat(path, &st) == 0 && clock_now() / 1000000 - (int64_t)st.st_mtime >= UPLOAD_SECONDS)
		remove_unless_used(sw, sha, bytes);
}

static void
sweep_uploads(struct helper *h)
{
	struct sweeping sw = { .h = h };

	if (blob_upload_expire(&h->settings, UPLOAD_SECONDS, upload_expired, &sw) != 0)
		log_error("sweeping the uploads: %m");
	if (sw.removed > 0)
		log_info("swept %lu uploads that were not used for an hour, %llu bytes", sw.removed,
		    sw.bytes);
}

static int
look(void *ctx, const char *sha, uint64_t bytes, int64_t age)
{
	struct sweeping *sw = ctx;
	uint64_t refs;

	if (age > AGE_SECONDS && store_blob_refs(sw->h->store, sha, &refs) == ST_OK && refs == 0 &&
	    !remove_unless_used(sw, sha, bytes))
		return 1;
	return sw->h->leaving ? 1 : 0;
}

/* Tells whether every rendition that the text of the plan names is still there. */
static bool
plan_whole(const struct settings *s, struct arena *a, const char *text)
{
	struct encode_cache_made made;
	bool whole = encode_cache_read(a, text, &made);

	for (unsigned k = 0; whole && k < made.ntargets; k++) {
		int fd = made.there[k] ? blob_open(s, made.r[k].sha) : -1;

		whole = !made.there[k] || fd >= 0;
		file_close(&fd);
	}
	return whole;
}

static void
sweep_plans(struct helper *h)
{
	char plan[SHA256_HEX] = "";
	enum store_rc rc = ST_OK;

	while (rc == ST_OK && !h->leaving) {
		struct arena *a = arena_new(1 << 20);
		const char *text;

		if (a == NULL)
			return;
		rc = store_plan_next(h->store, plan, a, plan, &text);
		if (rc == ST_OK && !plan_whole(&h->settings, a, text))
			rc = store_plan_drop(h->store, plan);
		arena_free(&a);
	}
	if (rc != ST_OK && rc != ST_NOTFOUND)
		log_error("sweeping the plans: %s", store_rc_text(rc));
}

/* Forgets messages that ended more than message-days ago. */
static void
sweep_messages(struct helper *h)
{
	const int64_t before = clock_now() - (int64_t)h->settings.message_days * 86400 * 1000000;
	unsigned long removed = 0;
	enum store_rc rc;
	size_t n;

	do {
		rc = store_message_expire(h->store, before, FORGET_AT_ONCE, &n);
		removed += n;
	} while (rc == ST_OK && n == FORGET_AT_ONCE && !h->leaving);
	if (rc != ST_OK)
		log_error("sweeping the messages: %s", store_rc_text(rc));
	if (removed > 0)
		log_info("forgot %lu messages older than %llu days", removed,
		    (unsigned long long)h->settings.message_days);
}

/* Wakes encodes that were left to the operator and are overdue. A helper claims them once more,
 * and they fail. */
static void
wake_overdue(struct helper *h)
{
	enum store_rc rc = ST_OK;
	uint64_t after = 0;

	while (rc == ST_OK && !h->leaving) {
		struct arena *a = arena_new(1 << 20);
		struct job *j;

		if (a == NULL)
			return;
		rc = store_job_next_dead_letter(h->store, JOB_ENCODE, after, a, &j);
		if (rc == ST_OK) {
			after = j->id;
			if (encode_overdue(&h->settings, j))
				rc = store_job_wake(h->store, j->id);
		}
		arena_free(&a);
	}
	if (rc != ST_OK && rc != ST_NOTFOUND && rc != ST_CONFLICT)
		log_error("looking for overdue encodes: %s", store_rc_text(rc));
}

static void
sweep(struct helper *h)
{
	struct sweeping sw = { .h = h };

	if (blob_each(&h->settings, look, &sw) < 0)
		log_error("sweeping the media folder: %m");
	sweep_plans(h);
	sweep_messages(h);
	if (sw.removed > 0)
		log_info("swept %lu blobs that nothing refers to, %llu bytes", sw.removed,
		    sw.bytes);
}

/* Tells whether a sweep is due. A mark from the future was made before the clock was set back. */
static bool
due(const char *mark)
{
	int64_t now = clock_now() / 1000000;
	struct stat st;

	return stat(mark, &st) != 0 || st.st_mtime > now || now - st.st_mtime >= EVERY_SECONDS;
}

static void
set_mark(const char *mark)
{
	int fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0 || futimens(fd, NULL) != 0)
		log_warn("%s: %m; media are swept sooner than needed", mark);
	file_close(&fd);
}

static void *
sweep_thread(void *ctx)
{
	struct helper *h = ctx;
	char mark[INSTANCE_PATH];

	settings_path(&h->settings, "run/helper.swept", mark, sizeof mark);
	wake_overdue(h);
	sweep_uploads(h);
	if (due(mark)) {
		sweep(h);
		if (!h->leaving)
			set_mark(mark);
	}
	sweeper.busy = false;
	return NULL;
}

void
sweep_begin(struct helper *h)
{
	if (sweeper.busy || clock_mono() < sweeper.next)
		return;
	sweep_end();
	sweeper.next = clock_mono() + LOOK_US;
	sweeper.busy = sweeper.started = true;
	if (pthread_create(&sweeper.thread, NULL, sweep_thread, h) != 0)
		sweeper.busy = sweeper.started = false; /* the next try comes in a minute */
}

bool
sweep_busy(void)
{
	return sweeper.busy;
}

void
sweep_end(void)
{
	if (sweeper.started)
		(void)pthread_join(sweeper.thread, NULL);
	sweeper.started = false;
}
