/*
 * av_encode: encodes with libavcodec: H.264 by x264, AAC, and MP3 by LAME. See av_lib.h.
 */
#include "transcode/av/av_lib.h"
#include "transcode/av/av_encode.h"

#include <stdio.h>
#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavutil/channel_layout.h>
#include <libavutil/cpu.h>
#include <libavutil/opt.h>

struct av_encoder {
	AVCodecContext *c;
	AVCodecParameters *par;
	AVBSFContext *bsf; /* NULL: packets are passed on unchanged */
	AVPacket *packet;
};

/* Drops the message (SEI, type 6) into which x264 writes its settings in every stream; players have
 * no use for it. */
static bool
drop_sei(struct av_encoder *e)
{
	const AVBitStreamFilter *f = av_bsf_get_by_name("filter_units");

	return f != NULL && av_bsf_alloc(f, &e->bsf) >= 0 &&
	    avcodec_parameters_copy(e->bsf->par_in, e->par) >= 0 &&
	    av_opt_set(e->bsf->priv_data, "remove_types", "6", 0) >= 0 && av_bsf_init(e->bsf) >= 0;
}

static enum av_end
new_encoder(struct av_encoder **out, const AVCodec *codec)
{
	struct av_encoder *e = calloc(1, sizeof *e);

	*out = e;
	if (codec == NULL)
		return AV_BROKEN;
	if (e == NULL || (e->packet = av_packet_alloc()) == NULL ||
	    (e->par = avcodec_parameters_alloc()) == NULL ||
	    (e->c = avcodec_alloc_context3(codec)) == NULL)
		return AV_LIMIT;
	e->c->thread_count = 1;
	e->c->flags |= AV_CODEC_FLAG_BITEXACT;
	return AV_DONE;
}

/* Opens the encoder. A failure is our fault, or due to lack of memory. */
static enum av_end
open_encoder(struct av_encoder *e)
{
	int rc = avcodec_open2(e->c, e->c->codec, NULL);

	if (rc >= 0)
		rc = avcodec_parameters_from_context(e->par, e->c);
	return rc >= 0 ? AV_DONE : rc == AVERROR(ENOMEM) ? AV_LIMIT : AV_BROKEN;
}

/* ---- video ---------------------------------------------------------------------- */

/* Turns AVX-512 off, because the same source must give the same file. With AVX-512 and B frames,
 * the bytes that this x264 makes depend on earlier contents of its memory (measured: release 164,
 * its macroblock tree); with AVX2 they do not, and it is as fast. */
static bool
no_avx512(AVCodecContext *c)
{
	return (av_get_cpu_flags() & AV_CPU_FLAG_AVX512) == 0 ||
	    av_opt_set(c->priv_data, "x264-params", "asm=AVX2", 0) >= 0;
}

static bool
set_x264(AVCodecContext *c, const struct av_x264 *how)
{
	static const struct {
		const char *profile;
		int level;
	} of[PROFILES + 1] = {
		[PROFILE_BASELINE] = { "baseline", 30 },
		[PROFILE_MAIN] = { "main", 31 },
		[PROFILES] = { NULL, 0 },
	};
	bool ok = av_opt_set(c->priv_data, "preset", how->preset, 0) >= 0 && no_avx512(c);

	if (of[how->profile].profile != NULL) {
		ok = ok && av_opt_set(c->priv_data, "profile", of[how->profile].profile, 0) >= 0;
		c->level = of[how->profile].level;
	}
	if (how->crf > 0)
		return ok && av_opt_set_double(c->priv_data, "crf", how->crf, 0) >= 0;
	return ok && av_opt_set_int(c->priv_data, "qp", 0, 0) >= 0;
}

enum av_end
av_x264_open(struct av_encoder **e, const struct av_x264 *how)
{
	enum av_end end = new_encoder(e, avcodec_find_encoder_by_name("libx264"));
	AVCodecContext *c;

	if (end != AV_DONE)
		return end;
	c = (*e)->c;
	c->width = (int)how->picture.width;
	c->height = (int)how->picture.height;
	c->pix_fmt = AV_PIX_FMT_YUV420P;
	c->time_base = (AVRational){ (int)how->picture.fps_den, (int)how->picture.fps_num };
	c->framerate = (AVRational){ (int)how->picture.fps_num, (int)how->picture.fps_den };
	c->sample_aspect_ratio = (AVRational){ 1, 1 };
	c->gop_size = (int)how->gop;
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	c->color_range = AVCOL_RANGE_MPEG;
	c->color_primaries = AVCOL_PRI_BT709;
	c->color_trc = AVCOL_TRC_BT709;
	c->colorspace = AVCOL_SPC_BT709;
	if (!set_x264(c, how))
		return AV_BROKEN;
	if ((end = open_encoder(*e)) == AV_DONE && !drop_sei(*e))
		end = AV_LIMIT;
	return end;
}

enum av_end
av_x264_crf(struct av_encoder *e, double crf)
{
	return av_opt_set_double(e->c->priv_data, "crf", crf, 0) >= 0 ? AV_DONE : AV_BROKEN;
}

/* ---- sound ---------------------------------------------------------------------- */

static enum av_end
open_sound(struct av_encoder **e, const char *name, enum AVSampleFormat f, const struct av_sound *s)
{
	enum av_end end = new_encoder(e, avcodec_find_encoder_by_name(name));
	AVCodecContext *c;

	if (end != AV_DONE)
		return end;
	c = (*e)->c;
	c->sample_fmt = f;
	c->sample_rate = (int)s->hz;
	c->bit_rate = (int64_t)s->bps;
	c->time_base = (AVRational){ 1, (int)s->hz };
	c->cutoff = (int)s->top;
	av_channel_layout_default(&c->ch_layout, (int)s->channels);
	c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
	return open_encoder(*e);
}

enum av_end
av_aac_open(struct av_encoder **e, const struct av_sound *s)
{
	return open_sound(e, "aac", AV_SAMPLE_FMT_FLTP, s);
}

enum av_end
av_mp3_open(struct av_encoder **e, const struct av_sound *s)
{
	return open_sound(e, "libmp3lame", AV_SAMPLE_FMT_FLTP, s);
}

unsigned
av_encoder_frame_size(const struct av_encoder *e)
{
	return e->c->frame_size > 0 ? (unsigned)e->c->frame_size : 0;
}

/* ---- both ----------------------------------------------------------------------- */

static bool
hand_on(struct av_encoder *e, const struct av_packet_sink *to)
{
	if (e->bsf == NULL)
		return to->each(to->ctx, e->packet);
	if (av_bsf_send_packet(e->bsf, e->packet) < 0)
		return false;
	while (av_bsf_receive_packet(e->bsf, e->packet) >= 0) {
		bool ok = to->each(to->ctx, e->packet);

		av_packet_unref(e->packet);
		if (!ok)
			return false;
	}
	return true;
}

enum av_end
av_encode(struct av_encoder *e, AVFrame *frame, int64_t number, const struct av_packet_sink *to)
{
	int rc;

	if (frame != NULL) {
		frame->pts = number;
		frame->pict_type = AV_PICTURE_TYPE_NONE; /* x264 chooses its own key frames */
	}
	rc = avcodec_send_frame(e->c, frame);
	while (rc >= 0 && (rc = avcodec_receive_packet(e->c, e->packet)) >= 0) {
		bool ok = hand_on(e, to);

		av_packet_unref(e->packet);
		if (!ok)
			return AV_BROKEN;
	}
	if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
		return AV_DONE;
	return rc == AVERROR(ENOMEM) ? AV_LIMIT : AV_BROKEN;
}

const AVCodecParameters *
av_encoder_codec(const struct av_encoder *e)
{
	return e->par;
}

void
av_encoder_close(struct av_encoder **e)
{
	if (*e == NULL)
		return;
	avcodec_free_context(&(*e)->c);
	avcodec_parameters_free(&(*e)->par);
	av_bsf_free(&(*e)->bsf);
	av_packet_free(&(*e)->packet);
	free(*e);
	*e = NULL;
}
