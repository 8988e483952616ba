/* mime_part: see mime_part.h */
#include "send/mime_part.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "model/text.h"

/* HEAD_MAX: the cap of the headers of one part, in bytes; a path is INSTANCE_PATH at most, three
 * times that in percent escapes. LINE_MAX_BYTES: RFC 5322, 2.1.1 and RFC 2045, 2.7. */
enum { HEAD_MAX = 8192, LINE_MAX_BYTES = 998 };

/* HEADER_PLAIN: the longest value that is not folded (lines of at most 998, RFC 5322, 2.1.1).
 * WORD: bytes in an encoded word. */
enum { HEADER_PLAIN = 900, WORD = 45 };

void
mime_boundary(char out[MIME_MARKED], const char *unique)
{
	(void)snprintf(out, MIME_MARKED, MIME_MARK "%s", unique);
}

uint64_t
mime_encoded(uint64_t n)
{
	uint64_t lines = n / MIME_LINE, rest = n % MIME_LINE;

	return lines * MIME_ENCODED + (rest > 0 ? (rest + 2) / 3 * 4 + 2 : 0);
}

uint64_t
mime_decoded(uint64_t n)
{
	return n / MIME_ENCODED * MIME_LINE;
}

bool
mime_is_text(const struct compose_part *p)
{
	return p->own != NULL &&
	    (strcmp(p->type, "text/plain") == 0 || strcmp(p->type, "application/smil") == 0);
}

enum mime_encoding
mime_text_encoding(const char *text, size_t n)
{
	enum mime_encoding e = MIME_7BIT;
	size_t line = 0;

	for (size_t i = 0; i < n; i++) {
		line = text[i] == '\n' ? 0 : line + 1;
		if (line > LINE_MAX_BYTES || text[i] == '\r' || text[i] == '\0')
			return MIME_BINARY;
		if ((unsigned char)text[i] > 0x7f)
			e = MIME_8BIT;
	}
	return e;
}

enum mime_encoding
mime_encoding(const struct compose_part *p, enum transport_parts parts)
{
	enum mime_encoding e = MIME_BINARY;

	if (mime_is_text(p)) {
		if (memmem(p->own, p->len, MIME_MARK, sizeof MIME_MARK - 1) != NULL)
			return MIME_BASE64;
		e = mime_text_encoding(p->own, p->len);
	}
	return e == MIME_BINARY && parts == PARTS_BASE64 ? MIME_BASE64 : e;
}

/* Tells whether a value may stand in a header as it is. */
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
			n--; /* never splits a character */
		(void)crypt_base64(s, n, word, sizeof word);
		buf_adds(out, s == value ? " =?utf-8?B?" : "\r\n =?utf-8?B?");
		buf_adds(out, word);
		buf_adds(out, "?=");
	}
	buf_adds(out, "\r\n");
}

/* Appends the headers that a part has in any encoding. Its name stands in Content-ID and in
 * Content-Location and serves as name and file name alike, because handsets look for the name
 * from the SMIL in any one of these. */
static void
describe(struct buf *out, const struct compose_part *p)
{
	buf_adds(out, "Content-Type: ");
	buf_adds(out, p->type);
	buf_adds(out, mime_is_text(p) ? "; charset=utf-8; name=\"" : "; name=\"");
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
delimiter(struct buf *out, const struct mime *m)
{
	buf_adds(out, "\r\n--");
	buf_adds(out, m->boundary);
}

static void
encoding_header(struct buf *out, enum mime_encoding e)
{
	static const char *const names[] = { "base64", "7bit", "8bit", "binary" };

	buf_adds(out, "Content-Transfer-Encoding: ");
	buf_adds(out, names[e]);
	buf_adds(out, "\r\n");
}

/* Returns what a relay must be able to carry for the parts that are put in (RFC 2045, 6.4). */
static enum mime_encoding
whole_encoding(const struct mime *m)
{
	enum mime_encoding most = MIME_7BIT, e;

	for (size_t i = 0; i < m->c->npart; i++)
		if (m->media == MIME_EMBED || m->c->part[i].own != NULL) {
			e = mime_encoding(&m->c->part[i], m->parts);
			most = e > most ? e : most;
		}
	return most;
}

void
mime_head(struct buf *out, const struct mime *m)
{
	enum mime_encoding e = whole_encoding(m);

	if (e != MIME_7BIT)
		encoding_header(out, e);
	buf_adds(out, "Content-Type: multipart/related;\r\n type=\"application/smil\"; start=\"<");
	buf_adds(out, m->c->part[0].id);
	buf_adds(out, ">\";\r\n boundary=\"");
	buf_adds(out, m->boundary);
	buf_adds(out, "\"\r\n");
}

void
mime_part_head(struct buf *out, const struct mime *m, const struct compose_part *p)
{
	delimiter(out, m);
	buf_adds(out, "\r\n");
	describe(out, p);
	encoding_header(out, mime_encoding(p, m->parts));
	buf_adds(out, "\r\n");
}

void
mime_part_text(struct buf *out, const struct compose_part *p)
{
	const char *s = p->own, *end = s + p->len, *nl;

	for (; (nl = memchr(s, '\n', (size_t)(end - s))) != NULL; s = nl + 1) {
		buf_add(out, s, (size_t)(nl - s));
		buf_adds(out, "\r\n");
	}
	buf_add(out, s, (size_t)(end - s));
}

/* Appends the path as a parameter: quoted, or in the form of RFC 2231 if it is not ASCII. */
static void
put_path(struct buf *out, const char *path)
{
	bool plain = true;

	for (const char *s = path; *s != '\0'; s++)
		plain = plain && *s >= 0x20 && *s < 0x7f;
	buf_adds(out, plain ? " name=\"" : " name*=utf-8''");
	for (const char *s = path; *s != '\0'; s++)
		if (!plain && strchr(ASCII_ALNUM, *s) == NULL)
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*s);
		else {
			if (*s == '"' || *s == '\\')
				buf_addc(out, '\\');
			buf_addc(out, *s);
		}
	buf_adds(out, plain ? "\"" : "");
}

void
mime_part_refer(struct buf *out, const struct mime *m, const struct compose_part *p,
    const char *path)
{
	delimiter(out, m);
	buf_adds(out, "\r\nContent-Type: message/external-body; access-type=local-file;\r\n");
	put_path(out, path);
	buf_printf(out, ";\r\n size=%" PRIu64 "\r\n\r\n", p->bytes);
	describe(out, p);
	encoding_header(out, MIME_BINARY);
	buf_adds(out, "\r\n");
}

void
mime_tail(struct buf *out, const struct mime *m)
{
	delimiter(out, m);
	buf_adds(out, "--\r\n");
}

/* Returns the size of a part as it is encoded. */
static uint64_t
body_weight(const struct compose_part *p, enum transport_parts parts)
{
	uint64_t n = p->bytes + (mime_is_text(p) ? text_breaks(p->own, p->len) : 0);

	return mime_encoding(p, parts) == MIME_BASE64 ? mime_encoded(n) : n;
}

uint64_t
mime_weight(const struct mime *m)
{
	struct mime whole = *m;
	uint64_t sum = 0;
	struct buf b;

	whole.media = MIME_EMBED;
	buf_init(&b, HEAD_MAX);
	mime_head(&b, &whole);
	mime_tail(&b, &whole);
	for (size_t i = 0; i < m->c->npart && buf_ok(&b); i++) {
		sum += b.len + body_weight(&m->c->part[i], m->parts);
		buf_reset(&b);
		mime_part_head(&b, &whole, &m->c->part[i]);
	}
	sum = buf_ok(&b) ? sum + b.len : UINT64_MAX;
	buf_free(&b);
	return sum;
}
