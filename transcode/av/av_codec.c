/*
 * av_codec: decodes with libavcodec. See av_lib.h.
 *
 * Each decoder has one thread. It goes on after damage, as players do, and counts how often it met
 * any.
 */
#include "transcode/av/av_lib.h"
#include "transcode/av/av_codec.h"
#include "transcode/av/av_codecs.h"
#include "transcode/av/av_demux.h"
#include "transcode/av/av_encode.h"

#include <stdio.h>
#include <stdlib.h>

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavutil/channel_layout.h>
#include <libavutil/samplefmt.h>

/* ---- packets -------------------------------------------------------------------- */

AVPacket *
av_packet_new(void)
{
	return av_packet_alloc();
}

void
av_packet_drop(AVPacket **p)
{
	av_packet_free(p);
}

bool
av_packets_add(struct av_packets *ps, const AVPacket *p)
{
	if (ps->n == ps->room) {
		size_t room = ps->room > 0 ? ps->room * 2 : 64;
		AVPacket **more = reallocarray(ps->p, room, sizeof(AVPacket *));

		if (more == NULL)
			return false;
		ps->p = more;
		ps->room = room;
	}
	if ((ps->p[ps->n] = av_packet_clone(p)) == NULL)
		return false;
	ps->n++;
	ps->bytes += (uint64_t)p->size;
	return true;
}

void
av_packets_free(struct av_packets *ps)
{
	for (size_t i = 0; i < ps->n; i++)
		av_packet_free(&ps->p[i]);
	free((void *)ps->p);
	*ps = (struct av_packets){ .p = NULL };
}

/* ---- decoding ------------------------------------------------------------------- */

struct av_decoder {
	AVCodecContext *c;
	AVFrame *frame;
	bool amr; /* narrow or wideband, mono */
	AVRational base;
	int64_t start; /* start of the container's time */
	int64_t next;  /* time of the next frame, if it does not give one */
	unsigned errors;
};

/* Returns the context of a decoder for these parameters, or NULL when memory is short. */
static AVCodecContext *
new_context(const AVCodec *codec, const AVCodecParameters *par, AVRational base)
{
	AVCodecContext *c = avcodec_alloc_context3(codec);

	if (c != NULL && avcodec_parameters_to_context(c, par) < 0)
		avcodec_free_context(&c);
	if (c == NULL)
		return NULL;
	c->pkt_timebase = base;
	c->thread_count = 1;
	return c;
}

static enum av_end
open_decoder(struct av_decoder **out, const AVCodecParameters *par, AVRational base,
    uint64_t max_pixels)
{
	const AVCodec *codec = av_codec_for((int)par->codec_id);
	struct av_decoder *d = calloc(1, sizeof *d);
	int rc;

	*out = d;
	if (d == NULL || (d->frame = av_frame_alloc()) == NULL)
		return AV_LIMIT;
	if (codec == NULL)
		return AV_REFUSED;
	if ((d->c = new_context(codec, par, base)) == NULL)
		return AV_LIMIT;
	d->amr = (par->codec_id == AV_CODEC_ID_AMR_NB || par->codec_id == AV_CODEC_ID_AMR_WB) &&
	    par->ch_layout.nb_channels == 1 && par->sample_rate >= 1000 / AMR_FRAME_MS;
	d->base = base;
	d->c->max_pixels = max_pixels < INT64_MAX ? (int64_t)max_pixels : INT64_MAX;
	rc = avcodec_open2(d->c, codec, NULL);
	return rc < 0 ? av_blame(rc) : AV_DONE;
}

enum av_end
av_decoder_open(struct av_decoder **d, const struct av_in *in, int stream, uint64_t max_pixels)
{
	AVRational base;
	enum av_end end;

	av_in_base(in, stream, &base.num, &base.den);
	end = open_decoder(d, av_in_codec(in, stream), base, max_pixels);
	if (end == AV_DONE)
		(*d)->start = av_in_start(in);
	return end;
}

enum av_end
av_decoder_of(struct av_decoder **d, const struct av_encoder *e)
{
	return open_decoder(d, av_encoder_codec(e), (AVRational){ 1, 1000000 }, INT64_MAX);
}

enum av_end
av_decoder_of_amr(struct av_decoder **d)
{
	AVCodecParameters *par = avcodec_parameters_alloc();
	enum av_end end;

	*d = NULL;
	if (par == NULL)
		return AV_LIMIT;
	par->codec_type = AVMEDIA_TYPE_AUDIO;
	par->codec_id = AV_CODEC_ID_AMR_NB;
	par->sample_rate = AMR_HZ;
	av_channel_layout_default(&par->ch_layout, 1);
	end = open_decoder(d, par, (AVRational){ 1, 1000000 }, 0);
	avcodec_parameters_free(&par);
	return end;
}

/* Returns how long the frame lasts in microseconds; a 25th of a second if nothing says so. */
static int64_t
duration(const struct av_decoder *d)
{
	const AVFrame *f = d->frame;

	if (d->c->codec_type == AVMEDIA_TYPE_AUDIO)
		return f->sample_rate > 0 ? (int64_t)f->nb_samples * 1000000 / f->sample_rate : 0;
	if (f->pkt_duration > 0)
		return av_rescale_q(f->pkt_duration, d->base, AV_TIME_BASE_Q);
	if (d->c->framerate.num > 0 && d->c->framerate.den > 0)
		return (int64_t)1000000 * d->c->framerate.den / d->c->framerate.num;
	return 40000;
}

/* Returns a time of the stream in microseconds from the start of the container's time. */
static int64_t
packet_time(const struct av_decoder *d, int64_t pts)
{
	return av_rescale_q(pts, d->base, AV_TIME_BASE_Q) - d->start;
}

static int64_t
time_of(struct av_decoder *d)
{
	int64_t t = d->frame->best_effort_timestamp;

	t = t == AV_NOPTS_VALUE ? d->next : packet_time(d, t);
	d->next = t + duration(d);
	return t;
}

/* If a file does not name its channels, assumes the usual ones for their number. */
static void
name_channels(AVFrame *f)
{
	if (f->nb_samples > 0 && f->ch_layout.order == AV_CHANNEL_ORDER_UNSPEC)
		av_channel_layout_default(&f->ch_layout, f->ch_layout.nb_channels);
}

/* Passes on all frames that are ready. */
static enum av_end
take_frames(struct av_decoder *d, const struct av_sink *to)
{
	for (;;) {
		int rc = avcodec_receive_frame(d->c, d->frame);
		bool ok;

		if (rc == AVERROR(EAGAIN) || rc == AVERROR_EOF)
			return AV_DONE;
		if (rc == AVERROR(ENOMEM))
			return AV_LIMIT;
		if (rc < 0) {
			d->errors++;
			return AV_DONE;
		}
		if (d->frame->decode_error_flags != 0)
			d->errors++;
		name_channels(d->frame);
		ok = to->each(to->ctx, d->frame, time_of(d));
		av_frame_unref(d->frame);
		if (!ok)
			return AV_BROKEN;
	}
}

static enum av_end
decode_one(struct av_decoder *d, const AVPacket *p, const struct av_sink *to)
{
	int rc = avcodec_send_packet(d->c, p);
	enum av_end end;

	if (rc == AVERROR(EAGAIN)) { /* the decoder is full: taking its frames makes room */
		if ((end = take_frames(d, to)) != AV_DONE)
			return end;
		rc = avcodec_send_packet(d->c, p);
	}
	if (rc == AVERROR(ENOMEM))
		return AV_LIMIT;
	if (rc < 0 && rc != AVERROR_EOF)
		d->errors++;
	return take_frames(d, to);
}

/* Returns a frame of 20 ms of silence, mono at hz samples a second, in the form in which AMR is
 * decoded. The caller owns it. Returns NULL when memory is short. */
static AVFrame *
amr_silence(unsigned hz)
{
	AVFrame *f = av_frame_alloc();

	if (f == NULL)
		return NULL;
	f->format = AV_SAMPLE_FMT_FLTP;
	f->sample_rate = (int)hz;
	f->nb_samples = (int)(hz * AMR_FRAME_MS / 1000);
	av_channel_layout_default(&f->ch_layout, 1);
	if (av_frame_get_buffer(f, 0) < 0 ||
	    av_samples_set_silence(f->extended_data, 0, f->nb_samples, 1, AV_SAMPLE_FMT_FLTP) < 0)
		av_frame_free(&f);
	return f;
}

/* Passes on the silence of a pause in AMR. */
static enum av_end
hear_pause(struct av_decoder *d, const AVPacket *p, const struct av_sink *to)
{
	AVFrame *f = amr_silence((unsigned)d->c->sample_rate);
	int64_t at = p->pts == AV_NOPTS_VALUE ? d->next : packet_time(d, p->pts);
	bool ok = f != NULL && to->each(to->ctx, f, at);
	enum av_end end = f == NULL ? AV_LIMIT : ok ? AV_DONE : AV_BROKEN;

	d->next = at + AMR_FRAME_MS * 1000;
	av_frame_free(&f);
	return end;
}

/* Decodes each frame of a packet of AMR separately: 3GP files of phones hold a second in a packet,
 * of which the decoder takes only the first frame. It also refuses pauses, without which the sound
 * would become shorter. */
static enum av_end
decode_each(struct av_decoder *d, const AVPacket *p, const struct av_sink *to)
{
	bool wide = d->c->codec_id == AV_CODEC_ID_AMR_WB;
	AVPacket *one = av_packet_clone(p);
	enum av_end end = one != NULL ? AV_DONE : AV_LIMIT;

	for (int at = 0; end == AV_DONE && at < p->size; at += one->size) {
		one->data = p->data + at;
		one->size = (int)plan_amr_size(wide, *one->data);
		if (one->size > p->size - at)
			one->size = p->size - at;
		end = plan_amr_pause(wide, one->data, (size_t)one->size) ? hear_pause(d, one, to) :
									   decode_one(d, one, to);
		/* the next frame follows on; the times and side data of the packet's start do not
		 * apply to it */
		one->pts = one->dts = AV_NOPTS_VALUE;
		av_packet_free_side_data(one);
	}
	av_packet_free(&one);
	return end;
}

enum av_end
av_decode(struct av_decoder *d, const AVPacket *p, const struct av_sink *to)
{
	return d->amr && p != NULL && p->size > 0 ? decode_each(d, p, to) : decode_one(d, p, to);
}

unsigned
av_decoder_errors(const struct av_decoder *d)
{
	return d->errors;
}

void
av_decoder_close(struct av_decoder **d)
{
	if (*d == NULL)
		return;
	avcodec_free_context(&(*d)->c);
	av_frame_free(&(*d)->frame);
	free(*d);
	*d = NULL;
}
