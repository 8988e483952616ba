/*
 * report: the page to which transports send delivery reports (savemms-api(7), Delivery
 * postbacks).
 *
 *    /report/mm7[/TRANSPORT]            a DeliveryReportReq of MM7, by POST; without a name, it
 *                                       searches the messages of every mm7 transport
 *    /report/sms/TRACKINGID?status=N    Kannel's delivery report URL, as transport_sms makes it
 *
 * If report-from is set, only its addresses may report. A TRACKINGID cannot be guessed and
 * serves as a secret. The account that sent the message knows it, too, but can only deceive
 * itself. MessageIDs are the carrier's and can be guessed, so a report by MM7 must come from
 * report-from or carry report-auth. It is refused when neither is set.
 *
 * A report can arrive before the helper has recorded that the transport took the message. The
 * page waits for that, and after WAIT_MS it tells the transport to try again. On failure it
 * records nothing and says so (503; MM7 status 4006), so that a transport that tries again
 * loses nothing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "cgi/app.h"
#include "cgi/start_helper.h"
#include "model/delivery_report.h"
#include "model/text.h"
#include "request/gunzip.h"
#include "request/pairs.h"
#include "send/mm7.h"
#include "send/postback.h"

enum { REPORT_BYTES = 65536, BODY_MAX = 65536, WAIT_MS = 2000, NAP_MS = 50 };

struct report_task {
	struct app *app;
	struct arena *arena;
	struct report report;
	struct account account; /* whose message it is, once that is found */
	bool interim; /* the report is not the end of the message; it only names the handset */
	enum store_rc rc;
};

/* Copies text, truncated at a whole character. */
static void
keep(char out[REPORT_TEXT], const char *text)
{
	size_t n;

	(void)snprintf(out, REPORT_TEXT, "%s", text);
	for (n = strlen(out); n > 0 && !text_valid(out, n); n--)
		out[n - 1] = '\0';
}

/* --- the store ------------------------------------------------------------------------- */

static const char *
postback(void *ctx, const struct account *ac, const struct message *m, struct arena *a)
{
	const struct report_task *t = ctx;
	const struct postback_delivery told = { .routing = &t->app->settings.routing,
		.m = m,
		.r = &t->report,
		.dialect = account_postback_dialect(&t->account, m->dialect) };
	const char *text = postback_delivery_text(&told, BODY_MAX, a);

	(void)ac;
	if (text == NULL)
		log_error("message %" PRIu64 ": its postback does not fit in memory", m->id);
	return text;
}

static enum store_rc
record(struct report_task *t, struct message *m)
{
	const struct postback_writer writer = { postback, t };
	enum store_rc rc;

	if (t->interim)
		return store_message_handset(t->app->store, m->id, t->report.handset);
	rc = store_account_by_id(t->app->store, m->account, &t->account);
	if (rc != ST_OK && rc != ST_NOTFOUND && rc != ST_CORRUPT)
		return rc; /* the report comes again; for the others it is told as it was sent */
	rc = store_message_report(t->app->store, m->id, &t->report, t->arena, &writer);

	if (rc == ST_OK) {
		log_info("report message=%" PRIu64 " transport=%s %s", m->id, m->transport,
		    report_kind_name(t->report.kind));
		start_helper(&t->app->settings);
	}
	return rc;
}

/* A function that finds the message. It returns ST_NOTFOUND when there is none, or none yet. */
typedef enum store_rc find_fn(struct report_task *t, const char *transport, const char *id,
    struct message **m);

static enum store_rc
find_in_transports(struct report_task *t, const char *transport, const char *id, struct message **m)
{
	const struct routing *r = &t->app->settings.routing;
	enum store_rc rc = ST_NOTFOUND;

	for (unsigned i = 0; i < r->ntransport && rc == ST_NOTFOUND; i++)
		if (r->transport[i].kind == TRANSPORT_MM7 &&
		    (transport[0] == '\0' || strcmp(r->transport[i].name, transport) == 0))
			rc = store_message_by_transport(t->app->store, r->transport[i].name, id,
			    t->arena, m);
	return rc;
}

/* Finds a message by the id that an MMSC gave it. Messages of version 0.1.0 and earlier were kept
 * under the id with the brackets and quotes around it. */
static enum store_rc
find_by_id(struct report_task *t, const char *transport, const char *id, struct message **m)
{
	char bare[MM7_ID];
	enum store_rc rc;

	mm7_id(id, bare);
	rc = find_in_transports(t, transport, bare, m);
	if (rc == ST_NOTFOUND && strcmp(id, bare) != 0)
		rc = find_in_transports(t, transport, id, m);
	return rc;
}

/* Finds a message by its TRACKINGID, except one sent by MM7. That is reported by MM7: its
 * TRACKINGID is not a secret that its transport shares. */
static enum store_rc
find_by_tracking(struct report_task *t, const char *transport, const char *id, struct message **m)
{
	enum store_rc rc = store_message_by_tracking(t->app->store, id, t->arena, m);
	const struct transport *by;

	(void)transport;
	by = rc == ST_OK ? routing_transport_by_name(&t->app->settings.routing, (*m)->transport) :
			   NULL;
	return by != NULL && by->kind == TRANSPORT_MM7 ? ST_NOTFOUND : rc;
}

/* Tells whether a message is being passed to a transport at this moment. If so, a message that
 * was not found may be that one. */
static bool
delivering(struct report_task *t)
{
	struct job_stats stats;

	return store_job_stats(t->app->store, &stats) != ST_OK || stats.leased[JOB_DELIVER] > 0;
}

/* Finds the message and records the report. Returns ST_AGAIN when the message cannot be found or
 * recorded yet and the time for waiting is over. */
static enum store_rc
find_and_record(struct report_task *t, find_fn *find, const char *transport, const char *id)
{
	const struct timespec nap = { .tv_nsec = NAP_MS * 1000000L };
	int64_t deadline = clock_mono() + (int64_t)WAIT_MS * 1000;
	bool asked = false, may_come = false;
	enum store_rc rc;

	for (;;) {
		struct message *m;

		if ((rc = find(t, transport, id, &m)) == ST_OK)
			rc = record(t, m);
		if (rc == ST_NOTFOUND && find == find_by_id && !asked) {
			asked = true; /* once: what is being passed on then is recorded later */
			may_come = delivering(t);
			continue; /* it may have arrived meanwhile */
		}
		if (rc == ST_NOTFOUND && may_come)
			rc = ST_AGAIN;
		if (rc != ST_AGAIN || clock_mono() >= deadline)
			return rc;
		(void)nanosleep(&nap, NULL);
	}
}

/* --- Kannel ---------------------------------------------------------------------------- */

/* Translates a status as in "SMS Delivery Reports" of Kannel's guide. Returns false for a status
 * that is not final (4 and 8). */
static bool
sms_kind(uint64_t status, enum report_kind *kind)
{
	*kind = status == 1 ? REPORT_DELIVERED : status == 16 ? REPORT_REJECTED : REPORT_FAILED;
	return status == 1 || status == 2 || status == 16;
}

static void
report_sms(struct report_task *t, const struct http *http, const char *tracking,
    struct answer *answer)
{
	const struct pair *status, *words;
	struct pairs pairs = { .v = NULL };
	uint64_t code;

	if (!pairs_from_form(t->arena, http->query, strlen(http->query), &pairs) ||
	    (status = pairs_find(&pairs, "status")) == NULL ||
	    !num_u64(status->value, 0, 255, &code)) {
		answer_plain(answer, 400, "A delivery report has status=1, 2, 4, 8 or 16.");
		return;
	}
	words = pairs_find(&pairs, "answer");
	if (words != NULL && text_valid(words->value, words->len))
		keep(t->report.details, words->value);
	if (!sms_kind(code, &t->report.kind)) {
		answer_plain(answer, 200, "OK");
		return;
	}
	t->rc = find_and_record(t, find_by_tracking, "", tracking);
	if (t->rc == ST_OK || t->rc == ST_EXISTS)
		answer_plain(answer, 200, "OK");
	else if (t->rc == ST_NOTFOUND)
		answer_plain(answer, 404, "There is no such message.");
	else
		answer_plain(answer, 503, "Temporarily unavailable; try again later.");
}

/* --- MM7 ------------------------------------------------------------------------------- */

static void
say(struct answer *answer, const struct mm7 *req, unsigned code, const char *details)
{
	const struct mm7_answer r = {
		.req = req,
		.code = code,
		.text = mm7_code_text(code),
		.details = details,
		.message_id = "",
	};

	/* SOAP 1.1, 6.2: a Fault has status 500; 503 brings the transport back later */
	answer->status = code == MM7_UNAVAILABLE       ? 503 :
	    req == NULL || req->type != MM7_REPORT_REQ ? 500 :
							 200;
	if (answer->status == 503)
		buf_adds(&answer->headers, "Retry-After: 5\r\n");
	answer->type = "text/xml; charset=utf-8";
	buf_reset(&answer->body);
	mm7_answer(&answer->body, &r);
}

static void
answer_mm7(struct report_task *t, const struct mm7 *req, const char *transport,
    struct answer *answer)
{
	if (req->type != MM7_REPORT_REQ) {
		say(answer, req, MM7_UNSUPPORTED, "only a DeliveryReportReq is accepted here");
		return;
	}
	if (req->message_id[0] == '\0' || req->mm_status[0] == '\0') {
		say(answer, req, MM7_INVALID, "MessageID or MMStatus is missing");
		return;
	}
	keep(t->report.handset, req->handset);
	keep(t->report.aggregator, req->relay);
	keep(t->report.details, req->status);
	if (!mm7_report_kind(req->mm_status, &t->report.kind)) {
		log_info("report MessageID=%.100s: %.40s is not a final state", req->message_id,
		    req->mm_status);
		t->interim = true;
	}
	if (t->interim && t->report.handset[0] == '\0') {
		say(answer, req, MM7_SUCCESS, "");
		return;
	}
	t->rc = find_and_record(t, find_by_id, transport, req->message_id);
	if (t->rc == ST_OK || t->rc == ST_EXISTS)
		say(answer, req, MM7_SUCCESS, "");
	else if (t->rc == ST_NOTFOUND)
		say(answer, req, MM7_UNKNOWN_ID, "");
	else
		say(answer, req, MM7_UNAVAILABLE, "");
}

/* Reads the body of the request, compressed or not. Returns 0 or the HTTP status for the failure.
 */
static int
read_body(struct report_task *t, struct http *http)
{
	const char *coding = http->param(http->ctx, "HTTP_CONTENT_ENCODING");
	int status = http->method == METHOD_POST ? http_body(http, t->arena, REPORT_BYTES) : 405;
	char *whole;
	size_t n;

	if (status != 0 || coding == NULL ||
	    (strcasecmp(coding, "gzip") != 0 && strcasecmp(coding, "x-gzip") != 0))
		return status;
	if ((whole = gunzip(t->arena, http->body, http->len, REPORT_BYTES, &n)) == NULL)
		return arena_failed(t->arena) ? 500 : 400;
	http->body = whole;
	http->len = n;
	return 0;
}

static void
report_mm7(struct report_task *t, struct http *http, const char *transport, struct answer *answer)
{
	const char *why = "the body cannot be read";
	int status = read_body(t, http);
	const struct mm7 *req;

	if (status != 0) {
		answer_plain(answer, status == 500 ? 503 : status,
		    "Send delivery reports by MM7 with POST, at most 64 KB each.");
		return;
	}
	if ((req = mm7_read(t->arena, http->content_type, http->body, http->len, &why)) != NULL)
		answer_mm7(t, req, transport, answer);
	else
		say(answer, NULL, why != NULL ? MM7_CORRUPT : MM7_UNAVAILABLE,
		    why != NULL ? why : "");
}

/* --- who may report -------------------------------------------------------------------- */

static bool
has_auth(const struct settings *s, const struct http *http)
{
	const char *given = http->param(http->ctx, "HTTP_AUTHORIZATION");
	char want[2 * SETTING_TEXT];

	if (given == NULL || strncasecmp(given, "Basic ", 6) != 0 ||
	    crypt_base64(s->report_auth, strlen(s->report_auth), want, sizeof want) == 0)
		return false;
	given += 6 + strspn(given + 6, " ");
	return crypt_equal(want, given);
}

/* Returns 0, or the HTTP status with which to refuse the report. */
static int
refused(const struct settings *s, const struct http *http, bool mm7)
{
	struct ip caller;

	if (s->report_from[0] != '\0' &&
	    (!http_caller(http, s->trusted_proxies, &caller) ||
		!net_list_has(s->report_from, &caller)))
		return 403;
	if (!mm7)
		return 0;
	if (s->report_auth[0] != '\0')
		return has_auth(s, http) ? 0 : 401;
	return s->report_from[0] != '\0' ? 0 : 403;
}

void
report_page(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer)
{
	struct report_task t = { .app = app, .arena = a };
	bool mm7 = strcmp(below, "/mm7") == 0 || strncmp(below, "/mm7/", 5) == 0;
	bool sms = strncmp(below, "/sms/", 5) == 0;
	int status = mm7 || sms ? refused(&app->settings, http, mm7) : 404;

	if (status == 401)
		buf_adds(&answer->headers, "WWW-Authenticate: Basic realm=\"savemms reports\"\r\n");
	if (status != 0) {
		if (status != 404)
			log_warn(
			    "a delivery report from %s is refused: see report-from and report-auth",
			    http->remote);
		answer_plain(answer, status,
		    status == 404 ? "There is no such page." :
				    "Delivery reports are not accepted from you.");
	} else if (mm7) {
		report_mm7(&t, http, below + (below[4] == '/' ? 5 : 4), answer);
	} else {
		report_sms(&t, http, below + 5, answer);
	}
}
