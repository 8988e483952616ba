/*
 * postback_run: makes one attempt to tell a customer's server (savemms-api(7), Postbacks).
 *
 * Delivery is at least once: if a helper dies between the answer and the commit, another posts
 * again, with the same webhook-id. A commit that fails is tried again (helper/outcome.h). The lease
 * is renewed from the claim until the outcome is recorded, so that no other helper posts meanwhile,
 * however long the customer's server, its name server or the store take.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "helper/helper.h"
#include "helper/lease_renewer.h"
#include "helper/outcome.h"
#include "helper/postback_run.h"
#include "net/http_client.h"
#include "ops/meter.h"
#include "send/postback.h"
#include "store/store_sending.h"

/* BODY_MAX: a whole record, each byte escaped. KEPT_MAX: bytes of a body that a job keeps for its
 * next attempt; a longer one, of a template with many failures, is written anew. */
enum { BODY_MAX = 6 * KV_VALUE, KEPT_MAX = 65536, RELEASE_MS = 2000 };

/* Writes the body: that of the job, or, for the first attempt of an encoding postback, what the
 * present state of the template says (the template is in its final state when the job is queued).
 */
static enum store_rc
body_of(struct helper *h, const struct job *j, const struct account *ac, struct arena *a,
    struct buf *out)
{
	struct template *t;
	enum dialect d;
	uint64_t message;
	bool once;
	enum store_rc rc;

	if (j->body[0] != '\0') {
		buf_adds(out, j->body);
		return buf_ok(out) ? ST_OK : ST_NOMEM;
	}
	if ((rc = store_template_get(h->store, 0, j->mmsid, a, &t)) != ST_OK ||
	    (rc = store_sending_of(h->store, t, &once, &message)) != ST_OK)
		return rc;
	d = account_postback_dialect(ac, t->dialect);
	if (once)
		postback_body_send(t, d, out);
	else
		postback_body(t, d, out);
	return buf_ok(out) ? ST_OK : ST_NOMEM;
}

static void
post(struct helper *h, const struct job *j, const struct account *ac, const char *body,
    struct http_client_call *p)
{
	struct postback_head head;
	char id[64];

	(void)snprintf(id, sizeof id, "msg_%" PRIu64 "_%" PRIu64, j->mmsid, j->id);
	if (!postback_head(ac, id, clock_now(), body, &head)) {
		p->rc = HTTP_CLIENT_FAILED;
		(void)snprintf(p->why, sizeof p->why, "the signing secret cannot be used");
		return;
	}
	p->header = head.header;
	p->ms = h->settings->postback_ms;
	http_client_call(h->settings, p);
	meter_duration(h->meter, METER_POSTBACK, (int64_t)p->took_ms * 1000);
	p->header = NULL;
}

enum { GONE = 410 }; /* RFC 9110, 15.5.11; Standard Webhooks: post there no more */

/* Switches the postbacks of the account off, since the receiver says that its URL is gone, and
 * tells the operator. Returns false if the answer counts as any other: the account has another URL
 * by now, or the store cannot keep it; the next attempt will tell. */
static bool
switch_off(struct helper *h, const struct job *j, const char *url)
{
	enum store_rc rc = store_account_gone(h->store, j->account, url);

	if (rc == ST_OK)
		log_error(
		    "account %" PRIu64
		    ": its receiver says that the postback URL is gone (410): there are no more "
		    "postbacks until postback-url is set again",
		    j->account);
	else if (rc != ST_EXISTS && rc != ST_CONFLICT)
		log_error("account %" PRIu64 ": switching its postbacks off: %s", j->account,
		    store_rc_text(rc));
	return rc == ST_OK || rc == ST_EXISTS;
}

/* Puts the outcome of the attempt into the store, with what the customer is shown of it. An attempt
 * that a stop of the helper broke off does not count, and is made again at once. */
static enum store_rc
settle(struct helper *h, const struct job *job, const struct http_client_call *p, char *why,
    size_t size)
{
	char code[POSTBACK_CODE];
	const struct posted posted = { .status = p->rc == HTTP_CLIENT_OK ? (uint32_t)p->status : 0,
		.ms = (uint32_t)p->took_ms,
		.code = code,
		.why = p->rc == HTTP_CLIENT_OK ? "" : p->why };
	struct job with = *job;
	const struct job *j = &with;
	uint64_t delay;

	if (p->len <= KEPT_MAX)
		with.body = p->body; /* another attempt posts the same bytes */
	if (p->rc != HTTP_CLIENT_OK && h->stopping) {
		(void)snprintf(why, size, "the helper was told to stop; it is posted again");
		return outcome_end(h, j, OUTCOME_RELEASE, 0, why);
	}
	postback_code(p->body, code);
	with.posted = &posted;
	if (p->rc == HTTP_CLIENT_OK && p->status == 200)
		return outcome_end(h, j, OUTCOME_DONE, 0, NULL);
	if (p->rc == HTTP_CLIENT_OK)
		(void)snprintf(why, size, "HTTP status %ld", p->status);
	else
		(void)snprintf(why, size, "%s", p->why);
	if (p->rc == HTTP_CLIENT_OK && p->status == GONE && switch_off(h, j, p->url))
		return outcome_end(h, j, OUTCOME_DONE, 0, NULL);
	if (postback_retry(h->settings, j->attempt, p->retry_after_s, &delay))
		return outcome_end(h, j, OUTCOME_RETRY, delay, why);
	return outcome_end(h, j, OUTCOME_DEAD_LETTER, 0, why);
}

/* Ends an attempt at which nothing was posted because what cannot be read. A record that is no
 * good, or too large, may stay so: that counts as an attempt, so that it does not go on for ever. A
 * fault of the store does not count. */
static enum store_rc
unreadable(struct helper *h, const struct job *j, const char *what, enum store_rc rc)
{
	struct http_client_call p = { .rc = HTTP_CLIENT_FAILED, .body = "" };
	char why[HTTP_CLIENT_WHY] = "";

	(void)snprintf(p.why, sizeof p.why, "reading the %s: %s", what, store_rc_text(rc));
	log_error("job %" PRIu64 " postback mmsid=%" PRIu64 ": %s", j->id, j->mmsid, p.why);
	return rc == ST_CORRUPT || rc == ST_NOMEM ?
	    settle(h, j, &p, why, sizeof why) :
	    outcome_end(h, j, OUTCOME_RELEASE, RELEASE_MS, p.why);
}

static enum store_rc
deliver(struct helper *h, const struct job *j, struct arena *a, const struct account *ac)
{
	struct http_client_call p = { .url = ac->postback_url, .rc = HTTP_CLIENT_FAILED };
	char why[HTTP_CLIENT_WHY] = "";
	struct buf body;
	enum store_rc rc;

	buf_init(&body, BODY_MAX);
	rc = body_of(h, j, ac, a, &body);
	if (rc == ST_NOTFOUND) {
		rc = outcome_end(h, j, OUTCOME_DONE, 0, NULL); /* deleted: nothing to tell */
	} else if (rc == ST_OK) {
		p.body = buf_str(&body);
		p.len = body.len;
		post(h, j, ac, p.body, &p);
		rc = settle(h, j, &p, why, sizeof why);
		log_info("job %" PRIu64 " postback mmsid=%" PRIu64 " attempt %u: %s", j->id,
		    j->mmsid, (unsigned)j->attempt, why[0] != '\0' ? why : "taken");
	} else {
		rc = unreadable(h, j, "template", rc);
	}
	buf_free(&body);
	return rc;
}

void
postback_run(struct helper *h, const struct job *j, struct arena *a)
{
	struct lease lease = { .h = h, .job = j };
	struct account ac;
	enum store_rc rc;

	lease_renewer_add(&lease);
	rc = store_account_by_id(h->store, j->account, &ac);
	if (rc == ST_NOTFOUND || (rc == ST_OK && !account_wants_postbacks(&ac))) {
		log_info("job %" PRIu64 " postback mmsid=%" PRIu64
			 ": the account wants no postbacks any more",
		    j->id, j->mmsid);
		rc = outcome_end(h, j, OUTCOME_DONE, 0, NULL);
	} else if (rc == ST_OK) {
		rc = deliver(h, j, a, &ac);
	} else {
		rc = unreadable(h, j, "account", rc);
	}
	lease_renewer_remove(&lease);
	if (rc != ST_OK && rc != ST_CONFLICT && rc != ST_NOTFOUND)
		log_error("job %" PRIu64 ": %s; its lease will run out", j->id, store_rc_text(rc));
}
