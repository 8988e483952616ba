/* av_pcm: see av_pcm.h */
#include "transcode/av/av_pcm.h"
#include "transcode/av/av_encode.h"
#include "transcode/av/av_filter.h"

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
av_pcm_add(struct av_pcm *s, const AVFrame *f)
{
	size_t n = (size_t)f->nb_samples;

	if (n > s->most - s->n) {
		s->over = true;
		n = s->most - s->n;
	}
	if (!grow(s, s->n + n))
		return false;
	memcpy(s->p + s->n * s->channels, f->data[0], n * s->channels * sizeof *s->p);
	s->n += n;
	return true;
}

int64_t
av_pcm_ms(const struct av_pcm *s)
{
	return s->hz > 0 ? (int64_t)(s->n * 1000 / s->hz) : 0;
}

unsigned
av_pcm_mono(const struct av_pcm *s)
{
	double left = 0, right = 0, mean = 0;

	if (s->channels < 2)
		return 0;
	for (size_t i = 0; i < s->n; i++) {
		double l = s->p[2 * i], r = s->p[2 * i + 1];

		left += l * l;
		right += r * r;
		mean += (l + r) * (l + r) / 4;
	}
	if (mean * 100 >= left && mean * 100 >= right)
		return 0;
	return left >= right ? 1 : 2;
}

/* Returns a frame of n samples that starts at sample at, mixed to channels; NULL when memory is
 * short. */
static AVFrame *
block(const struct av_pcm *s, size_t at, size_t n, unsigned channels, unsigned mono)
{
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
	if (channels == s->channels) {
		memcpy(to, s->p + at * s->channels, n * channels * sizeof *to);
		return f;
	}
	for (size_t i = 0; i < n; i++) {
		const int16_t *from = s->p + (at + i) * s->channels;

		if (channels > s->channels)
			to[2 * i] = to[2 * i + 1] = from[0];
		else
			to[i] = mono == 1 ? from[0] :
			    mono == 2     ? from[1] :
					    (int16_t)((from[0] + from[1]) / 2);
	}
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
	unsigned mono = form->sound.channels == 1 ? av_pcm_mono(s) : 0;
	struct av_filter *f = NULL;
	enum av_end end = AV_DONE;

	for (size_t at = 0; at < s->n && end == AV_DONE; at += BLOCK) {
		size_t n = s->n - at < BLOCK ? s->n - at : BLOCK;
		AVFrame *frame = block(s, at, n, form->sound.channels, mono);

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
	int64_t samples;
};

static bool
feed_frame(void *ctx, AVFrame *frame, int64_t at)
{
	struct feed *f = ctx;
	int64_t number = f->samples;

	(void)at;
	f->samples += frame->nb_samples; /* at the end frames have no time */
	return av_encode(f->e, frame, number, f->sink) == AV_DONE;
}

enum av_end
av_pcm_encode(const struct av_pcm *s, struct av_encoder *e, const struct av_sound *to,
    const struct av_packet_sink *sink)
{
	const struct av_pcm_form form = { *to, "fltp", av_encoder_frame_size(e) };
	struct feed feed = { e, sink, 0 };
	enum av_end end = av_pcm_frames(s, &form, &(struct av_sink){ feed_frame, &feed });

	return end == AV_DONE ? av_encode(e, NULL, 0, sink) : end;
}
