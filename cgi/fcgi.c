/*
 * fcgi: serves requests from the web server by FastCGI, in threads.
 *
 * How it stops: only the main thread receives SIGTERM, SIGINT and SIGUSR1. It wakes every
 * worker with a signal that interrupts accept(), and waits for requests in progress as long as
 * a web server usually allows. A request that is killed after that has acknowledged nothing
 * that is not on disk.
 */
#include "cgi/fcgi.h"

#include <fcgiapp.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "cgi/app.h"
#include "cgi/concurrency_limit.h"
#include "cgi/generation.h"
#include "cgi/park.h"
#include "cgi/plain_cgi.h"
#include "cgi/route.h"
#include "cgi/stopping.h"
#include "cgi/upgrade.h"
#include "cgi/start_helper.h"
#include "net/http_client.h"
#include "ops/needs.h"
#include "ops/reload.h"

extern char **environ;

enum {
	THREAD_STACK = 512 << 10,
	SPARE_THREADS = 8,
	STOP_SECONDS = 5,
	GRACE_SECONDS = 40, /* likewise, after SIGUSR1 */
	FILES = 65536,
	UPGRADE_LOOK_S = 1, /* how often it looks for another version */
};

/* One request by FastCGI. */
struct fcgi {
	FCGX_Request r;
	int64_t deadline; /* for the body, by clock_mono(); 0: no deadline */
};

static const char *
fcgi_param(void *ctx, const char *name)
{
	struct fcgi *f = ctx;

	return FCGX_GetParam(name, f->r.envp);
}

/* Limits how long a read or a write may wait, so that nobody can hold a worker by sending or
 * taking bytes slowly. */
static void
limit_waits(const FCGX_Request *r, int64_t us)
{
	const struct timeval tv = { .tv_sec = us / 1000000, .tv_usec = us % 1000000 };

	(void)setsockopt(r->ipcFd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof tv);
	(void)setsockopt(r->ipcFd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof tv);
}

/* Returns the bytes that have arrived, at least one. The library, asked for more, would wait for
 * all of it, however slowly it arrives. */
static ssize_t
fcgi_read(void *ctx, char *p, size_t n)
{
	struct fcgi *f = ctx;
	FCGX_Stream *in = f->r.in;
	int64_t left = f->deadline - clock_mono();
	int c;

	if (f->deadline != 0 && left <= 0)
		return -1;
	if (f->deadline != 0 && in->rdNext == in->stop)
		limit_waits(&f->r, left);
	if ((c = FCGX_GetChar(in)) < 0)
		return FCGX_GetError(in) != 0 ? -1 : 0;
	*p = (char)c;
	n = n - 1 < (size_t)(in->stop - in->rdNext) ? n - 1 : (size_t)(in->stop - in->rdNext);
	return 1 + FCGX_GetStr(p + 1, (int)n, in);
}

static bool
fcgi_write(void *ctx, const char *p, size_t n)
{
	FCGX_Request *r = &((struct fcgi *)ctx)->r;

	while (n > 0) {
		int part = n > 1 << 20 ? 1 << 20 : (int)n;

		if (FCGX_PutStr(p, part, r->out) != part)
			return false;
		p += part;
		n -= (size_t)part;
	}
	return true;
}

static struct http
fcgi_http(void *ctx)
{
	const struct http http = { .param = fcgi_param,
		.read = fcgi_read,
		.write = fcgi_write,
		.ctx = ctx };

	return http;
}

/* Reads the rest of a request's body if it arrives in time, because a server that reuses
 * connections must find the next request after it. If it does not arrive, the library must not
 * wait for it either: it would read to the end before it closes. */
static void
drain(struct fcgi *f)
{
	char block[4096];
	ssize_t n;

	while ((n = fcgi_read(f, block, sizeof block)) > 0)
		;
	if (n < 0)
		(void)shutdown(f->r.ipcFd, SHUT_RD);
}

static void
serve(struct app *app, struct fcgi *f)
{
	struct http http = fcgi_http(f);
	struct answer answer;
	int64_t patience = (int64_t)app->settings.body_seconds * 1000000;

	f->deadline = clock_mono() + patience;
	limit_waits(&f->r, patience);

	answer_init(&answer);
	route(app, &http, &answer);
	limit_waits(&f->r, patience);
	(void)answer_send(&answer, &http); /* a caller that has disconnected is not our fault */
	answer_end(&answer);
	(void)FCGX_FFlush(f->r.out); /* it does not wait for a body that was refused */
	drain(f);
	FCGX_Finish_r(&f->r);
}

/* Refuses a request at once, because the concurrency limit is reached. It does not wait for the
 * body. */
static void
turn_away(const struct app *app, struct fcgi *f)
{
	struct http http = fcgi_http(f);

	limit_waits(&f->r, (int64_t)app->settings.body_seconds * 1000000);
	answer_refuse(&http, &app->settings);
	FCGX_Finish_r(&f->r);
}

static void
wake(int sig)
{
	(void)sig; /* its only use is to interrupt accept() */
}

static void *
worker(void *ctx)
{
	struct fcgi f;

	if (FCGX_InitRequest(&f.r, 0, FCGI_FAIL_ACCEPT_ON_INTR) != 0) {
		log_error("a worker cannot be made ready for requests");
		park_leave();
		return NULL;
	}
	while (!stopping()) {
		struct app *app;

		park_here();
		if (FCGX_Accept_r(&f.r) < 0) {
			const struct timespec nap = { .tv_nsec = 50000000 };

			(void)nanosleep(&nap, NULL); /* descriptors or memory short: that passes */
			continue;
		}
		if (FCGX_GetParam(PARK_NAME, f.r.envp) != NULL) {
			FCGX_Finish_r(&f.r);
			continue;
		}
		app = generation_now();
		if (concurrency_request((unsigned)app->settings.threads)) {
			serve(app, &f);
			concurrency_request_done();
		} else {
			turn_away(app, &f);
		}
		if (store_worn(app->store))
			(void)kill(getpid(), SIGTERM); /* the web server starts a fresh one */
	}
	FCGX_Free(&f.r, 1);
	park_leave();
	return ctx;
}

/* Blocks the stop signals in this thread and those it starts. */
static void
block_stop_signals(sigset_t *set)
{
	(void)sigemptyset(set);
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
	(void)sigaddset(set, SIGUSR1);
	(void)pthread_sigmask(SIG_BLOCK, set, NULL);
}

static unsigned
start_workers(pthread_t *threads, unsigned n)
{
	struct sigaction sa = { .sa_handler = wake };
	pthread_attr_t attr;
	unsigned i = 0;

	(void)sigaction(SIGUSR2, &sa, NULL);
	if (pthread_attr_init(&attr) != 0)
		return 0;
	(void)pthread_attr_setstacksize(&attr, THREAD_STACK);
	while (i < n && pthread_create(&threads[i], &attr, worker, NULL) == 0)
		i++;
	(void)pthread_attr_destroy(&attr);
	return i;
}

/* Joins the workers that have ended. Returns how many have not. */
static unsigned
join_workers(pthread_t *threads, unsigned n)
{
	unsigned left = 0;

	for (unsigned i = 0; i < n; i++) {
		(void)pthread_kill(threads[i], SIGUSR2);
		if (pthread_tryjoin_np(threads[i], NULL) != 0)
			threads[left++] = threads[i];
	}
	return left;
}

/* Lets requests finish for half of so many seconds, then aborts their transfers. Exits the process
 * if some still run at the end. */
static void
stop_workers(pthread_t *threads, unsigned n, int seconds)
{
	int64_t patience = clock_mono() + seconds * INT64_C(500000),
		end = clock_mono() + seconds * INT64_C(1000000);

	stopping_begin();
	while ((n = join_workers(threads, n)) > 0 && clock_mono() < end) {
		const struct timespec nap = { .tv_nsec = 20000000 };

		if (clock_mono() > patience)
			http_client_stop();
		(void)nanosleep(&nap, NULL);
	}
	if (n > 0) {
		log_warn("stopping with %u requests under way", n);
		_exit(0); /* their data must stay allocated */
	}
}

/* Raises the limit of open files: a request with media in all its slides has some hundred files
 * open. */
static void
raise_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur >= FILES)
		return;
	r.rlim_cur = r.rlim_max < FILES ? r.rlim_max : FILES;
	if (setrlimit(RLIMIT_NOFILE, &r) != 0)
		log_warn("the limit of open files stays as it is: %m");
}

/* Waits for a signal to stop, and looks for another version meanwhile. Returns the signal. */
static int
wait_for_end(struct app *app, unsigned workers, const sigset_t *set)
{
	const struct timespec look = { .tv_sec = UPGRADE_LOOK_S };
	int sig;

	while ((sig = sigtimedwait(set, NULL, &look)) < 0)
		upgrade(app, workers);
	return sig;
}

/* Starts a helper if there are jobs: the last one may have ended with the program that this one
 * follows. */
static void
take_up_work(const struct app *app)
{
	struct job_stats n;
	uint64_t jobs = 0;

	if (store_job_stats(app->store, &n) != ST_OK)
		return;
	for (int kind = 0; kind < JOB_KINDS; kind++)
		jobs += n.queued[kind] + n.leased[kind];
	if (jobs > 0)
		start_helper(&app->settings);
}

static int
serve_fastcgi(struct app *app)
{
	/* a few more than the limit, to refuse the requests beyond it */
	unsigned n = (unsigned)app->settings.threads + SPARE_THREADS, started;
	pthread_t *threads = calloc(n, sizeof *threads);
	sigset_t set;
	int noted;

	if (threads == NULL)
		return 1;
	reload_tell_of_change(&app->settings);
	generation_first(app);
	noted = reload_note_start(&app->settings, SETTINGS_WEB);
	(void)needs_log(&app->settings, NULL);
	raise_descriptors();
	take_up_work(app);
	block_stop_signals(&set);
	started = start_workers(threads, n);
	if (started < n)
		log_warn("only %u of %u threads could be started", started, n);
	if (started > 0) {
		int sig = wait_for_end(app, started, &set);

		stop_workers(threads, started, sig == SIGUSR1 ? GRACE_SECONDS : STOP_SECONDS);
	}
	free(threads);
	file_close(&noted);
	return started > 0 ? 0 : 1;
}

int
fcgi_main(struct app *app)
{
	struct fcgi first = { .deadline = 0 };
	struct http http = fcgi_http(&first);
	bool ready;

	(void)signal(SIGPIPE, SIG_IGN);
	if (FCGX_IsCGI())
		return plain_cgi_main(app);
	if (getenv("SAVEMMS_CONF") != NULL && app_start(app, NULL))
		return FCGX_Init() == 0 ? serve_fastcgi(app) : 1;
	/* the requests name the instance, or it cannot be served at the moment */
	if (FCGX_Init() != 0 || FCGX_InitRequest(&first.r, 0, 0) != 0 ||
	    FCGX_Accept_r(&first.r) < 0)
		return 1;
	ready = app_start(app, FCGX_GetParam("SAVEMMS_CONF", first.r.envp));
	if (ready)
		serve(app, &first);
	else
		answer_refuse(&http, &app->settings);
	FCGX_Finish_r(&first.r);
	FCGX_Free(&first.r, 1);
	return ready ? serve_fastcgi(app) : 1;
}
