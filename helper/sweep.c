/*
 * sweep: removes blobs that nothing refers to, and forgets messages that ended long ago, handsets
 * not seen for as long, and answers kept for repeated requests.
 *
 * Such blobs are left by a process that died between writing a blob and the commit that was to
 * name it. Their age of a day spares those that are about to be named; the lock of blob.h makes
 * sure of it.
 *
 * A thread of its own reads the folder, so that the helper hears of work and of signals
 * meanwhile. It does so only once in a while: run/helper.swept is as old as the last complete
 * sweep of any helper. One helper sweeps at a time: it holds run/sweep.lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sys/file.h>
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
#include "store/kept/kept.h"
#include "store/store_sending.h"

enum {
	AGE_SECONDS = 86400,
	UPLOAD_SECONDS = 3600, /* unused: an upload of the console (savemms-console(7)) */
	FORGET_AT_ONCE = 500,  /* looked at in one transaction */
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

/* Removes a blob of that age that nothing refers to. Returns false if the media folder cannot be
 * locked: the sweep ends then, for it would wait for each blob. */
static bool
remove_unless_used(struct sweeping *sw, const char *sha, uint64_t bytes, int64_t seconds)
{
	enum unused u = unused_remove(sw->h, sha, seconds);

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
	remove_unless_used(ctx, sha, bytes, UPLOAD_SECONDS);
}

static void
sweep_uploads(struct helper *h)
{
	struct sweeping sw = { .h = h };

	if (blob_upload_expire(h->settings, UPLOAD_SECONDS, upload_expired, &sw) != 0)
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
	    !remove_unless_used(sw, sha, bytes, AGE_SECONDS))
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

/* Somebody else may change or remove what is looked at. That is no reason to stop. */
static enum store_rc
pass_by(enum store_rc rc)
{
	return rc == ST_CONFLICT || rc == ST_NOTFOUND ? ST_OK : rc;
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
		if (rc == ST_OK && !plan_whole(h->settings, a, text))
			rc = pass_by(store_plan_forget(h->store, plan, text));
		arena_free(&a);
	}
	if (rc != ST_OK && rc != ST_NOTFOUND)
		log_error("sweeping the plans: %s", store_rc_text(rc));
}

/* What cannot be read holds up no other: if the walk has moved on from it, it is logged, and ST_OK
 * returned. Any other rc is returned as it is. */
static enum store_rc
pass_by_unreadable(enum store_rc rc, bool moved, const char *what, uint64_t id)
{
	if (rc != ST_CORRUPT || !moved)
		return rc;
	log_error("%s %" PRIu64 ": %s", what, id, store_rc_text(rc));
	return ST_OK;
}

/* Removes the templates of sendMMS whose links have expired. Their blobs go with all others that
 * nothing refers to; none is removed here, so the lock of the media is not needed. */
static void
sweep_sent(struct helper *h)
{
	struct sending_expiry x = { .id = 0 };
	unsigned long removed = 0;
	enum store_rc rc = ST_OK;

	while (rc == ST_OK && !h->leaving) {
		struct arena *a = arena_new(1 << 20);
		const uint64_t was = x.id;
		struct orphans left;

		if (a == NULL)
			return;
		rc = store_sending_expired(h->store, &x);
		if (rc == ST_OK && x.gone) {
			rc = store_template_remove(h->store, x.account, x.id, a, &left);
			removed += rc == ST_OK;
			if (rc == ST_NOTFOUND)
				rc = store_sending_forget(h->store, &x);
			else if (rc == ST_CONFLICT)
				rc = ST_OK;
		}
		rc = pass_by_unreadable(rc, x.id != was, "template", x.id);
		arena_free(&a);
	}
	if (rc != ST_OK && rc != ST_NOTFOUND)
		log_error("sweeping the templates of sendMMS: %s", store_rc_text(rc));
	if (removed > 0)
		log_info("removed %lu templates of sendMMS whose links had expired", removed);
}

/* Forgets messages that ended more than message-days ago. */
static void
sweep_messages(struct helper *h, int64_t before)
{
	struct message_expiry x = { .before = before, .max = FORGET_AT_ONCE };
	unsigned long removed = 0;
	enum store_rc rc = ST_OK;

	while (rc == ST_OK && !x.over && !h->leaving)
		if ((rc = store_message_expire(h->store, &x)) == ST_OK)
			removed += x.removed;
	if (rc != ST_OK)
		log_error("sweeping the messages: %s", store_rc_text(rc));
	if (removed > 0)
		log_info("forgot %lu messages older than %llu days", removed,
		    (unsigned long long)h->settings->message_days);
}

/* Forgets handsets that no report has named for message-days. */
static void
sweep_handsets(struct helper *h, int64_t before)
{
	struct handset_expiry x = { .before = before, .max = FORGET_AT_ONCE };
	unsigned long removed = 0;
	enum store_rc rc = ST_OK;

	while (rc == ST_OK && !x.over && !h->leaving)
		if ((rc = store_handset_expire(h->store, &x)) == ST_OK)
			removed += x.removed;
	if (rc != ST_OK)
		log_error("sweeping the handsets: %s", store_rc_text(rc));
	if (removed > 0)
		log_info("forgot the handsets of %lu numbers", removed);
}

/* Forgets answers that were kept for idempotency-ttl. */
static void
sweep_kept(struct helper *h)
{
	struct kept_expiry x = { .ttl_s = h->settings->idempotency_ttl, .max = FORGET_AT_ONCE };
	unsigned long removed = 0;
	enum store_rc rc = ST_OK;

	while (rc == ST_OK && !x.over && !h->leaving)
		if ((rc = store_kept_expire(h->store, &x)) == ST_OK)
			removed += x.removed;
	if (rc != ST_OK)
		log_error("sweeping the kept answers: %s", store_rc_text(rc));
	if (removed > 0)
		log_info("forgot %lu answers that were kept for repeated requests", removed);
}

/* Wakes encodes that were left to the operator and are overdue. A helper claims them once more,
 * and they fail. Ends messages that wait for one and whose time is over. */
static void
wake_overdue(struct helper *h)
{
	enum store_rc rc = ST_OK;
	uint64_t after = 0;

	while (rc == ST_OK && !h->leaving) {
		struct arena *a = arena_new(1 << 20);
		const uint64_t was = after;
		struct job *j;

		if (a == NULL)
			return;
		rc = store_job_next_dead_letter(h->store, JOB_ENCODE, &after, a, &j);
		if (rc == ST_OK)
			encode_end_message(h, j);
		if (rc == ST_OK && encode_overdue(h->settings, j))
			rc = pass_by(store_job_wake(h->store, j->id));
		rc = pass_by_unreadable(rc, after != was, "job", after);
		arena_free(&a);
	}
	if (rc != ST_OK && rc != ST_NOTFOUND)
		log_error("looking for overdue encodes: %s", store_rc_text(rc));
}

static void
sweep(struct helper *h)
{
	const int64_t before = clock_now() - (int64_t)h->settings->message_days * 86400 * 1000000;
	struct sweeping sw = { .h = h };

	sweep_sent(h);
	if (blob_each(h->settings, look, &sw) < 0)
		log_error("sweeping the media folder: %m");
	sweep_plans(h);
	sweep_messages(h, before);
	sweep_handsets(h, before);
	sweep_kept(h);
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

/* Returns the descriptor of the lock, or -1 if another helper is sweeping. */
static int
lock_sweep(const struct helper *h)
{
	char path[INSTANCE_PATH];
	int fd;

	settings_path(h->settings, "run/sweep.lock", path, sizeof path);
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) < 0)
		log_error("%s: %m; nothing is swept", path);
	else if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			log_error("%s: %m; nothing is swept", path);
		file_close(&fd);
	}
	return fd;
}

static void *
sweep_thread(void *ctx)
{
	struct helper *h = ctx;
	char mark[INSTANCE_PATH];
	int lock = -1;

	settings_path(h->settings, "run/helper.swept", mark, sizeof mark);
	wake_overdue(h);
	sweep_uploads(h);
	/* the second look: another may have swept before the lock was taken */
	if (due(mark) && (lock = lock_sweep(h)) >= 0 && due(mark)) {
		sweep(h);
		if (!h->leaving)
			set_mark(mark);
	}
	file_close(&lock);
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
