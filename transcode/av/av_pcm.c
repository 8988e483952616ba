/* av_pcm: see av_pcm.h */
#include "transcode/av/av_pcm.h"
#include "transcode/av/av_encode.h"
#include "transcode/av/av_filter.h"
#include "transcode/av/av_mix.h"
#include "transcode/av/av_proof.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>

enum { BLOCK = 8192, ROOM = 1 << 16, CHAIN = 256 };

void
av_pcm_free(struct av_pcm *s)
{
	free(s->p);
	s->p = NULL;
	s->n = s->room = 0;
}

static bool
grow(struct av_pcm *s, size_t to)
{
	size_t room = s->room > 0 ? s->room : ROOM;
	int16_t *p;

	if (to <= s->room)
		return true;
	while (room < to)
		room *= 2;
	if ((p = reallocarray(s->p, room, s->channels * sizeof *p)) == NULL)
		return false;
	s->p = p;
	s->room = room;
	return true;
}

bool
av_pcm_add(struct av_pcm *s, const int16_t *p, size_t n, struct av_mix *mix)
{
	if (n > s->most - s->n) {
		s->over = true;
		n = s->most - s->n;
	}
	if (!grow(s, s->n + n))
		return false;
	if (mix != NULL)
		av_mix(mix, p, n, s->p + s->n * s->channels);
	else
		memcpy(s->p + s->n * s->channels, p, n * s->channels * sizeof *s->p);
	s->n += n;
	return true;
}

int64_t
av_pcm_ms(const struct av_pcm *s)
{
	return s->hz > 0 ? (int64_t)(s->n * 1000 / s->hz) : 0;
}

bool
av_pcm_lost(const struct av_pcm *s)
{
	struct level kept = { .peak = 0 };

	for (unsigned c = 0; c < s->channels && s->n > 0; c++)
		level_add_short(&kept, s->p + c, s->n, s->channels);
	return level_lost(&s->source, &kept);
}

static const struct av_mix_place both[1] = { { 1, 1 } }, stereo[2] = { { 1, 0 }, { 0, 1 } };

bool
av_pcm_opposite(const struct av_pcm *s)
{
	size_t heard = 0, opposite = 0;

	for (size_t at = 0; s->channels == 2 && at + AV_MIX_PIECE <= s->n; at += AV_MIX_PIECE)
		switch (av_mix_judge(s->p + at * 2, AV_MIX_PIECE)) {
		case AV_MIX_SILENT:
			break;
		case AV_MIX_OPPOSITE:
			opposite++;
			/* fall through */
		case AV_MIX_ADDS_UP:
			heard++;
		}
	return opposite > 0 && opposite * 4 >= heard;
}

void
av_pcm_unite(struct av_pcm *s)
{
	struct av_mix mix;

	if (s->channels != 2)
		return;
	av_mix_init(&mix, 2, 1, stereo);
	av_mix(&mix, s->p, s->n, s->p);
	s->channels = 1;
	s->room *= 2;
}

/* Returns a frame of n samples that starts at sample at, mixed by mix unless that is NULL; NULL
 * when memory is short. */
static AVFrame *
block(const struct av_pcm *s, size_t at, size_t n, struct av_mix *mix)
{
	unsigned channels = mix != NULL ? mix->out : s->channels;
	AVFrame *f = av_frame_alloc();
	int16_t *to;

	if (f == NULL)
		return NULL;
	f->format = AV_SAMPLE_FMT_S16;
	f->sample_rate = (int)s->hz;
	f->nb_samples = (int)n;
	av_channel_layout_default(&f->ch_layout, (int)channels);
	if (av_frame_get_buffer(f, 0) < 0) {
		av_frame_free(&f);
		return NULL;
	}
	to = (int16_t *)(void *)f->data[0];
	if (mix != NULL)
		av_mix(mix, s->p + at * s->channels, n, to);
	else
		memcpy(to, s->p + at * s->channels, n * channels * sizeof *to);
	return f;
}

static enum av_end
open_resampler(struct av_filter **f, const AVFrame *like, const struct av_pcm_form *form)
{
	char chain[CHAIN];
	enum av_end end;

	(void)snprintf(chain, sizeof chain,
	    "aresample=%u,aformat=sample_fmts=%s:channel_layouts=%s", form->sound.hz, form->type,
	    form->sound.channels > 1 ? "stereo" : "mono");
	if ((end = av_filter_open(f, like, chain)) == AV_DONE)
		av_filter_frame_size(*f, form->frame);
	return end;
}

enum av_end
av_pcm_frames(const struct av_pcm *s, const struct av_pcm_form *form, const struct av_sink *sink)
{
	struct av_mix mix;
	bool mixing = form->sound.channels != s->channels;
	struct av_filter *f = NULL;
	enum av_end end = AV_DONE;

	if (mixing)
		av_mix_init(&mix, s->channels, form->sound.channels,
		    s->channels == 1 ? both : stereo);
	for (size_t at = 0; at < s->n && end == AV_DONE; at += BLOCK) {
		size_t n = s->n - at < BLOCK ? s->n - at : BLOCK;
		AVFrame *frame = block(s, at, n, mixing ? &mix : NULL);

		if (frame == NULL)
			end = AV_LIMIT;
		if (end == AV_DONE && f == NULL)
			end = open_resampler(&f, frame, form);
		if (end == AV_DONE)
			end = av_filter_push(f, frame, (int64_t)at * 1000000 / s->hz, sink);
		av_frame_free(&frame);
	}
	if (end == AV_DONE && f != NULL)
		end = av_filter_push(f, NULL, (int64_t)s->n * 1000000 / s->hz, sink);
	av_filter_close(&f);
	return end;
}

/* Where the encoded sound goes, and how far the encoder is. */
struct feed {
	struct av_encoder *e;
	const struct av_packet_sink *sink;
	struct av_proof proof;
	int64_t samples;
};

static bool
hand_on(void *ctx, struct AVPacket *p)
{
	struct feed *f = ctx;

	return av_proof_made(&f->proof, p) == AV_DONE && f->sink->each(f->sink->ctx, p);
}

static bool
feed_frame(void *ctx, AVFrame *frame, int64_t at)
{
	struct feed *f = ctx;
	int64_t number = f->samples;

	(void)at;
	f->samples += frame->nb_samples; /* at the end frames have no time */
	av_proof_fed(&f->proof, frame);
	return av_encode(f->e, frame, number, &(struct av_packet_sink){ hand_on, f }) == AV_DONE;
}

enum av_end
av_pcm_encode(const struct av_pcm *s, struct av_encoder *e, const struct av_sound *to,
    const struct av_packet_sink *sink)
{
	const struct av_pcm_form form = { *to, "fltp", av_encoder_frame_size(e) };
	struct feed feed = { .e = e, .sink = sink };
	enum av_end end = av_proof_begin(&feed.proof, e);

	if (end == AV_DONE)
		end = av_pcm_frames(s, &form, &(struct av_sink){ feed_frame, &feed });
	if (end == AV_DONE)
		end = av_encode(e, NULL, 0, &(struct av_packet_sink){ hand_on, &feed });
	if (end == AV_DONE)
		end = av_proof_made(&feed.proof, NULL);
	if (end == AV_DONE)
		end = av_proof_judge(&feed.proof);
	av_proof_close(&feed.proof);
	return end;
}
