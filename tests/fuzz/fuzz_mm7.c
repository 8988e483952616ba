/*
 * fuzz_mm7: what MMSCs send: the multipart, the envelope in it, and what is looked at in an
 * MMS; the same body taken for gzip. The input's first line is the Content-Type, what follows is
 * the body.
 */
#include "fuzz.h"

#include <string.h>

#include "admin/carrier/carrier.h"
#include "base/arena.h"
#include "request/gunzip.h"
#include "request/mime_read.h"
#include "request/xmltree.h"
#include "send/mm7.h"

static bool
inside(const struct mime_part *p, const char *body, size_t len)
{
	return p->head >= body && p->head + p->nhead <= body + len && p->body >= body &&
	    p->body + p->nbody <= body + len;
}

static void
read_parts(const char *type, const char *body, size_t len)
{
	struct mime_parts parts;
	struct mime_part part;
	char v[64];

	if (!mime_open(&parts, type, body, len))
		return;
	while (mime_next(&parts, &part) > 0) {
		MUST(inside(&part, body, len));
		if (mime_field(&part, "Content-Type", v, sizeof v))
			MUST(strlen(v) < sizeof v);
	}
}

/* What was read can be answered, and the answer can be read. */
static void
answer(struct arena *a, const struct mm7 *m)
{
	const struct mm7_answer r = { .req = m,
		.code = 2000,
		.text = "x",
		.details = m->details,
		.message_id = m->message_id };
	const struct mm7 *back;
	const char *why;
	struct buf b;

	buf_init(&b, 1 << 20);
	mm7_answer(&b, &r);
	if (buf_ok(&b)) {
		back = mm7_read(a, "text/xml", buf_str(&b), b.len, &why);
		MUST(back != NULL || why == NULL || strlen(m->space) > 2000);
		MUST(back == NULL || strcmp(back->details, m->details) == 0);
	}
	buf_free(&b);
}

static bool
add_up(void *ctx, const void *p, size_t n)
{
	(void)p;
	*(size_t *)ctx += n;
	return *(size_t *)ctx <= FUZZ_MEMORY;
}

/* Unpacks a body piece by piece. Returns how many bytes it becomes, SIZE_MAX when it is not whole
 * or becomes too many. */
static size_t
in_pieces(const char *body, size_t len)
{
	enum { PIECE = 7 };
	size_t n = 0;
	const struct gunzip_sink to = { add_up, &n };
	struct gunzip_flow *f = gunzip_flow_new();
	bool ok = f != NULL;

	for (size_t i = 0; ok && i < len; i += PIECE)
		ok = gunzip_flow_add(f, body + i, PIECE < len - i ? PIECE : len - i, &to) ==
		    GUNZIP_OK;
	ok = ok && gunzip_flow_whole(f);
	gunzip_flow_free(&f);
	return ok ? n : SIZE_MAX;
}

/* What else is asked of an answer or a report. */
static void
look(struct arena *a, const char *type, const char *body, size_t len)
{
	enum { MOST = 1000 };
	char id[MM7_ID], again[MM7_ID], *text = arena_memdup(a, body, len), *whole;
	enum mm7_body kind = mm7_body_of(a, type, body, len);
	size_t n, pieces = in_pieces(body, len);

	MUST(kind == MM7_BODY_NONE || len > 0);
	if (text != NULL) {
		mm7_id(text, id);
		mm7_id(id, again);
		MUST(strcmp(id, again) == 0);
	}
	if ((whole = gunzip(a, body, len, MOST, &n)) != NULL)
		MUST(n <= MOST && whole[n] == '\0' && pieces == n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nl = size > 0 ? memchr(data, '\n', size) : NULL;
	struct arena *a = arena_new(FUZZ_MEMORY);
	struct carrier_mms mms;
	enum report_kind kind;
	struct carrier_submit in = { .m = NULL };
	const char *type, *body;
	size_t len;

	xmltree_init();
	if (a == NULL || nl == NULL ||
	    (type = arena_memdup(a, data, (size_t)(nl - data))) == NULL) {
		arena_free(&a);
		return 0;
	}
	body = (const char *)nl + 1;
	len = size - (size_t)(nl + 1 - data);
	read_parts(type, body, len);
	in = (struct carrier_submit){ .content_type = type, .body = body, .len = len };
	if ((in.m = mm7_read(a, type, body, len, &in.why)) != NULL) {
		(void)mm7_outcome(in.m->code);
		(void)mm7_report_kind(in.m->mm_status, &kind);
		answer(a, in.m);
	}
	look(a, type, body, len);
	carrier_check(a, &in, &mms);
	MUST((mms.code == MM7_SUCCESS) == (mms.fault[0] == '\0'));
	arena_free(&a);
	return 0;
}
