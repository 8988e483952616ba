/* mm7: the part of mm7.h that reads messages; mm7_write.c writes them, mm7_codes.c interprets. */
#include "send/mm7.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/num.h"
#include "request/charset.h"
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
	/* a DeliveryReportReq has no Status around its StatusText, and some answers have none */
	read_status(m, child(n, "Status") != NULL ? child(n, "Status") : n);
}

/* Reads a Fault. Its detail holds the message, or a status by itself, maybe with other elements
 * beside it; without one the faultstring is all there is. */
static void
read_fault(struct mm7 *m, const struct xnode *n)
{
	const struct xnode *detail = child(n, "detail"), *c = detail != NULL ? detail->child : NULL;
	const struct xnode *first = c;

	if (child(detail, "Status") != NULL || child(detail, "StatusCode") != NULL) {
		read_message(m, detail);
	} else {
		while (c != NULL && child(c, "Status") == NULL && child(c, "StatusCode") == NULL)
			c = c->next;
		if (c != NULL || first != NULL)
			read_message(m, c != NULL ? c : first);
	}
	m->type = m->type == MM7_OTHER ? MM7_RS_ERROR : m->type;
	if (m->status[0] == '\0')
		m->status = text(child(n, "faultstring"));
}

/* Sets *out to the part of a multipart that start names, or to its first part if it names none
 * that is there. */
static bool
root_part(const char *content_type, const char *p, size_t n, struct mm7_root *out)
{
	char start[TYPE_MAX], id[TYPE_MAX], type[TYPE_MAX];
	struct mime_parts parts;
	struct mime_part part, root;
	bool any = false;

	if (!mime_parameter(content_type, strlen(content_type), "start", start, sizeof start))
		start[0] = '\0';
	if (!mime_open(&parts, content_type, p, n))
		return false;
	while (mime_next(&parts, &part) > 0) {
		bool named = start[0] != '\0' && mime_field(&part, "Content-ID", id, sizeof id) &&
		    mm7_id_same(id, start);

		if (named || !any)
			root = part;
		any = true;
		if (named || start[0] == '\0')
			break;
	}
	if (!any)
		return false;
	out->p = root.body;
	out->n = root.nbody;
	if (!mime_field(&root, "Content-Type", type, sizeof type) ||
	    !mime_parameter(type, strlen(type), "charset", out->charset, sizeof out->charset))
		out->charset[0] = '\0';
	return true;
}

bool
mm7_root(const char *content_type, const char *p, size_t n, struct mm7_root *out)
{
	if (strncasecmp(content_type, "multipart/", 10) == 0)
		return root_part(content_type, p, n, out);
	*out = (struct mm7_root){ .p = p, .n = n };
	if (!mime_parameter(content_type, strlen(content_type), "charset", out->charset,
		sizeof out->charset))
		out->charset[0] = '\0';
	return true;
}

/* Parses the XML. Returns a reason if it cannot be read; *root stays NULL where memory is short. */
static const char *
parse(struct arena *a, const struct mm7_root *in, struct xnode **root)
{
	const struct charset_in text = { .p = in->p, .n = in->n, .named = in->charset };
	unsigned line;
	const char *why;
	size_t n;
	char *p = charset_xml_to_utf8(a, &text, &n, &why);

	if (p == NULL)
		return why;
	if ((why = xmlscan(p, n, &line)) != NULL)
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
	struct mm7_root soap;

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
	if (!mm7_root(content_type, p, n, &soap)) {
		*why = "a multipart without its root part";
		return NULL;
	}
	if ((*why = parse(a, &soap, &root)) != NULL || root == NULL)
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

/* Returns the first name in an XML text: that of its document type or of its first element,
 * without a prefix, and sets *n to its length; 0: the text does not begin as XML does. */
static const char *
first_name(const char *p, const char *end, size_t *n)
{
	static const char doctype[] = "<!doctype";
	const char *name;

	for (*n = 0;;) {
		const char *close = "?>";

		while (p < end && strchr(" \t\r\n", *p) != NULL)
			p++;
		if (end - p < 2 || *p != '<')
			return p;
		if (end - p >= 4 && memcmp(p, "<!--", 4) == 0)
			close = "-->";
		else if (p[1] != '?')
			break;
		if ((p = memmem(p, (size_t)(end - p), close, strlen(close))) == NULL)
			return end;
		p += strlen(close);
	}
	p++;
	if (end - p >= (ptrdiff_t)sizeof doctype - 1 &&
	    strncasecmp(p - 1, doctype, sizeof doctype - 1) == 0)
		for (p += sizeof doctype - 2; p < end && strchr(" \t\r\n", *p) != NULL;)
			p++;
	for (name = p; p < end && *p != '\0' && strchr(ASCII_ALNUM "_-.:", *p) != NULL; p++)
		if (*p == ':')
			name = p + 1;
	*n = (size_t)(p - name);
	return name;
}

/* Does the Content-Type say XML, or a multipart with XML in it? */
static bool
xml_type(const char *content_type)
{
	const char *subtype = strchr(content_type, '/');
	size_t n = subtype != NULL ? strcspn(++subtype, "; \t") : 0;

	return strncasecmp(content_type, "multipart/related", 17) == 0 ||
	    (n == 3 && strncasecmp(subtype, "xml", n) == 0) ||
	    (n > 4 && strncasecmp(subtype + n - 4, "+xml", 4) == 0 &&
		strncasecmp(subtype, "xhtml", 5) != 0);
}

enum mm7_body
mm7_body_of(struct arena *a, const char *content_type, const char *p, size_t n)
{
	struct mm7_root root = { .p = p, .n = n };
	const char *why, *name;
	struct charset_in text;
	char *decoded;
	size_t len;
	bool html;

	if (!mm7_root(content_type, p, n, &root)) /* a multipart that is broken, or empty */
		return n > 0 ? MM7_BODY_XML : MM7_BODY_NONE;
	text = (struct charset_in){ .p = root.p, .n = root.n, .named = root.charset };
	if ((decoded = charset_xml_to_utf8(a, &text, &len, &why)) != NULL) {
		root.p = decoded;
		root.n = len;
	}
	name = first_name(root.p, root.p + root.n, &len);
	if (len == 0)
		return name == root.p + root.n ? MM7_BODY_NONE :
		    xml_type(content_type)     ? MM7_BODY_XML :
						 MM7_BODY_OTHER;
	html = len == 4 && strncasecmp(name, "html", len) == 0;
	if (html ||
	    (mime_is(content_type, "text/html") &&
		(len != 8 || strncasecmp(name, "Envelope", len) != 0)))
		return MM7_BODY_OTHER;
	return MM7_BODY_XML;
}
