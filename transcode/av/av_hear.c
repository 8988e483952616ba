/* av_hear: brings decoded sound into memory. See av_job.h. */
#include "transcode/av/av_job.h"
#include "transcode/av/av_filter.h"
#include "transcode/av/av_hear.h"

#include <math.h>
#include <stdio.h>

#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>

enum { HZ_MOST = 48000, CHAIN = 128 };

void
av_hear_init(struct av_hear *h, struct av_pcm *pcm, const struct av_job *j, bool film, double gain)
{
	*pcm = (struct av_pcm){ .hz = j->info.hz < HZ_MOST ? j->info.hz : HZ_MOST,
		.channels = j->info.channels > 1 ? 2 : 1,
		.gain = gain };
	pcm->most = ((size_t)j->req->max_ms + 1000) * pcm->hz / 1000;
	*h = (struct av_hear){ .pcm = pcm, .film = film };
}

/* Returns where a channel belongs, as libswresample has it (ITU-R BS.775, table 2). */
static struct av_mix_place
place_of(const AVFrame *frame, unsigned n)
{
	static const float side = 0.7071F;

	switch (av_channel_layout_channel_from_index(&frame->ch_layout, n)) {
	case AV_CHAN_FRONT_LEFT:
	case AV_CHAN_FRONT_LEFT_OF_CENTER:
	case AV_CHAN_STEREO_LEFT:
		return (struct av_mix_place){ 1, 0 };
	case AV_CHAN_FRONT_RIGHT:
	case AV_CHAN_FRONT_RIGHT_OF_CENTER:
	case AV_CHAN_STEREO_RIGHT:
		return (struct av_mix_place){ 0, 1 };
	case AV_CHAN_BACK_LEFT:
	case AV_CHAN_SIDE_LEFT:
	case AV_CHAN_WIDE_LEFT:
		return (struct av_mix_place){ side, 0 };
	case AV_CHAN_BACK_RIGHT:
	case AV_CHAN_SIDE_RIGHT:
	case AV_CHAN_WIDE_RIGHT:
		return (struct av_mix_place){ 0, side };
	case AV_CHAN_BACK_CENTER:
		return (struct av_mix_place){ side * side, side * side };
	case AV_CHAN_LOW_FREQUENCY:
	case AV_CHAN_LOW_FREQUENCY_2:
		return (struct av_mix_place){ 0, 0 };
	default:
		return (struct av_mix_place){ side, side };
	}
}

/* Returns the channels of a frame that are heard. */
static unsigned
channels_of(const AVFrame *frame)
{
	unsigned n = (unsigned)frame->ch_layout.nb_channels;

	return n < AV_MIX_MOST ? n : AV_MIX_MOST;
}

/* Prepares to mix frames like this one. */
static void
begin_mix(struct av_hear *h, const AVFrame *frame)
{
	struct av_mix_place at[AV_MIX_MOST];
	unsigned n = channels_of(frame);

	for (unsigned i = 0; i < n; i++)
		at[i] = place_of(frame, i);
	av_mix_init(&h->mix, n, h->pcm->channels, at);
	h->mixing = true;
}

/* Returns a sample in 16 bits; 0 if it is no number. */
static int16_t
short_of(double v)
{
	v *= 32768;
	return (int16_t)(isnan(v) ? 0 :
		v > INT16_MAX     ? INT16_MAX :
		v < INT16_MIN     ? INT16_MIN :
				    lrint(v));
}

/* Keeps the piece of a frame that begins with this sample. Returns false when memory is short. */
static bool
keep_piece(struct av_hear *h, const AVFrame *frame, int from)
{
	static int16_t s[AV_MIX_PIECE * AV_MIX_MOST];
	unsigned in = (unsigned)frame->ch_layout.nb_channels, channels = channels_of(frame);
	const float *p = (const float *)(const void *)frame->data[0] + (size_t)from * in;
	size_t n = (size_t)(frame->nb_samples - from);

	if (n > AV_MIX_PIECE)
		n = AV_MIX_PIECE;
	for (unsigned c = 0; c < channels; c++)
		level_add(&h->pcm->source, p + c, n, in);
	for (size_t i = 0; i < n; i++)
		for (unsigned c = 0; c < channels; c++)
			s[i * channels + c] = short_of(h->pcm->gain * (double)p[i * in + c]);
	return av_pcm_add(h->pcm, s, n, h->mixing ? &h->mix : NULL);
}

static bool
keep(void *ctx, AVFrame *frame, int64_t at)
{
	struct av_hear *h = ctx;
	unsigned n = channels_of(frame);

	(void)at;
	if (n != (h->mixing ? h->mix.in : h->pcm->channels))
		begin_mix(h, frame);
	for (int from = 0; from < frame->nb_samples && h->failed == AV_DONE; from += AV_MIX_PIECE)
		if (!keep_piece(h, frame, from))
			h->failed = AV_LIMIT;
	return h->failed == AV_DONE;
}

static enum av_end
push(struct av_hear *h, AVFrame *frame, int64_t at)
{
	enum av_end end = av_filter_push(h->filter, frame, at, &(struct av_sink){ keep, h });

	return h->failed != AV_DONE ? h->failed : end;
}

static enum av_end
open_filter(struct av_hear *h, const AVFrame *frame)
{
	char chain[CHAIN];
	enum av_end end;

	(void)snprintf(chain, sizeof chain, "aresample=%u%s,aformat=sample_fmts=flt", h->pcm->hz,
	    h->film && h->pcm->n == 0 ? ":async=1:first_pts=0" :
		h->film               ? ":async=1" :
					"");
	h->mixing = false;
	end = av_filter_open(&h->filter, frame, chain);
	/* what is mixed is judged in pieces that are long enough */
	if (end == AV_DONE && (unsigned)frame->ch_layout.nb_channels != h->pcm->channels)
		av_filter_frame_size(h->filter, AV_MIX_PIECE);
	return end;
}

/* Tells whether the frame comes so late that the silence before it is longer than allowed. The
 * filter would make all that silence at once, in memory. */
static bool
too_late(const struct av_hear *h, int64_t at)
{
	return h->film && at != AV_NO_TIME &&
	    at / 1000000 > (int64_t)(h->pcm->most / h->pcm->hz) + 1;
}

/* Ignores frames once there are too many samples; the caller checks the length afterwards. */
bool
av_hear(void *ctx, AVFrame *frame, int64_t at)
{
	struct av_hear *h = ctx;

	h->pcm->over = h->pcm->over || too_late(h, at);
	if (h->pcm->over)
		return true;
	if (h->filter != NULL && av_filter_other(h->filter, frame))
		h->failed = av_hear_end(h);
	if (h->failed == AV_DONE && h->filter == NULL)
		h->failed = open_filter(h, frame);
	if (h->failed == AV_DONE)
		h->failed = push(h, frame, at);
	return h->failed == AV_DONE;
}

enum av_end
av_hear_end(struct av_hear *h)
{
	enum av_end end = AV_DONE;

	if (h->filter != NULL)
		end = push(h, NULL, av_pcm_ms(h->pcm) * 1000);
	av_filter_close(&h->filter);
	return end;
}
