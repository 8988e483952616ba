/* mm7_write: the half of mm7.h that writes messages. */
#include "send/mm7.h"

#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/xmlout.h"

#define SPACES "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/"

static const struct {
	const char *version, *space;
} versions[] = {
	/* The sources for the schema of each version: for the first, Mbuni mms_mm7soap.c
	 * (XMLNSMM7) and manuals of MMSCs (Momentum, "mm7_xml_schema"); for the second, the annex
	 * of TS 23.140 V6.8.0. */
	{ "5.3.0", SPACES "REL-5-MM7-1-0" },
	{ "6.8.0", SPACES "REL-6-MM7-1-4" },
};

enum { VERSIONS = sizeof versions / sizeof versions[0] };

const char *
mm7_namespace(const char *version)
{
	for (size_t i = 0; i < VERSIONS; i++)
		if (strcmp(versions[i].version, version) == 0)
			return versions[i].space;
	return NULL;
}

static void
open_envelope(struct buf *out, const char *space, const char *transaction)
{
	buf_adds(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<env:Envelope xmlns:env=\"http://schemas.xmlsoap.org/soap/envelope/\"><env:Header>"
	    "<mm7:TransactionID xmlns:mm7=\"");
	xml_text(out, space);
	buf_adds(out, "\" env:mustUnderstand=\"1\">");
	xml_text(out, transaction);
	buf_adds(out, "</mm7:TransactionID></env:Header><env:Body>");
}

static void
open_message(struct buf *out, const char *name, const char *space)
{
	buf_printf(out, "<%s xmlns=\"", name);
	xml_text(out, space);
	buf_adds(out, "\">");
}

static void
close_envelope(struct buf *out)
{
	buf_adds(out, "</env:Body></env:Envelope>\n");
}

/* Appends an element, or nothing if it has no value. */
static void
optional(struct buf *out, const char *name, const char *value)
{
	xml_elem(out, name, value[0] != '\0' ? value : NULL);
}

/* Appends an address: a ShortCode if it is a number of up to 8 digits or no number at all. */
static void
address(struct buf *out, const char *name, const char *value)
{
	size_t digits = strspn(value, ASCII_DIGITS);
	bool number = value[digits] == '\0' && digits > 8;

	xml_open(out, name);
	xml_elem(out, number ? "Number" : "ShortCode", value);
	xml_close(out, name);
}

void
mm7_submit_req(struct buf *out, const struct mm7_submit *s)
{
	const char *space = mm7_namespace(s->version);

	open_envelope(out, space, s->transaction);
	open_message(out, "SubmitReq", space);
	xml_elem(out, "MM7Version", s->version);
	xml_open(out, "SenderIdentification");
	optional(out, "VASPID", s->vasp);
	optional(out, "VASID", s->vas);
	address(out, "SenderAddress", s->sender);
	xml_close(out, "SenderIdentification");
	xml_open(out, "Recipients");
	xml_open(out, "To");
	xml_elem(out, "Number", s->to);
	xml_close(out, "To");
	xml_close(out, "Recipients");
	xml_elem(out, "DeliveryReport", s->report ? "true" : "false");
	optional(out, "Subject", s->subject);
	buf_adds(out, "<Content href=\"cid:");
	xml_text(out, s->cid);
	/* the MMSC may adapt the content to the handset, as it does for other senders */
	buf_adds(out, "\" allowAdaptations=\"true\"/>");
	xml_close(out, "SubmitReq");
	close_envelope(out);
}

static void
status(struct buf *out, const struct mm7_answer *r)
{
	xml_open(out, "Status");
	xml_elem_u64(out, "StatusCode", r->code);
	xml_elem(out, "StatusText", r->text);
	optional(out, "Details", r->details);
	xml_close(out, "Status");
}

/* Appends a Fault: the answer if no request of a known kind was understood (TS 23.140,
 * 8.7.8.3). */
static void
fault(struct buf *out, const struct mm7_answer *r, const char *space, const char *version)
{
	const char *name = r->mmsc ? "RSErrorRsp" : "VASPErrorRsp";

	buf_adds(out,
	    r->code / 1000 == 2 || r->code / 1000 == 4 ?
		"<env:Fault><faultcode>env:Client</faultcode>" :
		"<env:Fault><faultcode>env:Server</faultcode>");
	xml_elem(out, "faultstring", r->text);
	buf_adds(out, "<detail>");
	open_message(out, name, space);
	xml_elem(out, "MM7Version", version);
	status(out, r);
	xml_close(out, name);
	buf_adds(out, "</detail></env:Fault>");
}

void
mm7_answer(struct buf *out, const struct mm7_answer *r)
{
	static const struct mm7 nothing = { .transaction = "", .version = "", .space = "" };
	const struct mm7 *q = r->req != NULL ? r->req : &nothing;
	const char *version = mm7_namespace(q->version) != NULL ? q->version :
								  versions[VERSIONS - 1].version;
	const char *space = q->space[0] != '\0' ? q->space : mm7_namespace(version);
	const char *name = q->type == MM7_SUBMIT_REQ && r->mmsc ? "SubmitRsp" :
	    q->type == MM7_REPORT_REQ && !r->mmsc               ? "DeliveryReportRsp" :
								  NULL;

	open_envelope(out, space, q->transaction);
	if (name == NULL) {
		fault(out, r, space, version);
	} else {
		open_message(out, name, space);
		/* repeats a version that has no row here, such as 5.2.0 */
		xml_elem(out, "MM7Version", q->version[0] != '\0' ? q->version : version);
		status(out, r);
		optional(out, "MessageID", r->message_id);
		xml_close(out, name);
	}
	close_envelope(out);
}

void
mm7_report_req(struct buf *out, const struct mm7_report *r)
{
	const char *space = mm7_namespace(r->version);

	open_envelope(out, space, r->transaction);
	open_message(out, "DeliveryReportReq", space);
	xml_elem(out, "MM7Version", r->version);
	xml_elem(out, "MessageID", r->message_id);
	address(out, "Recipient", r->recipient);
	address(out, "Sender", r->sender);
	xml_elem(out, "Date", r->date);
	xml_elem(out, "MMStatus", r->mm_status);
	optional(out, "StatusText", r->status_text);
	if (r->handset[0] != '\0') {
		buf_adds(out, "<UACapabilities UAProf=\"");
		xml_text(out, r->handset);
		buf_adds(out, "\" TimeStamp=\"");
		xml_text(out, r->date);
		buf_adds(out, "\"/>");
	}
	xml_close(out, "DeliveryReportReq");
	close_envelope(out);
}
