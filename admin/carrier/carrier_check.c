/* carrier_check: the part of carrier.h that checks what came in. Pure. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admin/carrier/carrier.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/crypt.h"
#include "request/mime_read.h"
#include "request/xmlscan.h"
#include "request/xmltree.h"

enum { PARTS = 256, FIELD = 1024, LINE = 998 };

struct inside {
	struct arena *a;
	struct carrier_mms *out;
	char **id, **location; /* of each part, without < >; NULL: it has none */
	size_t n;
	char *smil; /* decoded */
	size_t nsmil;
};

/* Records a fault, if it is the first. Returns false, for the caller to return. */
static bool __attribute__((format(printf, 3, 4)))
fault(struct carrier_mms *out, unsigned code, const char *fmt, ...)
{
	va_list ap;

	if (out->fault[0] != '\0')
		return false;
	va_start(ap, fmt);
	(void)vsnprintf(out->fault, sizeof out->fault, fmt, ap);
	va_end(ap);
	out->code = code;
	return false;
}

/* Returns whether the n bytes are lines as RFC 2045 (2.7, 2.8) requires: CR LF at the end of each
 * line and nowhere else, at most 998 bytes, no NUL; if seven is set, ASCII only. */
static bool
good_lines(const char *p, size_t n, bool seven)
{
	size_t line = 0;

	for (size_t i = 0; i < n; i++, line++) {
		if (p[i] == '\r' && i + 1 < n && p[i + 1] == '\n') {
			i++;
			line = (size_t)-1;
		} else if (p[i] == '\r' || p[i] == '\n' || p[i] == '\0' || line >= LINE ||
		    (seven && (unsigned char)p[i] > 0x7f)) {
			return false;
		}
	}
	return true;
}

static char *
from_base64(struct arena *a, const struct mime_part *part, size_t *n)
{
	char *text = arena_zalloc(a, part->nbody + 1), *out = arena_zalloc(a, part->nbody + 1);
	size_t w = 0;
	long len;

	if (text == NULL || out == NULL)
		return NULL;
	for (size_t i = 0; i < part->nbody; i++)
		if (part->body[i] != '\r' && part->body[i] != '\n')
			text[w++] = part->body[i];
	len = crypt_unbase64(text, (unsigned char *)out, part->nbody);
	*n = len < 0 ? 0 : (size_t)len;
	return len < 0 || memchr(text, '\0', w) != NULL ? NULL : out;
}

/* Returns the decoded bytes of a part, followed by a NUL. Returns NULL if they are not in the
 * encoding that the part names, or if that encoding is unknown. A part that names none is 7bit. */
static char *
decoded(struct arena *a, const struct mime_part *part, size_t *n)
{
	char how[64];

	if (!mime_field(part, "Content-Transfer-Encoding", how, sizeof how))
		(void)snprintf(how, sizeof how, "7bit");
	if (strcasecmp(how, "base64") == 0)
		return from_base64(a, part, n);
	*n = part->nbody;
	if (strcasecmp(how, "7bit") == 0 || strcasecmp(how, "8bit") == 0)
		return good_lines(part->body, *n, how[0] == '7') ? arena_memdup(a, part->body, *n) :
								   NULL;
	return strcasecmp(how, "binary") == 0 ? arena_memdup(a, part->body, *n) : NULL;
}

static char *
field_of(struct arena *a, const struct mime_part *part, const char *name)
{
	char v[FIELD];

	return mime_field(part, name, v, sizeof v) ? arena_strdup(a, v) : NULL;
}

/* Returns the Content-ID without its angle brackets, or NULL if it has none. */
static char *
content_id(struct arena *a, const struct mime_part *part)
{
	char *v = field_of(a, part, "Content-ID");
	size_t n = v != NULL ? strlen(v) : 0;

	if (n < 3 || v[0] != '<' || v[n - 1] != '>')
		return NULL;
	v[n - 1] = '\0';
	return v + 1;
}

static bool
take_part(struct inside *in, const struct mime_part *part)
{
	char *type = field_of(in->a, part, "Content-Type"), *bytes;
	size_t n;

	if (in->n == PARTS)
		return fault(in->out, MM7_CORRUPT, "more than %d parts", PARTS);
	in->id[in->n] = content_id(in->a, part);
	in->location[in->n] = field_of(in->a, part, "Content-Location");
	in->n++;
	if (type == NULL)
		return fault(in->out, MM7_CORRUPT, "part %zu has no Content-Type", in->n);
	if (in->id[in->n - 1] == NULL && in->location[in->n - 1] == NULL)
		return fault(in->out, MM7_CORRUPT,
		    "part %zu has neither Content-ID nor Content-Location", in->n);
	if ((bytes = decoded(in->a, part, &n)) == NULL)
		return fault(in->out, MM7_CORRUPT,
		    "part %zu does not match its Content-Transfer-Encoding", in->n);
	if (n == 0)
		return fault(in->out, MM7_CORRUPT, "part %zu is empty", in->n);
	if (mime_is(type, "application/smil")) {
		if (in->smil != NULL)
			return fault(in->out, MM7_CORRUPT, "there are two SMIL parts");
		in->smil = bytes;
		in->nsmil = n;
	}
	return true;
}

static bool
resolves(const struct inside *in, const char *src)
{
	bool cid = strncasecmp(src, "cid:", 4) == 0;

	for (size_t i = 0; i < in->n; i++)
		if (cid ? in->id[i] != NULL && strcmp(in->id[i], src + 4) == 0 :
			  (in->location[i] != NULL && strcmp(in->location[i], src) == 0))
			return true;
	return false;
}

/* Checks every src below n. */
static bool
check_sources(const struct inside *in, const struct xnode *n)
{
	for (; n != NULL; n = n->next) {
		const char *src = xnode_attr(n, "src");

		if (src != NULL && !resolves(in, src))
			return fault(in->out, MM7_CORRUPT,
			    "the SMIL refers to '%.60s', which is missing", src);
		if (!check_sources(in, n->child))
			return false;
	}
	return true;
}

static bool
check_smil(const struct inside *in)
{
	struct xnode *root;
	const char *why;
	unsigned line;

	if (in->smil == NULL)
		return fault(in->out, MM7_CORRUPT, "there is no SMIL part");
	if ((why = xmlscan(in->smil, in->nsmil, &line)) != NULL)
		return fault(in->out, MM7_CORRUPT, "the SMIL: %.80s at line %u", why, line);
	if ((root = xmltree_parse(in->a, in->smil, in->nsmil, &why)) == NULL)
		return fault(in->out, MM7_CORRUPT, "the SMIL: %.80s",
		    why != NULL ? why : "out of memory");
	if (strcmp(root->name, "smil") != 0 || xnode_child(root, "body") == NULL)
		return fault(in->out, MM7_CORRUPT, "the SMIL part is not SMIL");
	return check_sources(in, root);
}

static bool
check_content(struct arena *a, const struct mime_part *content, struct carrier_mms *out)
{
	struct inside in = { .a = a, .out = out };
	struct mime_parts parts;
	struct mime_part part;
	char type[FIELD];
	int more;

	in.id = arena_array(a, PARTS, sizeof *in.id);
	in.location = arena_array(a, PARTS, sizeof *in.location);
	if (in.id == NULL || in.location == NULL)
		return fault(out, MM7_UNAVAILABLE, "out of memory");
	if (!mime_field(content, "Content-Type", type, sizeof type) ||
	    !mime_is(type, "multipart/related"))
		return fault(out, MM7_CORRUPT, "the content is not multipart/related");
	if (!mime_open(&parts, type, content->body, content->nbody))
		return fault(out, MM7_CORRUPT, "the content does not begin with its boundary");
	while ((more = mime_next(&parts, &part)) > 0)
		if (!take_part(&in, &part))
			return false;
	out->parts = in.n;
	return more == 0 ? check_smil(&in) : fault(out, MM7_CORRUPT, "the content is cut off");
}

/* Finds the part of the HTTP body that the envelope's href ("cid:...") names. */
static bool
find_content(struct arena *a, const struct carrier_submit *in, struct mime_part *out)
{
	const char *cid = in->m->href + strlen("cid:");
	struct mime_parts parts;

	if (!mime_is(in->content_type, "multipart/related") ||
	    !mime_open(&parts, in->content_type, in->body, in->len))
		return false;
	while (mime_next(&parts, out) > 0) {
		const char *id = content_id(a, out);

		if (id != NULL && strcmp(id, cid) == 0)
			return true;
	}
	return false;
}

static bool
check_envelope(const struct mm7 *m, struct carrier_mms *out)
{
	const char *space = mm7_namespace(m->version);

	if (m->type != MM7_SUBMIT_REQ)
		return fault(out, MM7_UNSUPPORTED, "'%.40s' is not served here", m->name);
	if (m->transaction[0] == '\0')
		return fault(out, MM7_INVALID, "TransactionID is missing");
	if (space == NULL)
		return fault(out, MM7_UNSUPPORTED_VERSION, "MM7Version is '%.20s'", m->version);
	if (strcmp(space, m->space) != 0)
		return fault(out, MM7_INVALID, "namespace '%.100s' is not that of version %s",
		    m->space, m->version);
	if (m->to[0] == '\0' || !ascii_only(m->to, "+" ASCII_DIGITS))
		return fault(out, 2002, "the recipient is '%.40s'", m->to);
	if (m->sender[0] == '\0')
		return fault(out, MM7_INVALID, "SenderAddress is missing");
	if (strncasecmp(m->href, "cid:", 4) != 0)
		return fault(out, MM7_INVALID, "Content's href is '%.60s'", m->href);
	return true;
}

void
carrier_check(struct arena *a, const struct carrier_submit *in, struct carrier_mms *out)
{
	struct mime_part content;
	struct mm7_root root;

	*out = (struct carrier_mms){ .code = MM7_SUCCESS, .soap = "", .content = "" };
	if (mm7_root(in->content_type, in->body, in->len, &root)) {
		out->soap = root.p;
		out->nsoap = root.n;
	}
	if (in->m == NULL) {
		(void)fault(out, MM7_CORRUPT, "%.150s",
		    in->why != NULL ? in->why : "out of memory");
		return;
	}
	if (!check_envelope(in->m, out))
		return;
	if (!find_content(a, in, &content)) {
		(void)fault(out, MM7_CORRUPT, "there is no part '%.60s'", in->m->href);
		return;
	}
	out->content = content.head;
	out->ncontent = (size_t)(content.body + content.nbody - content.head);
	(void)check_content(a, &content, out);
}
