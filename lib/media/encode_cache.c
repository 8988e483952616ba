/* encode_cache: see encode_cache.h */
#include "media/encode_cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "base/record.h"

/* Raised when the encoder's rules change what a plan gives. */
enum { RULES = 4 };

static const struct record_form record_form = { "made", 2 };

void
encode_cache_key(const char *source, const struct transcode_request *req, char out[SHA256_HEX])
{
	struct sha256 h;
	char line[128];
	int n = snprintf(line, sizeof line, "%d %s %" PRIu32, RULES, source, req->format);

	crypt_sha256_start(&h);
	crypt_sha256_add(&h, line, (size_t)n);
	for (uint32_t i = 0; i < req->ntargets; i++) {
		const struct transcode_target *t = &req->target[i];

		n = snprintf(line, sizeof line,
		    " %" PRIu64 ":%" PRIu32 ":%" PRIu32 ":%" PRIu32 ":%" PRIu32, t->budget, t->box,
		    t->audio_bps, t->sound_bps, t->profile);
		crypt_sha256_add(&h, line, (size_t)n);
	}
	crypt_sha256_end(&h, out);
}

void
encode_cache_write(const struct encode_cache_made *m, struct buf *out)
{
	record_start(out, &record_form);
	buf_printf(out, "source %" PRIu32 " %" PRIu32 " %" PRIu32 " %u\n", m->width, m->height,
	    m->ms, m->ntargets);
	for (unsigned i = 0; i < m->ntargets; i++) {
		const struct rendition *r = &m->r[i];

		if (m->there[i])
			buf_printf(out,
			    "target %u %s %s %" PRIu64 " %" PRIu32 " %" PRIu32 " %" PRIu32
			    " %" PRIu32 " %d\n",
			    i, format_name(r->format), r->sha, r->bytes, r->width, r->height, r->ms,
			    r->quality, (int)r->size);
	}
	record_end(out);
}

static uint32_t
small(struct record *r, const char *word)
{
	uint64_t v = 0;

	if (!num_u64(word, 0, UINT32_MAX, &v))
		r->bad = true;
	return (uint32_t)v;
}

static void
read_target(struct record *rec, struct encode_cache_made *m)
{
	struct rendition *r;
	char *w[9];
	uint32_t i;

	if (!record_words(rec, w, 9) || (i = small(rec, w[0])) >= m->ntargets || m->there[i]) {
		rec->bad = true;
		return;
	}
	r = &m->r[i];
	m->there[i] = true;
	r->format = format_by_name(w[1]);
	if (r->format == FORMAT_NONE || !crypt_is_sha256_hex(w[2]) ||
	    !num_u64(w[3], 1, INT64_MAX, &r->bytes))
		rec->bad = true;
	else
		memcpy(r->sha, w[2], SHA256_HEX);
	r->width = small(rec, w[4]);
	r->height = small(rec, w[5]);
	r->ms = small(rec, w[6]);
	r->quality = small(rec, w[7]);
	r->size = (enum rendition_size)small(rec, w[8]);
	rec->bad = rec->bad || r->size > SIZE_LEAST;
}

bool
encode_cache_read(struct arena *a, const char *text, struct encode_cache_made *m)
{
	struct record r;
	char *w[4];

	memset(m, 0, sizeof *m);
	if (!record_open(&r, a, text, strlen(text), &record_form))
		return false;
	while (record_next(&r)) {
		if (record_is(&r, "target")) {
			read_target(&r, m);
		} else if (record_is(&r, "source") && record_words(&r, w, 4)) {
			m->width = small(&r, w[0]);
			m->height = small(&r, w[1]);
			m->ms = small(&r, w[2]);
			m->ntargets = small(&r, w[3]);
			r.bad = r.bad || m->ntargets > TRANSCODE_TARGETS;
		} else {
			r.bad = true;
		}
	}
	return record_whole(&r);
}
