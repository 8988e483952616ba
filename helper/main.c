/*
 * savemms-helper: does what outlives a request. See savemms-helper(8).
 *
 * It is crash-only: work under way is leased, and if the helper is killed, another takes the work
 * over when the lease has run out.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "base/successor.h"
#include "base/where.h"
#include "helper/generation.h"
#include "helper/handed.h"
#include "helper/helper.h"
#include "helper/lease_renewer.h"
#include "helper/options.h"
#include "helper/sweep.h"
#include "helper/work.h"
#include "rights/user.h"
#include "net/http_client.h"
#include "ops/helpers.h"
#include "ops/meter.h"
#include "ops/needs.h"
#include "ops/reload.h"

enum { TICK_MS = 500, HAND_OVER_US = 8 * 1000000 }; /* HAND_OVER: see make_way() */

static struct helper helper;

static bool
start(struct helper *h, const struct options *o)
{
	char err[STORE_ERR], path[INSTANCE_PATH], host[24] = "", tail[9];
	struct settings *s = generation_first(h);
	bool became;

	if (settings_read(s, o->conf, err, sizeof err) != 0) {
		log_error("%s", err);
		return false;
	}
	if (user_become(s->owner, &became) != 0 || (became && user_clean_environment() != 0)) {
		log_error("root cannot become the owner of %s: %m", s->dir);
		return false;
	}
	settings_open_log(s, "savemms-helper");
	if (!crypt_init() || !http_client_init()) {
		log_error("libsodium or libcurl cannot be initialized");
		return false;
	}
	h->started = reload_note_start(s, SETTINGS_HELPER);
	(void)gethostname(host, sizeof host - 1);
	crypt_random_text(tail, sizeof tail - 1);
	(void)snprintf(h->owner, sizeof h->owner, "%s:%ld:%s", host, (long)getpid(), tail);
	h->transcoder = transcoder_new(s->transcode_program[0] != '\0' ? s->transcode_program :
									 NULL,
	    settings_encode_jobs(s));
	if (h->transcoder == NULL || (h->store = store_open(s, false, err)) == NULL) {
		log_error("%s", h->transcoder == NULL ? "out of memory" : err);
		return false;
	}
	/* one that does not stay is started again and again, by cron each minute */
	(void)needs_log(s, o->stay ? NULL : "run/helper.needs");
	settings_path(s, "run/helper.handed", path, sizeof path);
	h->handed = handed_open(path);
	settings_path(s, "run/meter", path, sizeof path);
	h->meter = meter_open(path);
	return true;
}

/* Opens the pipe through which others wake the helper, for writing too, so that it never ends.
 * Returns -1 if that fails; the log says why. */
static int
open_pipe(const struct settings *s)
{
	char path[INSTANCE_PATH];
	int fd;

	settings_path(s, "run/helper.wake", path, sizeof path);
	if (mkfifo(path, 0600) != 0 && errno != EEXIST)
		log_warn("%s: %m; new jobs are found only by polling", path);
	if ((fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0)
		log_warn("%s: %m; new jobs are found only by polling", path);
	return fd;
}

/* Takes the lock if nobody has it, for a helper that savemms.fcgi did not start: such a helper
 * is then woken and no other is started. Returns -1 if somebody has the lock or it cannot be
 * opened. */
static int
take_lock(const struct settings *s)
{
	char path[INSTANCE_PATH];
	int fd;

	settings_path(s, "run/helper.lock", path, sizeof path);
	if ((fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)) >= 0 &&
	    flock(fd, LOCK_EX | LOCK_NB) != 0)
		file_close(&fd);
	return fd;
}

static bool
nothing_left(const struct helper *h, const struct options *o)
{
	bool nothing_waits;
	uint64_t idle = work_idle_ms(&nothing_waits);

	return !o->stay && nothing_waits && idle > h->settings->helper_linger * 1000;
}

/* Runs until there is nothing left to do, a signal tells it to stop, or another program was
 * installed in its place. */
static void
serve(struct helper *h, struct options *o, int signals)
{
	struct pollfd pfd[2] = { { .fd = signals, .events = POLLIN },
		{ .fd = open_pipe(h->settings), .events = POLLIN } };
	char bytes[256];

	while (!h->stopping && !store_worn(h->store) && !(o->upgrade = successor_there())) {
		generation_look(h);
		sweep_begin(h);
		if (nothing_left(h, o) && !sweep_busy())
			break;
		if (poll(pfd, 2, TICK_MS) <= 0)
			continue;
		if (pfd[1].revents != 0 && read(pfd[1].fd, bytes, sizeof bytes) > 0)
			work_wake();
		if (pfd[0].revents != 0)
			h->stopping = true;
	}
	if (h->stopping)
		http_client_stop();
	file_close(&pfd[1].fd);
}

/* Waits until the workers have ended their jobs, or a signal tells them to stop, or the time has
 * come (clock_mono()). */
static void
wait_for_workers(struct helper *h, int signals, int64_t until)
{
	struct pollfd pfd = { .fd = signals, .events = POLLIN };

	while (!work_over() && !h->stopping && clock_mono() < until)
		if (poll(&pfd, 1, TICK_MS / 10) > 0)
			h->stopping = true;
}

/* Makes way for the program that was installed meanwhile: takes up no other jobs. One that is to
 * stay becomes that program itself, and hands back what takes longer than HAND_OVER_US; that is no
 * attempt. Else the new program is started beside this one, gets the lock and does what comes,
 * while this one ends its jobs, however long they take. */
static void
make_way(struct helper *h, struct options *o, int signals)
{
	log_info("another version was installed: making way for it");
	if (!o->stay) {
		o->upgrade = o->lock >= 0 &&
		    helpers_start(h->settings, successor_name(), o->lock) != 0;
		if (o->upgrade)
			log_error("starting %s: %m", successor_name());
		else
			file_close(&o->lock); /* without unlocking it: the new one has it */
	}
	work_leave(h);
	wait_for_workers(h, signals, o->upgrade ? clock_mono() + HAND_OVER_US : INT64_MAX);
	if (h->stopping)
		o->upgrade = false; /* it was told to stop */
	if (work_over())
		return;
	h->stopping = true;
	http_client_stop();
}

/* Does all jobs that are due, in this thread. Ends between two jobs when another program was
 * installed in this one's place. */
static void
drain(struct helper *h, struct options *o)
{
	bool some = true;

	/* a job may queue another: a delivery queues its postback */
	while (some && !h->stopping && !o->upgrade) {
		some = false;
		for (int k = 0; k < JOB_KINDS; k++)
			while (!h->stopping && !(o->upgrade = successor_there()) &&
			    work_once(h, (enum job_kind)k))
				some = true;
	}
}

static void
on_signal(int sig)
{
	(void)sig;
	helper.stopping = true;
}

/* Does drain(), which a signal can end too. */
static void
drain_until_signal(struct helper *h, struct options *o, const sigset_t *set)
{
	struct sigaction sa = { .sa_handler = on_signal };

	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)pthread_sigmask(SIG_UNBLOCK, set, NULL);
	drain(h, o);
}

/* Gives the lock back and looks for jobs once more: a process that queued one just now could not
 * get the lock. */
static void
look_once_more(struct helper *h, struct options *o, const sigset_t *set)
{
	if (o->lock >= 0)
		(void)flock(o->lock, LOCK_UN);
	file_close(&o->lock);
	if (!h->stopping)
		drain_until_signal(h, o, set);
}

static int
run(struct helper *h, struct options *o)
{
	bool replaced;
	sigset_t set;
	int signals;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (o->drain) {
		if (!lease_renewer_start(h))
			return 1;
		sweep_begin(h);
		drain_until_signal(h, o, &set);
		sweep_end();
		lease_renewer_stop();
		return 0;
	}
	if (o->lock < 0)
		o->lock = take_lock(h->settings);
	(void)pthread_sigmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0 || !lease_renewer_start(h) || !work_start(h)) {
		log_error("cannot start threads: %m");
		return 1;
	}
	serve(h, o, signals);
	if ((replaced = o->upgrade))
		make_way(h, o, signals);
	work_join(h);
	sweep_end();
	if (!replaced)
		look_once_more(h, o, &set);
	lease_renewer_stop();
	return 0;
}

/* Goes on as the program that was installed meanwhile, with the lock if there is one. */
static void
become_successor(const struct options *o)
{
	char lock[16];
	const char *argv[7] = { successor_name() };
	unsigned n = 1;

	if (o->conf != NULL) {
		argv[n++] = "-C";
		argv[n++] = o->conf;
	}
	if (o->stay || o->drain)
		argv[n++] = o->stay ? "--stay" : "--drain";
	if (o->lock >= 0 && fcntl(o->lock, F_SETFD, 0) == 0) {
		(void)snprintf(lock, sizeof lock, "%d", o->lock);
		argv[n++] = "--lock-fd";
		argv[n++] = lock;
	}
	successor_exec((char *const *)(uintptr_t)argv);
	log_error("%s cannot be started: %m", successor_name());
}

int
main(int argc, char **argv)
{
	struct options o = { .lock = -1 };
	int rc;

	(void)log_open("savemms-helper", NULL);
	if (!where_set_environment())
		return 1;
	if ((rc = options_read(argc, argv, &o)) >= 0)
		return rc;
	successor_watch(argv[0]);
	(void)umask(077);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)mallopt(M_ARENA_MAX, 2);
	if (!start(&helper, &o))
		return 1;
	helpers_note(helper.settings);
	rc = run(&helper, &o);
	helpers_note(helper.settings);
	store_close(&helper.store);
	transcoder_free(&helper.transcoder);
	handed_close(&helper.handed);
	meter_close(&helper.meter);
	file_close(&helper.started);
	if (o.upgrade)
		become_successor(&o);
	return rc;
}
