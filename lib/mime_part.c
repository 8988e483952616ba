/* mime_part: see mime_part.h */
#include "mime_part.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "crypt.h"

/* ENVELOPE: To, From, transaction and the like; the subject, encoded, comes to it. HEAD_MAX: the
 * headers of one part; a path is INSTANCE_PATH at most, three times that in percent signs. */
enum { ENVELOPE = 768, HEAD_MAX = 8192 };

/* Longest value that is not folded (lines of at most 998, RFC 5322 2.1.1); bytes in an
 * encoded word. */
enum { HEADER_PLAIN = 900, WORD = 45 };

uint64_t
mime_encoded(uint64_t n)
{
	uint64_t lines = n / MIME_LINE, rest = n % MIME_LINE;

	return lines * MIME_ENCODED + (rest > 0 ? (rest + 2) / 3 * 4 + 2 : 0);
}

static bool
is_text(const char *type)
{
	return strcmp(type, "text/plain") == 0 || strcmp(type, "application/smil") == 0;
}

/* May it stand in a header as it is? */
static bool
plain_header(const char *s, size_t n)
{
	if (n > HEADER_PLAIN || s[0] == ' ' || s[n - 1] == ' ' || strstr(s, "=?") != NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return false;
	return true;
}

void
mime_header(struct buf *out, const char *name, const char *value)
{
	char word[WORD * 2];
	size_t left = strlen(value), n;

	if (left == 0)
		return;
	buf_adds(out, name);
	buf_addc(out, ':');
	if (plain_header(value, left)) {
		buf_addc(out, ' ');
		buf_add(out, value, left);
		left = 0;
	}
	for (const char *s = value; left > 0; s += n, left -= n) {
		n = left < WORD ? left : WORD;
		while (n < left && n > WORD - 4 && ((unsigned char)s[n] & 0xc0) == 0x80)
			n--;	/* whole characters */
		(void)crypt_base64(s, n, word, sizeof word);
		buf_adds(out, s == value ? " =?utf-8?B?" : "\r\n =?utf-8?B?");
		buf_adds(out, word);
		buf_adds(out, "?=");
	}
	buf_adds(out, "\r\n");
}

/* The headers a part has however it travels. Its name stands in Content-ID, in
 * Content-Location and as name and file name alike, because handsets look for what the
 * SMIL says in any one of these. */
static void
describe(struct buf *out, const struct compose_part *p)
{
	buf_adds(out, "Content-Type: ");
	buf_adds(out, p->type);
	buf_adds(out, is_text(p->type) ? "; charset=utf-8; name=\"" : "; name=\"");
	buf_adds(out, p->id);
	buf_adds(out, "\"\r\nContent-ID: <");
	buf_adds(out, p->id);
	buf_adds(out, ">\r\nContent-Location: ");
	buf_adds(out, p->id);
	buf_adds(out, "\r\n");
	if (!p->attached)
		return;
	buf_adds(out, "Content-Disposition: attachment; filename=\"");
	buf_adds(out, p->id);
	buf_adds(out, "\"\r\n");
}

static void
delimiter(struct buf *out, const char *boundary)
{
	buf_adds(out, "\r\n--");
	buf_adds(out, boundary);
}

void
mime_head(struct buf *out, const struct composed *c, const char *boundary)
{
	buf_adds(out, "Content-Type: multipart/related;\r\n type=\"application/smil\"; start=\"<");
	buf_adds(out, c->part[0].id);
	buf_adds(out, ">\";\r\n boundary=\"");
	buf_adds(out, boundary);
	buf_adds(out, "\"\r\n");
}

void
mime_part_head(struct buf *out, const struct compose_part *p, const char *boundary)
{
	delimiter(out, boundary);
	buf_adds(out, "\r\n");
	describe(out, p);
	buf_adds(out, "Content-Transfer-Encoding: base64\r\n\r\n");
}

/* The file's name as a parameter: quoted, or as RFC 2231 has it where it is not ASCII. */
static void
put_path(struct buf *out, const char *path)
{
	bool plain = true;

	for (const char *s = path; *s != '\0'; s++)
		plain = plain && *s >= 0x20 && *s < 0x7f;
	buf_adds(out, plain ? " name=\"" : " name*=utf-8''");
	for (const char *s = path; *s != '\0'; s++)
		if (!plain && !((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9')))
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
		else {
			if (*s == '"' || *s == '\\')
				buf_addc(out, '\\');
			buf_addc(out, *s);
		}
	buf_adds(out, plain ? "\"" : "");
}

void
mime_part_refer(struct buf *out, const struct compose_part *p, const char *boundary, const char *path)
{
	delimiter(out, boundary);
	buf_adds(out, "\r\nContent-Type: message/external-body; access-type=local-file;\r\n");
	put_path(out, path);
	buf_printf(out, ";\r\n size=%" PRIu64 "\r\n\r\n", p->bytes);
	describe(out, p);
	buf_adds(out, "Content-Transfer-Encoding: binary\r\n\r\n");
}

void
mime_tail(struct buf *out, const char *boundary)
{
	delimiter(out, boundary);
	buf_adds(out, "--\r\n");
}

uint64_t
mime_weight(const struct composed *c)
{
	static const char boundary[MIME_BOUNDARY + 1] = "01234567890123456789012345678901";
	uint64_t sum = ENVELOPE + mime_encoded(strlen(c->subject));
	struct buf b;

	buf_init(&b, HEAD_MAX);
	mime_head(&b, c, boundary);
	mime_tail(&b, boundary);
	for (size_t i = 0; i < c->npart && buf_ok(&b); i++) {
		sum += b.len + mime_encoded(c->part[i].bytes);
		buf_reset(&b);
		mime_part_head(&b, &c->part[i], boundary);
	}
	sum = buf_ok(&b) ? sum + b.len : UINT64_MAX;
	buf_free(&b);
	return sum;
}
