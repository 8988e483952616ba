/* mm7: the half of mm7.h that reads messages and interprets codes; mm7_write.c writes. */
#include "send/mm7.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/num.h"
#include "request/mime_read.h"
#include "request/xmlscan.h"
#include "request/xmltree.h"

enum { TYPE_MAX = 512 };

/* Returns a name without its namespace prefix. */
static const char *
local(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon != NULL ? colon + 1 : name;
}

static const struct xnode *
child(const struct xnode *n, const char *name)
{
	const struct xnode *c = n != NULL ? n->child : NULL;

	while (c != NULL && strcasecmp(local(c->name), name) != 0)
		c = c->next;
	return c;
}

/* Returns the text of a node, trimmed in place; "" if n is NULL. */
static const char *
text(const struct xnode *n)
{
	char *p = n != NULL ? n->text : NULL;
	size_t len;

	if (p == NULL)
		return "";
	p += strspn(p, " \t\r\n");
	for (len = strlen(p); len > 0 && strchr(" \t\r\n", p[len - 1]) != NULL; len--)
		p[len - 1] = '\0';
	return p;
}

static const char *
attribute(const struct xnode *n, const char *name)
{
	const char *v = n != NULL ? xnode_attr(n, name) : NULL;

	return v != NULL ? v : "";
}

/* Returns the number in an address (Number, ShortCode or RFC2822Address), or the text of the
 * address itself: in earlier versions it holds no elements. */
static const char *
number(const struct xnode *n)
{
	return n != NULL && n->child != NULL ? text(n->child) : text(n);
}

/* Returns the namespace that the prefix of n stands for. */
static const char *
namespace_of(const struct xnode *n)
{
	const char *colon = strchr(n->name, ':');
	char name[64] = "xmlns";
	const char *v;

	if (colon != NULL)
		(void)snprintf(name, sizeof name, "xmlns:%.*s", (int)(colon - n->name), n->name);
	for (; n != NULL; n = n->parent)
		if ((v = xnode_attr(n, name)) != NULL)
			return v;
	return "";
}

static enum mm7_type
type_of(const char *name)
{
	static const char *const names[] = {
		[MM7_SUBMIT_REQ] = "SubmitReq",
		[MM7_SUBMIT_RSP] = "SubmitRsp",
		[MM7_REPORT_REQ] = "DeliveryReportReq",
		[MM7_REPORT_RSP] = "DeliveryReportRsp",
		[MM7_RS_ERROR] = "RSErrorRsp",
		[MM7_VASP_ERROR] = "VASPErrorRsp",
	};

	for (size_t i = MM7_SUBMIT_REQ; i < sizeof names / sizeof names[0]; i++)
		if (strcasecmp(names[i], name) == 0)
			return (enum mm7_type)i;
	return MM7_OTHER;
}

static void
read_status(struct mm7 *m, const struct xnode *n)
{
	uint64_t code;

	if (num_u64(text(child(n, "StatusCode")), 0, 99999, &code))
		m->code = (unsigned)code;
	m->status = text(child(n, "StatusText"));
	m->details = text(child(n, "Details"));
}

/* Reads n, the element in the SOAP body. */
static void
read_message(struct mm7 *m, const struct xnode *n)
{
	const struct xnode *ident = child(n, "SenderIdentification"),
			   *to = child(child(n, "Recipients"), "To");
	const struct xnode *ua = child(n, "UACapabilities");

	m->name = local(n->name);
	m->type = type_of(m->name);
	m->space = namespace_of(n);
	m->version = text(child(n, "MM7Version"));
	m->message_id = text(child(n, "MessageID"));
	m->vasp = text(child(ident, "VASPID"));
	m->vas = text(child(ident, "VASID"));
	m->sender = number(
	    child(n, "Sender") != NULL ? child(n, "Sender") : child(ident, "SenderAddress"));
	m->to = number(to != NULL ? to : child(n, "Recipient"));
	m->subject = text(child(n, "Subject"));
	m->href = attribute(child(n, "Content"), "href");
	m->mm_status = text(child(n, "MMStatus"));
	m->relay = text(child(n, "MMSRelayServerID"));
	m->handset = attribute(ua, "UAProf")[0] != '\0' ? attribute(ua, "UAProf") : text(ua);
	if (child(n, "Status") != NULL)
		read_status(m, child(n, "Status"));
	else /* of a DeliveryReportReq */
		m->status = text(child(n, "StatusText"));
}

/* Reads a Fault. Its detail holds the message; without one the faultstring is all there is. */
static void
read_fault(struct mm7 *m, const struct xnode *n)
{
	const struct xnode *detail = child(n, "detail");

	if (detail != NULL && detail->child != NULL)
		read_message(m, detail->child);
	m->type = m->type == MM7_OTHER ? MM7_RS_ERROR : m->type;
	if (m->status[0] == '\0')
		m->status = text(child(n, "faultstring"));
}

bool
mm7_root(const char *content_type, const char *p, size_t n, const char **root, size_t *len)
{
	char start[TYPE_MAX], id[TYPE_MAX];
	struct mime_parts parts;
	struct mime_part part;
	bool named;

	*root = p;
	*len = n;
	if (strncasecmp(content_type, "multipart/", 10) != 0)
		return true;
	named = mime_parameter(content_type, strlen(content_type), "start", start, sizeof start);
	if (!mime_open(&parts, content_type, p, n))
		return false;
	while (mime_next(&parts, &part) > 0) {
		if (named &&
		    (!mime_field(&part, "Content-ID", id, sizeof id) || strcmp(id, start) != 0))
			continue;
		*root = part.body;
		*len = part.nbody;
		return true;
	}
	return false;
}

static const char *
refuse(struct arena *a, const char *p, size_t n, struct xnode **root)
{
	unsigned line;
	const char *why = xmlscan(p, n, &line);

	if (why != NULL)
		return arena_printf(a, "%s at line %u", why, line);
	*root = xmltree_parse(a, p, n, &why);
	return why;
}

const struct mm7 *
mm7_read(struct arena *a, const char *content_type, const char *p, size_t n, const char **why)
{
	struct mm7 *m = arena_zalloc(a, sizeof *m);
	struct xnode *root = NULL;
	const struct xnode *body;

	*why = NULL;
	if (m == NULL)
		return NULL;
	*m = (struct mm7){ .name = "",
		.space = "",
		.transaction = "",
		.version = "",
		.status = "",
		.details = "",
		.message_id = "",
		.vasp = "",
		.vas = "",
		.sender = "",
		.to = "",
		.subject = "",
		.href = "",
		.mm_status = "",
		.relay = "",
		.handset = "" };
	if (!mm7_root(content_type, p, n, &p, &n)) {
		*why = "a multipart without its root part";
		return NULL;
	}
	if ((*why = refuse(a, p, n, &root)) != NULL || root == NULL)
		return NULL;
	body = child(root, "Body");
	if (strcasecmp(local(root->name), "Envelope") != 0 || body == NULL || body->child == NULL) {
		*why = "not a SOAP envelope with a body";
		return NULL;
	}
	m->transaction = text(child(child(root, "Header"), "TransactionID"));
	if (strcasecmp(local(body->child->name), "Fault") == 0)
		read_fault(m, body->child);
	else
		read_message(m, body->child);
	return m;
}

/* These follow the table of status codes in TS 23.140 as public descriptions of it and other
 * implementations give it; the text itself was not at hand. Of the client errors only 2004 is
 * about the content, its size or type. Sinch's MMSCs answer 2560 for a message that is too long.
 * 3001, 3003 and 3004 mean that the request is impossible, not that the server fails. Of 4xxx
 * only 4000 and 4006 are worth another attempt. */
static const struct {
	unsigned code;
	enum transport_rc rc;
	const char *text;
} codes[] = {
	{ MM7_SUCCESS, TRANSPORT_TAKEN, "Success" },
	{ MM7_PARTIAL, TRANSPORT_TAKEN, "Partial success" },
	{ MM7_CLIENT_ERROR, TRANSPORT_REFUSED, "Client error" },
	{ MM7_RESTRICTED, TRANSPORT_REFUSED, "Operation restricted" },
	{ 2002, TRANSPORT_REFUSED, "Address error" },
	{ 2003, TRANSPORT_REFUSED, "Address not found" },
	{ MM7_CONTENT_REFUSED, TRANSPORT_TOO_BIG, "Multimedia content refused" },
	{ MM7_UNKNOWN_ID, TRANSPORT_REFUSED, "Message ID not found" },
	{ 2006, TRANSPORT_REFUSED, "LinkedID not found" },
	{ MM7_CORRUPT, TRANSPORT_REFUSED, "Message format corrupt" },
	{ 2560, TRANSPORT_TOO_BIG, "Content length exceeded maximum supported request size" },
	{ MM7_SERVER_ERROR, TRANSPORT_AGAIN, "Server error" },
	{ 3001, TRANSPORT_REFUSED, "Not possible" },
	{ 3002, TRANSPORT_AGAIN, "Message rejected" },
	{ 3003, TRANSPORT_REFUSED, "Multiple addresses not supported" },
	{ 3004, TRANSPORT_REFUSED, "Application addressing not supported" },
	{ 4000, TRANSPORT_AGAIN, "General service error" },
	{ 4001, TRANSPORT_REFUSED, "Improper identification" },
	{ MM7_UNSUPPORTED_VERSION, TRANSPORT_REFUSED, "Unsupported version" },
	{ MM7_UNSUPPORTED, TRANSPORT_REFUSED, "Unsupported operation" },
	{ MM7_INVALID, TRANSPORT_REFUSED, "Validation error" },
	{ 4005, TRANSPORT_REFUSED, "Service error" },
	{ MM7_UNAVAILABLE, TRANSPORT_AGAIN, "Service unavailable" },
	{ 4007, TRANSPORT_REFUSED, "Service denied" },
};

enum { CODES = sizeof codes / sizeof codes[0] };

enum transport_rc
mm7_outcome(unsigned code)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].code == code)
			return codes[i].rc;
	/* codes of a vendor count by their class */
	return code / 1000 == 1 ? TRANSPORT_TAKEN :
	    code / 1000 == 3    ? TRANSPORT_AGAIN :
				  TRANSPORT_REFUSED;
}

const char *
mm7_code_text(unsigned code)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].code == code)
			return codes[i].text;
	return "";
}

bool
mm7_report_kind(const char *mm_status, enum report_kind *kind)
{
	static const struct {
		const char *name;
		enum report_kind kind;
	} kinds[] = {
		/* TS 23.140, mmStatusType. The network does not retry a message that the handset
		 * does not know (Unrecognised) or that it cannot carry. */
		{ "Retrieved", REPORT_DELIVERED },
		{ "Expired", REPORT_EXPIRED },
		{ "Rejected", REPORT_REJECTED },
		{ "Unrecognised", REPORT_NOT_SUPPORTED },
		{ "Unrecognized", REPORT_NOT_SUPPORTED },
		{ "SystemError", REPORT_FAILED },
		{ "System Error", REPORT_FAILED },
		/* not in the schema, but in use by MMSCs (Sinch, SKT) */
		{ "Delivered", REPORT_DELIVERED },
		{ "Failed", REPORT_FAILED },
		{ "Undeliverable", REPORT_FAILED },
		{ "NotSupported", REPORT_NOT_SUPPORTED },
		{ "Unreachable", REPORT_FAILED },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcasecmp(kinds[i].name, mm_status) == 0) {
			*kind = kinds[i].kind;
			return true;
		}
	return false;
}
