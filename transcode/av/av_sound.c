/*
 * av_sound: makes renditions of sound, MP3 at a constant rate, or AMR where a target's rate allows
 * no more. See av_job.h.
 *
 * The sound is decoded once and kept. Its size at any step of the ladder is then known, so each
 * step that is wanted is encoded once, and targets with the same step share the bytes. A source
 * that already has the target's format, rate and budget is copied without its tags.
 */
#include "transcode/av/av_job.h"
#include "transcode/av/av_amr.h"
#include "transcode/av/av_codec.h"
#include "transcode/av/av_demux.h"
#include "transcode/av/av_encode.h"
#include "transcode/av/av_filter.h"
#include "transcode/av/av_hear.h"
#include "transcode/av/av_mux.h"
#include "transcode/av/av_result.h"
#include "transcode/av/av_sound.h"
#include "transcode/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavcodec/packet.h>

/* A file that was made. */
struct made {
	enum format format;
	struct av_sound sound; /* all 0 when copied */
	bool copied;
	uint64_t bytes;
	unsigned owner; /* target whose file holds it */
};

struct sound_work {
	struct av_job *j;
	struct av_pcm pcm;
	struct av_packets source; /* packets of an MP3 or AMR source */
	unsigned errors;
	bool opposite; /* its two channels were made one, which a copy would not be */
	bool uncopied; /* it has frames that are not copied */
	struct made made[TRANSCODE_TARGETS];
	unsigned n;
};

/* ---- decoding --------------------------------------------------------------------------- */

static enum av_end
take_packet(struct sound_work *w, struct av_decoder *d, struct AVPacket *p,
    const struct av_sink *to)
{
	enum format f = (enum format)w->j->req->format;

	if (f == FORMAT_AMR && !av_amr_may_copy(p)) {
		w->uncopied = true; /* and need not be kept, which costs more than tiny frames */
		av_packets_free(&w->source);
	}
	if ((f == FORMAT_MP3 || f == FORMAT_AMR) && !w->uncopied && !av_packets_add(&w->source, p))
		return AV_LIMIT;
	return av_decode(d, p, to);
}

static enum av_end
read_all(struct sound_work *w, struct av_decoder *d, struct av_hear *h)
{
	const struct av_info wanted = { .video = -1, .audio = w->j->info.audio };
	const struct av_sink to = { av_hear, h };
	struct AVPacket *p = av_packet_new();
	enum av_end end = p != NULL ? AV_DONE : AV_LIMIT;
	int rc = 0, stream;

	while (end == AV_DONE && !w->pcm.over &&
	    (rc = av_in_read(w->j->in, p, &wanted, &stream)) > 0) {
		end = take_packet(w, d, p, &to);
		av_packet_unref(p);
		if (w->j->info.ms > 0)
			av_progress(w->j, 0, 500,
			    (double)av_pcm_ms(&w->pcm) / (double)w->j->info.ms);
	}
	if (end == AV_DONE && rc < 0)
		end = AV_LIMIT;
	if (end == AV_DONE)
		end = av_decode(d, NULL, &to);
	if (end == AV_BROKEN && h->failed != AV_DONE)
		end = h->failed;
	if (end == AV_DONE)
		end = av_hear_end(h);
	av_packet_drop(&p);
	return end;
}

static enum av_end
decode_with(struct sound_work *w, double gain)
{
	struct av_decoder *d = NULL;
	struct av_hear h;
	enum av_end end = av_decoder_open(&d, w->j->in, w->j->info.audio, w->j->req->max_pixels);

	av_hear_init(&h, &w->pcm, w->j, false, gain);
	if (end == AV_DONE)
		end = read_all(w, d, &h);
	if (d != NULL)
		w->errors = av_decoder_errors(d);
	av_filter_close(&h.filter);
	av_decoder_close(&d);
	return end;
}

static enum av_end
decode_again(struct sound_work *w, double gain)
{
	enum av_end end;

	av_pcm_free(&w->pcm);
	av_packets_free(&w->source);
	w->uncopied = false;
	av_in_close(&w->j->in);
	end = av_in_open(&w->j->in, &w->j->file);
	return end == AV_DONE ? decode_with(w, gain) : end;
}

/* Decodes the sound. One that 16 bits cannot hold is decoded again, louder or less loud, unless
 * that loses it. */
static enum av_end
decode(struct sound_work *w)
{
	enum av_end end = decode_with(w, 1);
	double gain = level_gain(&w->pcm.source);

	if (end == AV_DONE && gain != 1)
		end = decode_again(w, gain);
	if (end == AV_DONE && gain != 1 && av_pcm_lost(&w->pcm))
		end = decode_again(w, 1);
	return end;
}

/* ---- one file ----------------------------------------------------------------------------- */

struct writing {
	struct av_bytes b;
	bool failed;
};

static bool
append(void *ctx, struct AVPacket *p)
{
	struct writing *w = ctx;

	return av_bytes_add(&w->b, p->data, (size_t)p->size);
}

static enum av_end
encode_mp3(const struct sound_work *w, const struct av_sound *s, struct av_bytes *b)
{
	struct writing wr = { .b = *b };
	struct av_encoder *e = NULL;
	enum av_end end = av_mp3_open(&e, s);

	if (end == AV_DONE)
		end = av_pcm_encode(&w->pcm, e, s, &(struct av_packet_sink){ append, &wr });
	av_encoder_close(&e);
	*b = wr.b;
	return end;
}

/* Returns the bytes of padding that a frame's header announces, 0 or 1 (ISO 11172-3, 2.4.2.3). */
static int
padding(const struct AVPacket *p)
{
	return p->size >= 4 ? p->data[2] >> 1 & 1 : 0;
}

/* Returns how many bytes are missing of frame i, which only the last frame of a file that was cut
 * can lack; its header and that of the first frame tell its size. */
static int
missing(const struct av_packets *ps, size_t i)
{
	return ps->p[0]->size - padding(ps->p[0]) + padding(ps->p[i]) - ps->p[i]->size;
}

/* Copies the frames. If the last one was cut, zeros complete it, as the decoder did, which met no
 * error in it. */
static enum av_end
copy_mp3(const struct sound_work *w, struct av_bytes *b)
{
	static const unsigned char zero;

	for (size_t i = 0; i < w->source.n; i++)
		if (!av_bytes_add(b, w->source.p[i]->data, (size_t)w->source.p[i]->size))
			return AV_LIMIT;
	for (int n = missing(&w->source, w->source.n - 1); n > 0; n--)
		if (!av_bytes_add(b, &zero, 1))
			return AV_LIMIT;
	return AV_DONE;
}

/* Encodes the sound. LAME leaves out high tones to save bytes; if it leaves nothing, it gets a form
 * that has them. */
static enum av_end
make_mp3(const struct sound_work *w, const struct av_sound *s, struct av_bytes *b)
{
	const struct av_sound wide = plan_mp3_wide(s);
	enum av_end end = encode_mp3(w, s, b);

	if (end != AV_LOST)
		return end;
	b->n = 0;
	return encode_mp3(w, &wide, b);
}

static enum av_end
make_file(const struct sound_work *w, const struct made *m, struct av_bytes *b)
{
	if (m->format == FORMAT_AMR)
		return m->copied ? av_amr_write(&w->source, b) :
				   av_amr_encode(&w->pcm, m->sound.bps, b);
	return m->copied ? copy_mp3(w, b) : make_mp3(w, &m->sound, b);
}

/* Tells whether all frames have one rate. For other MP3 files, players show a wrong length once the
 * tag is gone. */
static bool
constant_rate(const struct av_packets *ps)
{
	bool same = ps->n > 0;

	for (size_t i = 0; same && i < ps->n; i++)
		same = missing(ps, i) == 0 || (missing(ps, i) > 0 && i + 1 == ps->n && i > 0);
	return same;
}

/* Returns the rate of a source that can be copied as a file of this format, or 0. */
static uint64_t
copied_bps(const struct sound_work *w, enum format f)
{
	const char *codec = w->j->info.audio_codec;

	if (w->errors > 0 || w->j->req->format != f)
		return 0;
	if (f == FORMAT_AMR)
		return strcmp(codec, "amr_nb") == 0 ? av_amr_rate(&w->source) : 0;
	return strcmp(codec, "mp3") == 0 && constant_rate(&w->source) ? w->j->info.audio_bps : 0;
}

/* Returns the bytes of the copy of a source that can be copied. */
static uint64_t
copied_bytes(const struct sound_work *w, enum format f)
{
	return w->source.bytes +
	    (f == FORMAT_AMR ? sizeof AMR_HEAD - 1 :
			       (uint64_t)missing(&w->source, w->source.n - 1));
}

static bool
may_copy(const struct sound_work *w, const struct transcode_target *t)
{
	enum format f = sound_format(t->sound_bps);
	uint64_t bps = w->opposite ? 0 : copied_bps(w, f);

	return bps > 0 && bps <= t->sound_bps && copied_bytes(w, f) <= t->budget;
}

/* ---- all files ----------------------------------------------------------------------------- */

static struct made *
same(struct sound_work *w, const struct made *as)
{
	for (unsigned k = 0; k < w->n; k++)
		if (w->made[k].format == as->format && w->made[k].copied == as->copied &&
		    memcmp(&w->made[k].sound, &as->sound, sizeof as->sound) == 0)
			return &w->made[k];
	return NULL;
}

static void
describe(const struct sound_work *w, struct transcode_output *o, const struct made *m)
{
	o->same_as = m->owner;
	o->format = m->format;
	o->bytes = m->bytes;
	o->quality = (uint32_t)((m->copied ? copied_bps(w, m->format) : m->sound.bps) / 1000);
	if (m->copied)
		o->ms = (uint32_t)av_pcm_ms(&w->pcm);
	else if (m->format == FORMAT_AMR)
		o->ms = plan_amr_ms(m->sound.bps, m->bytes);
	else
		o->ms = (uint32_t)(m->bytes * 8000 / m->sound.bps);
}

static bool
make_target(struct sound_work *w, unsigned i, const int *out)
{
	const struct transcode_target *t = &w->j->req->target[i];
	struct transcode_output *o = &w->j->res->out[i];
	struct made want = { .format = sound_format(t->sound_bps),
		.copied = may_copy(w, t),
		.owner = i },
		    *m;
	bool best = true;

	if (!want.copied)
		want.sound = plan_sound(&w->j->info, t, av_pcm_ms(&w->pcm), &best);
	if ((m = same(w, &want)) == NULL) {
		struct av_bytes b = { .most = AV_FILE_MOST };
		enum av_end end = make_file(w, &want, &b);

		want.bytes = b.n;
		if (end != AV_DONE)
			(void)av_fail(w->j, end, av_said());
		else if (b.n == 0)
			(void)child_fail(w->j->res, TS_CORRUPT, "the sound is too short");
		else if (av_deliver(w->j, i, out[i], b.p, b.n))
			*(m = &w->made[w->n++]) = want;
		av_bytes_free(&b);
		if (m == NULL)
			return false;
	}
	describe(w, o, m);
	o->fits = m->bytes <= t->budget;
	o->best = best;
	return true;
}

static void
note_copies(const struct sound_work *w)
{
	for (unsigned k = 0; k < w->n; k++)
		if (w->made[k].copied)
			(void)snprintf(w->j->res->why, sizeof w->j->res->why, "sent unchanged");
}

static int
work(struct sound_work *w, const int *out)
{
	struct av_job *j = w->j;
	int64_t promised = j->info.audio_ms > 0 ? j->info.audio_ms : j->info.ms, ms;
	enum av_end end = decode(w);

	ms = av_pcm_ms(&w->pcm);
	if (end != AV_DONE)
		return av_fail(j, end, av_said());
	if (w->pcm.n == 0)
		return child_fail(j->res, TS_CORRUPT, "no sound could be decoded: %s", av_said());
	if (w->pcm.over || ms > j->req->max_ms)
		return child_fail(j->res, TS_TOO_BIG, "longer than %u ms", j->req->max_ms);
	if (plan_cut_short((enum format)j->req->format, promised, ms))
		return child_fail(j->res, TS_CORRUPT, "the sound ends after %lld of %lld ms",
		    (long long)ms, (long long)promised);
	j->res->ms = (uint32_t)ms;
	w->opposite = av_pcm_opposite(&w->pcm);
	if (w->opposite) {
		av_pcm_unite(&w->pcm);
		j->info.channels = 1;
	}
	if (av_pcm_lost(&w->pcm))
		return av_fail(j, AV_LOST, "");
	for (unsigned i = 0; i < j->req->ntargets; i++) {
		if (!make_target(w, i, out))
			return 0;
		av_progress(j, 500, 999, (i + 1.0) / j->req->ntargets);
	}
	note_copies(w);
	return 0;
}

int
av_sound_run(struct av_job *j, const int *out)
{
	struct sound_work w = { .j = j };
	int rc = work(&w, out);

	av_pcm_free(&w.pcm);
	av_packets_free(&w.source);
	return rc;
}
