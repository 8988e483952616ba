/* mime: see mime.h. It needs the memory of one block, whatever the media, and of the text of a
 * part. */
#include "send/mime.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "send/mime_part.h"

/* LINES: lines of base64 made at a time. HEADS: the cap of the headers kept until the next write.
 * TEXT: the cap of a text, with one CR for each LF. */
enum { LINES = 128, HEADS = 1 << 16, TEXT = 2 * COMPOSE_TEXT };

/* Writes n bytes in lines of base64, LINES at a time. */
static bool
put_lines(const struct mime_out *out, const unsigned char *p, size_t n)
{
	char block[LINES * MIME_ENCODED + 1];

	while (n > 0) {
		size_t len = 0;

		for (int i = 0; i < LINES && n > 0; i++) {
			size_t line = n < MIME_LINE ? n : MIME_LINE;

			len += crypt_base64(p, line, block + len, sizeof block - len);
			block[len++] = '\r';
			block[len++] = '\n';
			p += line;
			n -= line;
		}
		if (!out->put(out->ctx, block, len))
			return false;
	}
	return true;
}

static bool
put_bytes(const struct mime_out *out, enum mime_encoding e, const void *p, size_t n)
{
	return e == MIME_BASE64 ? put_lines(out, p, n) : n == 0 || out->put(out->ctx, p, n);
}

static bool
put_text(const struct mime_out *out, enum mime_encoding e, const struct compose_part *p)
{
	struct buf b;
	bool ok;

	buf_init(&b, TEXT);
	mime_part_text(&b, p);
	ok = buf_ok(&b) && put_bytes(out, e, b.p, b.len);
	buf_free(&b);
	return ok;
}

/* Writes a blob. Each block holds whole lines, so that the pieces of base64 join. */
static bool
put_blob(const struct settings *s, const struct mime_out *out, enum mime_encoding e,
    const struct compose_part *p)
{
	unsigned char block[LINES * MIME_LINE];
	int fd = blob_open(s, p->sha);
	uint64_t off = 0;
	ssize_t n = fd < 0 ? -1 : 0;
	bool ok = true;

	while (fd >= 0 && ok && (n = file_pread(fd, block, sizeof block, off)) > 0) {
		ok = put_bytes(out, e, block, (size_t)n);
		off += (uint64_t)n;
	}
	if (n < 0)
		log_error("medium %s: %s", p->sha, strerror(errno));
	else if (ok && off != p->bytes)
		log_error("medium %s: %llu bytes instead of %llu", p->sha, (unsigned long long)off,
		    (unsigned long long)p->bytes);
	file_close(&fd);
	return ok && n == 0 && off == p->bytes;
}

static bool
flush(const struct mime_out *out, struct buf *b)
{
	bool ok = buf_ok(b) && (b->len == 0 || out->put(out->ctx, b->p, b->len));

	buf_reset(b);
	return ok;
}

static bool
put_body(const struct settings *s, const struct mime *m, const struct compose_part *p,
    const struct mime_out *out)
{
	enum mime_encoding e = mime_encoding(p, m->parts);

	if (p->own == NULL)
		return put_blob(s, out, e, p);
	return mime_is_text(p) ? put_text(out, e, p) : put_bytes(out, e, p->own, p->len);
}

static bool
put_part(const struct settings *s, const struct mime *m, const struct compose_part *p,
    const struct mime_out *out, struct buf *heads)
{
	char path[INSTANCE_PATH];

	if (p->own == NULL && m->media == MIME_REFER) {
		blob_path(s, p->sha, path, sizeof path);
		mime_part_refer(heads, m, p, path);
		return path[0] != '\0' && flush(out, heads);
	}
	mime_part_head(heads, m, p);
	return flush(out, heads) && put_body(s, m, p, out);
}

bool
mime_related(const struct settings *s, const struct mime *m, const struct mime_out *out)
{
	struct buf heads;
	bool ok = true;

	buf_init(&heads, HEADS);
	mime_head(&heads, m);
	for (size_t i = 0; ok && i < m->c->npart; i++)
		ok = put_part(s, m, &m->c->part[i], out, &heads);
	mime_tail(&heads, m);
	ok = ok && flush(out, &heads);
	buf_free(&heads);
	return ok;
}
