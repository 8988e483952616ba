/*
 * mime: see mime.h. Texts go as they are, with the line breaks they have (SPEC 3.2: byte
 * for byte), not in RFC 2046's canonical CR LF. Memory: one block, whatever the media.
 */
#include "mime.h"

#include <errno.h>
#include <string.h>

#include "blob.h"
#include "buf.h"
#include "crypt.h"
#include "file.h"
#include "log.h"
#include "mime_part.h"

/* LINES of base64 are made at once; HEADS is the cap of all headers kept until the next
 * write. */
enum { LINES = 128, HEADS = 1 << 16 };

/* Writes n bytes in lines of base64, LINES a time. */
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
put_blob(const struct settings *s, const struct mime_out *out, const struct compose_part *p)
{
	unsigned char block[LINES * MIME_LINE];
	int fd = blob_open(s, p->sha);
	uint64_t off = 0;
	ssize_t n = fd < 0 ? -1 : 0;
	bool ok = true;

	while (fd >= 0 && ok && (n = file_pread(fd, block, sizeof block, off)) > 0) {
		ok = put_lines(out, block, (size_t)n);
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
put_part(const struct settings *s, const struct compose_part *p, const char *boundary, enum mime_media how,
    const struct mime_out *out, struct buf *heads)
{
	char path[INSTANCE_PATH];

	if (p->own == NULL && how == MIME_REFER) {
		blob_path(s, p->sha, path, sizeof path);
		mime_part_refer(heads, p, boundary, path);
		return path[0] != '\0' && flush(out, heads);
	}
	mime_part_head(heads, p, boundary);
	if (!flush(out, heads))
		return false;
	return p->own != NULL ? put_lines(out, (const unsigned char *)p->own, p->len) : put_blob(s, out, p);
}

bool
mime_related(const struct settings *s, const struct composed *c, const char *boundary, enum mime_media how,
    const struct mime_out *out)
{
	struct buf heads;
	bool ok = true;

	buf_init(&heads, HEADS);
	mime_head(&heads, c, boundary);
	for (size_t i = 0; ok && i < c->npart; i++)
		ok = put_part(s, &c->part[i], boundary, how, out, &heads);
	mime_tail(&heads, boundary);
	ok = ok && flush(out, &heads);
	buf_free(&heads);
	return ok;
}
