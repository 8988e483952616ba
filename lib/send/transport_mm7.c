/*
 * transport_mm7: sends to an MMSC that speaks MM7 over HTTP (3GPP TS 23.140, clause 8.7).
 *
 * Each message is one POST: multipart/related of the SOAP envelope and the composed MMS. The
 * TransactionID is the TRACKINGID of the message, so that an MMSC that already has the message
 * can return the same MessageID again. After a time-out without an answer, nobody here knows
 * whether the MMSC has taken the message, and it is tried again.
 *
 * HTTP status 2xx says that somebody took the POST. An MM7 status in its body decides; an answer in
 * XML that cannot be understood, or an empty one, counts as TRANSPORT_TAKEN, because a message must
 * not go out twice. Anything else may be a page of a proxy that kept the message from the MMSC, and
 * is TRANSPORT_HELD.
 *
 * On failure the result is TRANSPORT_AGAIN for what may pass (no connection, no time left, an
 * HTTP status of 5xx, 408, 429) and for what the operator has to set right (401, 403, 404, 407, a
 * redirect). mm7_outcome() decides by what the MMSC says of the message itself.
 *
 * Known limits: the whole encoded message is in memory while it is sent. The transport carries
 * only MMS and refuses an SMS.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/log.h"
#include "net/http_client.h"
#include "request/mime_read.h"
#include "send/mime.h"
#include "send/mm7.h"
#include "send/transport_driver.h"

/* HEADS: the cap of all that surrounds the composed MMS, in bytes; from_mask is the longest field
 * in it. ROOT and CONTENT: the Content-IDs of the two parts. */
enum { HEADS = 1 << 16, ANSWER = 16384 };
_Static_assert((int)MM7_ID <= (int)TRANSPORT_ID, "a MessageID fits");
#define ROOT "envelope.savemms"
#define CONTENT "mms.savemms"

static bool
put(void *ctx, const void *p, size_t n)
{
	struct buf *b = ctx;

	buf_add(b, p, n);
	return buf_ok(b);
}

static void
set_outcome(struct transport_job *j, enum transport_rc rc, const char *what, const char *detail)
{
	j->rc = rc;
	(void)snprintf(j->why, sizeof j->why, "%s%s%.150s", what, detail[0] != '\0' ? ": " : "",
	    detail);
}

static void
draw_boundary(char out[MIME_MARKED])
{
	char unique[MIME_RANDOM + 1];

	crypt_random_text(unique, MIME_RANDOM);
	mime_boundary(out, unique);
}

/* Appends the HTTP body up to the header lines of the composed MMS. */
static void
put_head(const struct transport_job *j, const char *outer, struct buf *b)
{
	const struct mm7_submit s = {
		.version = j->transport->version,
		.vasp = j->transport->vasp,
		.vas = j->transport->vas,
		.transaction = j->m->tracking,
		.sender = j->m->from_mask[0] != '\0' ? j->m->from_mask : j->m->from,
		.to = j->m->to,
		.subject = j->mms->subject,
		.cid = CONTENT,
		.report = j->report_url[0] != '\0',
	};

	buf_printf(b,
	    "--%s\r\nContent-Type: text/xml; charset=utf-8\r\nContent-ID: <" ROOT ">\r\n\r\n",
	    outer);
	mm7_submit_req(b, &s);
	buf_printf(b, "\r\n--%s\r\nContent-ID: <" CONTENT ">\r\n", outer);
}

static void
put_tail(const char *outer, struct buf *b)
{
	buf_printf(b, "\r\n--%s--\r\n", outer);
}

static bool
build(const struct transport_job *j, const char *outer, struct buf *b)
{
	const struct mime_out out = { .put = put, .ctx = b };
	char inner[MIME_MARKED];
	const struct mime m = { .c = j->mms,
		.boundary = inner,
		.media = MIME_EMBED,
		.parts = j->transport->parts };

	draw_boundary(inner);
	put_head(j, outer, b);
	if (!mime_related(j->settings, &m, &out))
		return false;
	put_tail(outer, b);
	return buf_ok(b);
}

/* Returns the size of the HTTP body. All boundaries have the same length, so any will do. */
static uint64_t
wire(const struct transport_job *j)
{
	char boundary[MIME_MARKED];
	const struct mime m = { .c = j->mms,
		.boundary = boundary,
		.media = MIME_EMBED,
		.parts = j->transport->parts };
	uint64_t weight;
	struct buf b;

	mime_boundary(boundary, "00000000000000000000000000000000");
	buf_init(&b, HEADS);
	put_head(j, boundary, &b);
	put_tail(boundary, &b);
	weight = mime_weight(&m);
	weight = weight != UINT64_MAX && buf_ok(&b) ? b.len + weight : UINT64_MAX;
	buf_free(&b);
	return weight;
}

/* Sets the outcome by the HTTP status, for an answer without an MM7 status. */
static void
outcome_of_http(struct transport_job *j, long status, const char *detail)
{
	bool later = status / 100 == 5 || status / 100 == 3 || status / 100 == 2 || status == 408 ||
	    status == 429 || status == 401 || status == 403 || status == 404 || status == 407;
	char what[48];

	(void)snprintf(what, sizeof what, "the MMSC answered HTTP status %ld", status);
	set_outcome(j,
	    status == 413 ? TRANSPORT_TOO_BIG :
		later     ? TRANSPORT_AGAIN :
			    TRANSPORT_REFUSED,
	    what, detail);
}

/* The MMSC took the message, maybe under an id (it is "" otherwise). */
static void
take(struct transport_job *j, const char *id)
{
	j->rc = TRANSPORT_TAKEN;
	mm7_id(id, j->id);
	if (j->id[0] == '\0')
		log_warn(
		    "transport %s: message %s was taken with no MessageID: no report will find it",
		    j->transport->name, j->m->tracking);
}

/* Sets the outcome for an answer of HTTP status 2xx without an MM7 status: the MMSC has the
 * message. Only of a page that no MMSC would write, nobody can tell. */
static void
outcome_without_status(struct transport_job *j, struct arena *a, const struct http_client_call *c,
    const struct mm7 *m, const char *why)
{
	enum mm7_body body = mm7_body_of(a, c->type, buf_str(c->answer), c->answer->len);
	char what[96];

	if (m == NULL && why == NULL) {
		set_outcome(j, TRANSPORT_HELD, "the MMSC's answer could not be read",
		    "out of memory");
	} else if (m == NULL &&
	    (body == MM7_BODY_OTHER ||
		(c->rc != HTTP_CLIENT_OK && mime_is(c->type, "text/html")))) {
		(void)snprintf(what, sizeof what,
		    "HTTP status %ld came with something that is not MM7", c->status);
		set_outcome(j, TRANSPORT_HELD, what, c->type);
	} else {
		log_warn(
		    "transport %s: message %s counts as handed over, because HTTP status %ld came "
		    "with %s: %s",
		    j->transport->name, j->m->tracking, c->status,
		    body == MM7_BODY_NONE ? "no answer" : "an answer that cannot be understood",
		    m != NULL ? "no StatusCode" : why);
		take(j, m != NULL ? m->message_id : "");
	}
}

/* Sets the outcome by an answer, which may have been cut off. */
static void
read_answer(struct transport_job *j, struct arena *a, const struct http_client_call *c)
{
	const char *why = NULL, *detail;
	const struct mm7 *m = mm7_read(a, c->type, buf_str(c->answer), c->answer->len, &why);
	char what[96];

	if (m == NULL || m->code == 0) {
		bool failed = m != NULL && (m->type == MM7_RS_ERROR || m->type == MM7_VASP_ERROR);

		if (c->status / 100 == 2 && !failed)
			outcome_without_status(j, a, c, m, why);
		else
			outcome_of_http(j, c->status,
			    m != NULL       ? m->status :
				why != NULL ? why :
					      "out of memory");
		return;
	}
	j->rc = mm7_outcome(m->code);
	if (j->rc == TRANSPORT_TAKEN) {
		take(j, m->message_id);
		return;
	}
	detail = m->details[0] != '\0' ? m->details : m->status;
	(void)snprintf(what, sizeof what, "the MMSC answered %u %s", m->code,
	    mm7_code_text(m->code));
	set_outcome(j, j->rc, what, strcmp(detail, mm7_code_text(m->code)) != 0 ? detail : "");
}

static void
post(struct transport_job *j, struct arena *a, const struct buf *body, const char *outer)
{
	struct buf answer;
	char type[160];
	/* An MMSC need not know "Expect: 100-continue", so no Expect header is sent. */
	const char *const header[] = { type, "SOAPAction: \"\"", "Expect:", NULL };
	struct http_client_call c = {
		.url = j->transport->url,
		.header = header,
		.user = j->transport->user,
		.password = j->transport->password,
		.body = body->p,
		.len = body->len,
		.ms = j->settings->transport_ms,
		.operators = true,
		.answer = &answer,
	};

	(void)snprintf(type, sizeof type,
	    "Content-Type: multipart/related; type=\"text/xml\"; start=\"<" ROOT
	    ">\"; boundary=\"%s\"",
	    outer);
	buf_init(&answer, ANSWER);
	http_client_call(j->settings, &c);
	if (c.rc != HTTP_CLIENT_OK && c.status / 100 != 2) {
		/* the customer reads the outcome, and must not learn the operator's addresses */
		log_warn("transport %s: %s", j->transport->name, c.why);
		set_outcome(j, TRANSPORT_AGAIN, "the MMSC could not be reached", "");
	} else {
		read_answer(j, a, &c);
	}
	buf_free(&answer);
}

static void
submit(struct transport_job *j, struct arena *a)
{
	char outer[MIME_MARKED];
	uint64_t bytes;
	struct buf body;

	if (j->mms == NULL) {
		set_outcome(j, TRANSPORT_REFUSED, "an mm7 transport carries no SMS", "");
		return;
	}
	draw_boundary(outer);
	bytes = wire(j);
	buf_init(&body, bytes < SIZE_MAX ? (size_t)bytes : 0);
	if (bytes != UINT64_MAX && build(j, outer, &body))
		post(j, a, &body, outer);
	else
		set_outcome(j, TRANSPORT_AGAIN, "the message cannot be composed", "");
	buf_free(&body);
}

const struct transport_driver mm7_driver = { .submit = submit, .wire = wire };
