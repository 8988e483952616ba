/* av_proof: see av_proof.h */
#include "transcode/av/av_proof.h"
#include "transcode/av/av_codec.h"

#include <libavutil/channel_layout.h>
#include <libavutil/frame.h>
#include <libavutil/samplefmt.h>

/* Adds all channels of a frame. Returns false when its samples are neither floats nor of 16
 * bits. */
static bool
add_frame(struct level *l, const AVFrame *f)
{
	enum AVSampleFormat form = (enum AVSampleFormat)f->format;
	bool planar = av_sample_fmt_is_planar(form) != 0;
	size_t n = (size_t)f->nb_samples, channels = (size_t)f->ch_layout.nb_channels;

	form = av_get_packed_sample_fmt(form);
	for (size_t c = 0; c < channels; c++) {
		const void *p = f->extended_data[planar ? c : 0];
		size_t from = planar ? 0 : c, step = planar ? 1 : channels;

		if (form == AV_SAMPLE_FMT_FLT)
			level_add(l, (const float *)p + from, n, step);
		else if (form == AV_SAMPLE_FMT_S16)
			level_add_short(l, (const int16_t *)p + from, n, step);
		else
			return false;
	}
	return true;
}

enum av_end
av_proof_begin(struct av_proof *p, const struct av_encoder *e)
{
	return av_decoder_of(&p->d, e);
}

enum av_end
av_proof_begin_amr(struct av_proof *p)
{
	return av_decoder_of_amr(&p->d);
}

void
av_proof_fed(struct av_proof *p, const AVFrame *frame)
{
	p->other = !add_frame(&p->fed, frame) || p->other;
}

static bool
made(void *ctx, AVFrame *frame, int64_t at)
{
	struct av_proof *p = ctx;

	(void)at;
	p->other = !add_frame(&p->made, frame) || p->other;
	return true;
}

enum av_end
av_proof_made(struct av_proof *p, const struct AVPacket *packet)
{
	return av_decode(p->d, packet, &(struct av_sink){ made, p });
}

enum av_end
av_proof_judge(const struct av_proof *p)
{
	return p->other ? AV_BROKEN : level_lost(&p->fed, &p->made) ? AV_LOST : AV_DONE;
}

void
av_proof_close(struct av_proof *p)
{
	av_decoder_close(&p->d);
}
