/* postback_delivery: writes the postbacks about messages; see postback.h. */
#include "send/postback.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/xmlout.h"

/* Appends an element, or nothing if its value is unknown (savemms-api(7), Delivery postbacks). */
static void
add_if_known(struct buf *out, const char *name, const char *text)
{
	if (text != NULL && text[0] != '\0')
		xml_elem(out, name, text);
}

static const char *
code_of(const struct message *m, const struct report *r)
{
	bool sms = m->leg == LEG_SMS;

	if (r == NULL)
		return m->state == MESSAGE_FAILED ? "E101" : "N101";
	if (r->kind == REPORT_DELIVERED)
		return sms ? "N202" : "N102";
	return sms ? "E202" : "E102";
}

static void
write_status(const struct message *m, const struct report *r, struct buf *out)
{
	xml_open(out, "STATUS");
	xml_text(out, m->state == MESSAGE_FAILED && r == NULL ? "Message Failed" : "Message Sent");
	if (r != NULL) {
		buf_addc(out, '/');
		xml_text(out, report_kind_name(r->kind));
	}
	xml_close(out, "STATUS");
}

void
postback_delivery(const struct routing *rt, const struct message *m, const struct report *r,
    struct buf *out)
{
	bool failed = m->state == MESSAGE_FAILED && r == NULL,
	     good = r != NULL && r->kind == REPORT_DELIVERED;
	const struct handset *h = r != NULL ? routing_handset(rt, r->handset) : NULL;
	char time[CLOCK_TEXT];

	clock_iso(r != NULL ? m->reported : m->sent, time);
	buf_adds(out, "<?xml version='1.0'?>\n");
	xml_open(out, "POSTBACK");
	xml_elem(out, "ORIGIN", "MMS_MT");
	xml_elem(out, "CODE", code_of(m, r));
	if (!failed && (r == NULL || good))
		add_if_known(out, "SENTAS", message_leg_name(m->leg));
	write_status(m, r, out);
	xml_elem_u64(out, "MMSID", m->mmsid);
	xml_elem(out, "FROM", m->from);
	xml_elem(out, "TO", m->to);
	xml_elem(out, "TRACKINGID", m->tracking);
	add_if_known(out, "SPID", m->operator_id);
	if (!failed)
		xml_elem(out, "TIMESTAMP", time);
	if (good)
		add_if_known(out, "HANDSET", r->handset);
	if (r != NULL)
		add_if_known(out, "AGGREGATORID", r->aggregator);
	if (good && h != NULL)
		add_if_known(out, "OS", routing_os_name(h->os));
	add_if_known(out, "STATUSDETAILS", r != NULL ? r->details : m->why);
	add_if_known(out, "CLIENT_REFERENCE", m->reference);
	xml_close(out, "POSTBACK");
}

const char *
postback_delivery_text(const struct routing *rt, const struct message *m, const struct report *r,
    size_t most, struct arena *a)
{
	const char *text = NULL;
	struct buf b;

	buf_init(&b, most);
	postback_delivery(rt, m, r, &b);
	if (buf_ok(&b))
		text = arena_memdup(a, b.p, b.len);
	buf_free(&b);
	return text;
}
