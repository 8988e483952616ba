/* postback_delivery: writes the postbacks about messages; see postback.h. */
#include "send/postback.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/doc.h"

enum { STATUS = 64 };

static bool
failed(const struct postback_delivery *p)
{
	return p->m->state == MESSAGE_FAILED && p->r == NULL;
}

/* Was it not sent before its time was over? */
static bool
overdue(const struct postback_delivery *p)
{
	return failed(p) && strcmp(p->m->outcome, report_kind_name(REPORT_EXPIRED)) == 0;
}

static bool
delivered(const struct postback_delivery *p)
{
	return p->r != NULL && p->r->kind == REPORT_DELIVERED;
}

/* B and C tell of an SMS that was delivered by SENTAS, and C has a code for what has expired. */
static const char *
code_of(const struct postback_delivery *p)
{
	bool sms = p->m->leg == LEG_SMS;

	if (overdue(p) && p->dialect == DIALECT_C)
		return "N103";
	if (p->r == NULL)
		return failed(p) ? "E101" : "N101";
	if (delivered(p))
		return sms && p->dialect == DIALECT_A ? "N202" : "N102";
	if (sms)
		return "E202";
	return p->r->kind == REPORT_EXPIRED && p->dialect == DIALECT_C ? "N103" : "E102";
}

/* Says in one word what became of the message, as C does. What the handset or the network cannot
 * take is refused there as well. */
static const char *
word_of(const struct postback_delivery *p)
{
	if (overdue(p))
		return report_kind_name(REPORT_EXPIRED);
	if (failed(p) || (p->r != NULL && !delivered(p) && p->m->leg == LEG_SMS))
		return "Failed";
	if (p->r == NULL)
		return "Sent";
	return p->r->kind == REPORT_NOT_SUPPORTED ? report_kind_name(REPORT_REJECTED) :
						    report_kind_name(p->r->kind);
}

static const char *
reason_of(const struct postback_delivery *p)
{
	return p->r != NULL ? p->r->details : p->m->why;
}

static void
write_status_xml(const struct postback_delivery *p, const struct doc *d)
{
	char text[STATUS];

	(void)snprintf(text, sizeof text, "Message %s%s%s", failed(p) ? "Failed" : "Sent",
	    p->r != NULL ? "/" : "", p->r != NULL ? report_kind_name(p->r->kind) : "");
	doc_text(d, ANSWER_STATUS, text);
}

/* The details are the word once more, with the reason why a message was refused or failed. */
static void
write_status_json(const struct postback_delivery *p, const struct doc *d)
{
	const char *word = word_of(p), *reason = reason_of(p);
	struct buf text;

	if (reason == NULL || overdue(p) ||
	    (!failed(p) &&
		(p->r == NULL || p->r->kind == REPORT_DELIVERED || p->r->kind == REPORT_EXPIRED)))
		reason = "";
	buf_init(&text, STATUS + strlen(reason));
	buf_printf(&text, "Message %s%s%s", word, reason[0] != '\0' ? ": " : "", reason);
	doc_text(d, ANSWER_STATUS, word);
	doc_text(d, ANSWER_STATUSDETAILS, buf_str(&text));
	d->out->failed = d->out->failed || !buf_ok(&text); /* so that nothing is told half */
	buf_free(&text);
}

static void
write_sent_as(const struct postback_delivery *p, const struct doc *d)
{
	if (!failed(p) && (p->r == NULL || delivered(p)))
		doc_given(d, ANSWER_SENTAS, message_leg_name(p->m->leg));
}

static void
write_time(const struct postback_delivery *p, const struct doc *d)
{
	if (!failed(p))
		doc_time(d, ANSWER_TIMESTAMP, p->r != NULL ? p->m->reported : p->m->sent);
}

static void
write_handset(const struct postback_delivery *p, const struct doc *d)
{
	if (delivered(p))
		doc_given(d, ANSWER_HANDSET, p->r->handset);
}

/* What follows the status in A and B; B has STATUSDETAILS before HANDSET. */
static void
write_rest_xml(const struct postback_delivery *p, const struct doc *d)
{
	const struct handset *h = delivered(p) ? routing_handset(p->routing, p->r->handset) : NULL;

	doc_id(d, ANSWER_MMSID, p->m->mmsid);
	doc_text(d, ANSWER_FROM, p->m->from);
	doc_text(d, ANSWER_TO, p->m->to);
	doc_text(d, ANSWER_TRACKINGID, p->m->tracking);
	doc_given(d, ANSWER_SPID, p->m->operator_id);
	write_time(p, d);
	if (d->dialect == DIALECT_B)
		doc_given(d, ANSWER_STATUSDETAILS, reason_of(p));
	write_handset(p, d);
	doc_given(d, ANSWER_AGGREGATORID, p->r != NULL ? p->r->aggregator : NULL);
	doc_given(d, ANSWER_OS, h != NULL ? routing_os_name(h->os) : NULL);
	if (d->dialect == DIALECT_A)
		doc_given(d, ANSWER_STATUSDETAILS, reason_of(p));
	doc_given(d, ANSWER_CLIENT_REFERENCE, p->m->reference);
}

static void
write_rest_json(const struct postback_delivery *p, const struct doc *d)
{
	doc_id(d, ANSWER_MMSID, p->m->mmsid);
	doc_text(d, ANSWER_TO, p->m->to);
	doc_text(d, ANSWER_FROM, p->m->from);
	write_time(p, d);
	doc_given(d, ANSWER_SPID, p->m->operator_id);
	doc_text(d, ANSWER_TRACKINGID, p->m->tracking);
	doc_given(d, ANSWER_CLIENT_REFERENCE, p->m->reference);
	write_handset(p, d);
}

void
postback_delivery(const struct postback_delivery *p, struct buf *out)
{
	const struct doc d = { out, p->dialect };

	doc_open(&d, POSTBACK_HEAD, ANSWER_POSTBACK);
	doc_text(&d, ANSWER_ORIGIN, "MMS_MT");
	doc_text(&d, ANSWER_CODE, code_of(p));
	write_sent_as(p, &d);
	if (p->dialect == DIALECT_C) {
		write_status_json(p, &d);
		write_rest_json(p, &d);
	} else {
		write_status_xml(p, &d);
		write_rest_xml(p, &d);
	}
	doc_close(&d, ANSWER_POSTBACK);
}

const char *
postback_delivery_text(const struct postback_delivery *p, size_t most, struct arena *a)
{
	const char *text = NULL;
	struct buf b;

	buf_init(&b, most);
	postback_delivery(p, &b);
	if (buf_ok(&b))
		text = arena_memdup(a, b.p, b.len);
	buf_free(&b);
	return text;
}
