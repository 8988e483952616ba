/*
 * transport_sms: sends an SMS through the sendsms URL of Kannel's smsbox, or of a gateway with
 * the same interface (Kannel user guide 1.4.5, "Using the HTTP interface to send SMS messages").
 *
 * Each message is one GET. Kannel itself cuts a long text into several SMS, if max-messages of
 * its sendsms-user group allows it. Its answer has no id; its delivery reports come to a URL that
 * contains the TRACKINGID of the message.
 *
 * The guide's table "SMS Push reply codes" decides the result: 202 is taken (0: accepted, 3:
 * queued), 4xx is refused for good, 503 and whatever else may pass is tried again. Kannel cannot
 * recognise a message that comes again: after a time-out a second SMS is possible. Once HTTP status
 * 2xx has come it counts, whether or not the text of the answer can be read.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/percent.h"
#include "net/http_client.h"
#include "send/gsm7.h"
#include "send/transport_driver.h"

/* DLR_MASK: reports of delivery to the phone, of failure to deliver, and of a refusal by the
 * SMSC. */
enum { DLR_MASK = 1 | 2 | 16, ANSWER = 1024 };

static void
parameter(struct buf *b, const char *name, const char *value)
{
	buf_printf(b, "&%s=", name);
	percent_add(b, value);
}

/* Appends the request for reports. Kannel fills in %d (what happened) and %A (the text of the
 * SMSC) and escapes them itself. */
static void
report_parameter(struct buf *url, const struct transport_job *j)
{
	struct buf b;

	buf_init(&b, HTTP_CLIENT_URL);
	buf_printf(&b, "%s%cstatus=%%d&answer=%%A", j->report_url,
	    strchr(j->report_url, '?') == NULL ? '?' : '&');
	buf_printf(url, "&dlr-mask=%d", DLR_MASK);
	parameter(url, "dlr-url", buf_str(&b));
	url->failed |= b.failed;
	url->full |= b.full;
	buf_free(&b);
}

static void
build(const struct transport_job *j, struct buf *url)
{
	const struct transport *t = j->transport;

	buf_adds(url, t->url);
	buf_adds(url, strchr(t->url, '?') == NULL ? "?" : "&");
	buf_adds(url, "username=");
	percent_add(url, t->user);
	parameter(url, "password", t->password);
	parameter(url, "from", j->m->from_mask[0] != '\0' ? j->m->from_mask : j->m->from);
	parameter(url, "to", j->m->to);
	buf_printf(url, "&charset=UTF-8&coding=%d", gsm7_holds(j->sms) ? 0 : 2);
	parameter(url, "text", j->sms);
	if (j->report_url[0] != '\0')
		report_parameter(url, j);
}

static void
outcome_of_http(struct transport_job *j, const struct http_client_call *c)
{
	const char *text = buf_str(c->answer);
	int line = (int)strcspn(text, "\r\n");

	if (c->status / 100 == 2) {
		j->rc = TRANSPORT_TAKEN;
		return;
	}
	j->rc = c->status / 100 == 4 && c->status != 408 && c->status != 429 ? TRANSPORT_REFUSED :
									       TRANSPORT_AGAIN;
	(void)snprintf(j->why, sizeof j->why, "the SMS gateway answered HTTP status %ld%s%.*s",
	    c->status, line > 0 ? ": " : "", line < 120 ? line : 120, text);
}

static void
submit(struct transport_job *j, struct arena *a)
{
	struct buf url, answer;
	struct http_client_call c = { .ms = j->settings->transport_ms,
		.operators = true,
		.answer = &answer };

	(void)a;
	if (j->sms == NULL) {
		j->rc = TRANSPORT_REFUSED;
		(void)snprintf(j->why, sizeof j->why, "an sms-http transport carries no MMS");
		return;
	}
	buf_init(&url, HTTP_CLIENT_URL - 1);
	buf_init(&answer, ANSWER);
	build(j, &url);
	if (buf_ok(&url)) {
		c.url = url.p;
		http_client_call(j->settings, &c);
	}
	if (!buf_ok(&url)) {
		j->rc = url.full ? TRANSPORT_REFUSED : TRANSPORT_AGAIN;
		(void)snprintf(j->why, sizeof j->why,
		    url.full ? "the text does not fit into a URL" : "out of memory");
	} else if (c.rc == HTTP_CLIENT_OK || c.status / 100 == 2) {
		outcome_of_http(j, &c); /* taken, although the rest of the answer did not come */
	} else {
		j->rc = TRANSPORT_AGAIN;
		/* the customer reads the outcome, and must not learn the operator's addresses */
		log_warn("transport %s: %s", j->transport->name, c.why);
		(void)snprintf(j->why, sizeof j->why, "the SMS gateway could not be reached");
	}
	buf_free(&answer);
	buf_free(&url);
}

const struct transport_driver sms_http_driver = { .submit = submit, .repeats = true };
