/*
 * av_facts: see av_facts.h. What headers say is hostile: numbers are checked against bounds before
 * use.
 */
#include "transcode/av/av_facts.h"

#include <math.h>
#include <stdio.h>

#include <libavformat/avformat.h>
#include <libavutil/display.h>

#include "transcode/av/av_codecs.h"

enum { SIDE_MOST = 32768, HZ_MOST = 768000, CHANNELS_MOST = 255, BPS_MOST = 100000000 };
#define MS_MOST ((int64_t)1000 * 3600 * 48)

static int64_t
milliseconds(int64_t t, AVRational base)
{
	int64_t ms = t == AV_NOPTS_VALUE || t < 0 ? 0 :
						    av_rescale_q(t, base, (AVRational){ 1, 1000 });

	return ms >= 0 && ms < MS_MOST ? ms : 0;
}

static bool
taken(const AVCodecParameters *c)
{
	return av_codec_for((int)c->codec_id) != NULL;
}

/* Returns the matrix of a track as a quarter turn and a mirror; what else it may express is ignored
 * (ISO 14496-12, 6.2.2: a, b, c, d of x' = ax + cy, y' = bx + dy). */
static struct av_turn
turn_of(const AVStream *st)
{
	const int32_t *m = (const int32_t *)(const void *)av_stream_get_side_data(st,
	    AV_PKT_DATA_DISPLAYMATRIX, NULL);
	double a, b, c, d;
	struct av_turn t = { 0, false };

	if (m == NULL)
		return t;
	a = m[0];
	b = m[1];
	c = m[3];
	d = m[4];
	t.mirrored = a * d - b * c < 0;
	if (t.mirrored) { /* undo the mirror, then find the turn */
		a = -a;
		c = -c;
	}
	if (fabs(a) >= fabs(b))
		t.quarters = a >= 0 ? 0 : 2;
	else
		t.quarters = b > 0 ? 1 : 3;
	return t;
}

static enum av_light
light_of(const AVCodecParameters *c)
{
	return c->color_trc == AVCOL_TRC_SMPTE2084 ? LIGHT_PQ :
	    c->color_trc == AVCOL_TRC_ARIB_STD_B67 ? LIGHT_HLG :
						     LIGHT_SDR;
}

/* Sets the size with square pixels, by widening the frame and never by dropping lines. */
static void
set_size(struct av_info *info, const AVStream *st, AVRational sar)
{
	uint64_t w = (uint64_t)st->codecpar->width, h = (uint64_t)st->codecpar->height;
	bool turned = info->turn.quarters % 2 == 1;

	if (sar.num > sar.den && sar.den > 0 && sar.num < 8 * (int64_t)sar.den)
		w = (w * (uint64_t)sar.num + (uint64_t)sar.den / 2) / (uint64_t)sar.den;
	else if (sar.num > 0 && sar.num < sar.den && sar.den < 8 * (int64_t)sar.num)
		h = (h * (uint64_t)sar.den + (uint64_t)sar.num / 2) / (uint64_t)sar.num;
	info->width = (unsigned)(turned ? h : w);
	info->height = (unsigned)(turned ? w : h);
	info->pixels = (uint64_t)st->codecpar->width * (uint64_t)st->codecpar->height;
}

static void
use_video(struct av_info *info, const AVFormatContext *f, AVStream *st)
{
	AVRational r = st->avg_frame_rate.num > 0 && st->avg_frame_rate.den > 0 ?
	    st->avg_frame_rate :
	    st->r_frame_rate;

	info->turn = turn_of(st);
	info->light = light_of(st->codecpar);
	set_size(info, st, av_guess_sample_aspect_ratio((AVFormatContext *)(uintptr_t)f, st, NULL));
	if (r.num > 0 && r.den > 0) {
		info->fps_num = (unsigned)r.num;
		info->fps_den = (unsigned)r.den;
	}
	info->video_ms = milliseconds(st->duration, st->time_base);
}

/* Returns the bits a second of a sound's header, 0 if it has none. The demuxer of AMR takes the
 * rate of the last frame that it has seen, which may be a pause; then it is the highest there is.
 */
static uint64_t
rate_of(const AVCodecParameters *c)
{
	if ((c->codec_id == AV_CODEC_ID_AMR_NB || c->codec_id == AV_CODEC_ID_AMR_WB) &&
	    c->bit_rate < 4750)
		return c->codec_id == AV_CODEC_ID_AMR_NB ? 12200 : 23850;
	return c->bit_rate > 0 && c->bit_rate <= BPS_MOST ? (uint64_t)c->bit_rate : 0;
}

static void
use_audio(struct av_info *info, const AVStream *st)
{
	const AVCodecParameters *c = st->codecpar;

	info->hz = (unsigned)c->sample_rate;
	info->channels = (unsigned)c->ch_layout.nb_channels;
	info->audio_bps = rate_of(c);
	info->audio_ms = milliseconds(st->duration, st->time_base);
}

static bool
usable(const AVStream *st)
{
	const AVCodecParameters *c = st->codecpar;

	if ((st->disposition & AV_DISPOSITION_ATTACHED_PIC) != 0 || !taken(c))
		return false;
	if (c->codec_type == AVMEDIA_TYPE_VIDEO)
		return c->width > 0 && c->height > 0 && c->width <= SIDE_MOST &&
		    c->height <= SIDE_MOST;
	return c->sample_rate > 0 && c->sample_rate <= HZ_MOST && c->ch_layout.nb_channels > 0 &&
	    c->ch_layout.nb_channels <= CHANNELS_MOST;
}

/* Notes the name of a stream's codec, which is reported even if it cannot be used. */
static void
note_codec(char name[AV_CODEC], const AVStream *st)
{
	(void)snprintf(name, AV_CODEC, "%s",
	    st->codecpar->codec_id != AV_CODEC_ID_NONE ? avcodec_get_name(st->codecpar->codec_id) :
							 "unknown");
}

void
av_facts(const AVFormatContext *f, struct av_info *info)
{
	*info = (struct av_info){ .video = -1, .audio = -1, .fps_den = 1 };
	info->ms = milliseconds(f->duration, AV_TIME_BASE_Q);
	for (unsigned i = 0; i < f->nb_streams && i < AV_STREAMS; i++) {
		AVStream *st = f->streams[i];
		bool video = st->codecpar->codec_type == AVMEDIA_TYPE_VIDEO;
		int *index = video ? &info->video : &info->audio;

		if ((!video && st->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) || *index != -1)
			continue;
		if ((st->disposition & AV_DISPOSITION_ATTACHED_PIC) == 0)
			note_codec(video ? info->video_codec : info->audio_codec, st);
		if (!usable(st))
			continue;
		*index = (int)i;
		if (video)
			use_video(info, f, st);
		else
			use_audio(info, st);
	}
}
