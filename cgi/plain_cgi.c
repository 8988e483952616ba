/* plain_cgi: see plain_cgi.h */
#include "cgi/plain_cgi.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "cgi/app.h"
#include "cgi/route.h"

enum { DRAIN_SECONDS = 5 };

struct cgi {
	int64_t deadline; /* for the body, by clock_mono() */
};

static const char *
param_cgi(void *ctx, const char *name)
{
	(void)ctx;
	return getenv(name);
}

/* Reads with a deadline: some servers start a CGI program at once, and a slow caller could hold
 * it. */
static ssize_t
read_cgi(void *ctx, char *p, size_t n)
{
	const struct cgi *cgi = ctx;
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	int64_t left = cgi->deadline - clock_mono();
	ssize_t got;

	if (left <= 0 || poll(&pfd, 1, (int)(left / 1000)) <= 0)
		return -1;
	do
		got = read(STDIN_FILENO, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

static bool
write_cgi(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	return file_write(STDOUT_FILENO, p, n) == 0;
}

static struct http
http_of(void *ctx)
{
	const struct http http = { .param = param_cgi,
		.read = read_cgi,
		.write = write_cgi,
		.ctx = ctx };

	return http;
}

/* Reads the rest of the body. A server that gives us one socket for both directions loses our
 * answer if we exit with bytes unread. */
static void
drain_cgi(struct cgi *cgi)
{
	char block[65536];

	cgi->deadline = clock_mono() + DRAIN_SECONDS * 1000000;
	while (read_cgi(cgi, block, sizeof block) > 0)
		;
}

static int
serve_one(struct app *app)
{
	struct cgi cgi = { clock_mono() + (int64_t)app->settings.body_seconds * 1000000 };
	struct http http = http_of(&cgi);
	struct answer answer;
	bool sent;

	answer_init(&answer);
	route(app, &http, &answer);
	sent = answer_send(&answer, &http);
	answer_end(&answer);
	(void)close(STDOUT_FILENO);
	drain_cgi(&cgi);
	return sent ? 0 : 1;
}

int
plain_cgi_main(struct app *app)
{
	struct cgi cgi = { INT64_MAX };
	struct http http = http_of(&cgi);

	if (app_start(app, NULL))
		return serve_one(app);
	answer_refuse(&http, &app->settings);
	return 1;
}
