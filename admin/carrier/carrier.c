/*
 * carrier: "savemms carrier", a carrier for tests (carrier.h). If it cannot start it says why.
 * What goes wrong with a message later becomes a line of the log. It remembers nothing from one run
 * to the next.
 */
#include "admin/carrier/carrier.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/say.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/num.h"
#include "net/http_client.h"
#include "request/xmltree.h"

enum { PORT = 8090, RULES_MAX = 1 << 20, USER = 256 };

static int
read_rules(struct admin *ad, struct sim *c)
{
	const char *path = ad->opt[OPT_RULES];
	const char *text = path != NULL ? file_slurp(ad->a, path, RULES_MAX, NULL) : "";
	char err[CARRIER_ERR];

	if (text == NULL)
		return fail("%s cannot be read: %s", path, strerror(errno));
	if (carrier_rules_read(&c->rules, text, err) != 0)
		return fail("%s, %s", path, err);
	return DONE;
}

/* Reads --report, and splits the "USER:PASSWORD" of --report-user in two. */
static int
read_report(struct admin *ad, struct sim *c)
{
	const char *word = ad->opt[OPT_REPORT_USER],
		   *colon = word != NULL ? strchr(word, ':') : NULL;

	c->report_url = ad->opt[OPT_REPORT];
	c->report_user = c->report_password = "";
	if (word == NULL)
		return DONE;
	if (colon == NULL || colon == word)
		return wrong("--report-user is USER:PASSWORD, not '%s'", word);
	if ((c->report_user = arena_memdup(ad->a, word, (size_t)(colon - word))) == NULL)
		return fail("out of memory");
	c->report_password = colon + 1;
	return DONE;
}

/* Allows outgoing calls to this machine only, on any port. */
static int
set_settings(struct settings *s)
{
	char err[256];

	settings_defaults(s, "/");
	if (settings_set(s, "outgoing-allow", "127.0.0.0/8, ::1", err, sizeof err) != 0 ||
	    settings_set(s, "outgoing-ports", "any", err, sizeof err) != 0)
		return fail("%s", err);
	return DONE;
}

static int
prepare(struct admin *ad, struct sim *c, uint16_t *port)
{
	const char *log = ad->opt[OPT_LOG];
	uint64_t n = PORT;
	int rc;

	if (ad->opt[OPT_PORT] != NULL && !num_u64(ad->opt[OPT_PORT], 0, 65535, &n))
		return wrong("--port is a number from 0 to 65535, not '%s'", ad->opt[OPT_PORT]);
	*port = (uint16_t)n;
	c->user = ad->opt[OPT_USER];
	c->keep = ad->opt[OPT_KEEP];
	if ((rc = read_rules(ad, c)) != DONE || (rc = read_report(ad, c)) != DONE ||
	    (rc = set_settings(&c->settings)) != DONE)
		return rc;
	if (c->keep != NULL && file_mkdirs(c->keep) != 0)
		return fail("%s cannot be made: %s", c->keep, strerror(errno));
	if (!http_client_init())
		return fail("libcurl cannot be initialized");
	xmltree_init();
	c->log = log != NULL ? fopen(log, "ae") : stdout;
	return c->log != NULL ? DONE : fail("%s cannot be opened: %s", log, strerror(errno));
}

static int
summary(struct sim *c)
{
	const struct carrier_counts *n = &c->count;
	bool bad;

	(void)fprintf(c->log,
	    "end mms=%" PRIu64 " sms=%" PRIu64 " again=%" PRIu64 " refused=%" PRIu64
	    " faults=%" PRIu64 " reports=%" PRIu64 " unreported=%" PRIu64 "\n",
	    n->mms, n->sms, n->again, n->refused, n->faults, n->reports, n->unreported);
	if (c->log == stdout)
		return finish();
	bad = ferror(c->log) != 0;
	bad = fclose(c->log) != 0 || bad;
	return bad ? fail("the log could not be written") : DONE;
}

/* Serves until a signal arrives. */
static int
serve(struct sim *c, uint16_t port)
{
	struct carrier_http *http;
	sigset_t set;
	int sig;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR ||
	    (errno = pthread_sigmask(SIG_BLOCK, &set, NULL)) != 0)
		return fail("signals cannot be set up: %s", strerror(errno));
	if (carrier_report_start(c) != 0)
		return fail("no thread can be started: %s", strerror(errno));
	if ((http = carrier_http_start(&port, carrier_serve, c)) == NULL) {
		carrier_report_stop(c);
		return fail("cannot listen on port %u of 127.0.0.1: %s", (unsigned)port,
		    strerror(errno));
	}
	(void)printf(
	    "listening mm7=http://127.0.0.1:%u/mm7 sendsms=http://127.0.0.1:%u/cgi-bin/sendsms\n",
	    (unsigned)port, (unsigned)port);
	(void)fflush(stdout);
	while (sigwait(&set, &sig) != 0)
		;
	http_client_stop();
	carrier_http_stop(&http);
	carrier_report_stop(c);
	return summary(c);
}

int
cmd_carrier(struct admin *ad)
{
	static struct sim c;
	uint16_t port = PORT;
	int rc = prepare(ad, &c, &port);

	(void)pthread_mutex_init(&c.lock, NULL);
	if (rc == DONE)
		rc = serve(&c, port);
	carrier_seen_free(&c);
	return rc;
}
