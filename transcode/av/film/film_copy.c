/*
 * film_copy: copies films that need no encoding; see film.h. A second encode of what the handsets
 * of a class play would only cost quality. The bytes of video and sound are kept as they are;
 * everything else in the file is dropped. The caller has already checked that the whole film can
 * be decoded.
 */
#include <libavcodec/avcodec.h>
#include <libavutil/common.h>
#include <libavutil/mathematics.h>
#include <libavutil/pixdesc.h>
#include <string.h>

#include "transcode/av/film/film.h"
#include "transcode/av/av_demux.h"
#include "transcode/av/av_mux.h"

/* Tells whether handsets are expected to play this level of this profile; the profile decides on B
 * frames and CABAC (3GPP TS 26.140, Android's compatibility definition). */
static bool
profile_taken(const AVCodecParameters *c, uint32_t profile)
{
	bool simple = c->profile == FF_PROFILE_H264_CONSTRAINED_BASELINE;

	if (profile == PROFILE_BASELINE)
		return simple && c->level > 0 && c->level <= 30;
	return (simple || c->profile == FF_PROFILE_H264_MAIN) && c->level > 0 && c->level <= 31;
}

static bool
is_709(int v)
{
	return v == AVCOL_PRI_BT709 || v == AVCOL_PRI_UNSPECIFIED;
}

static bool
picture_taken(const struct film *f, const struct transcode_target *t)
{
	const struct av_info *in = &f->j->info;
	const AVCodecParameters *c = av_in_codec(f->j->in, in->video);

	return c->codec_id == AV_CODEC_ID_H264 && profile_taken(c, t->profile) &&
	    c->format == AV_PIX_FMT_YUV420P && c->extradata_size > 0 && c->extradata[0] == 1 &&
	    in->light == LIGHT_SDR && is_709((int)c->color_primaries) &&
	    c->color_range != AVCOL_RANGE_JPEG &&
	    (c->field_order == AV_FIELD_PROGRESSIVE || c->field_order == AV_FIELD_UNKNOWN) &&
	    in->turn.quarters == 0 && !in->turn.mirrored && (unsigned)c->width == in->width &&
	    (unsigned)c->height == in->height && in->width <= t->box && in->height <= t->box;
}

static bool
sound_taken(const struct film *f)
{
	const struct av_info *in = &f->j->info;
	const AVCodecParameters *c;

	if (in->audio == -1)
		return in->audio_codec[0] == '\0'; /* silent, not just undecodable */
	c = av_in_codec(f->j->in, in->audio);
	return c->codec_id == AV_CODEC_ID_AAC && c->profile == FF_PROFILE_AAC_LOW &&
	    c->ch_layout.nb_channels <= 2 && c->sample_rate <= 48000 && c->extradata_size > 0;
}

/* Tells whether every packet has its times and none is marked as broken or hidden. An encoder's
 * priming at the start of sound may be hidden: it lies before the time 0 and is hidden again in the
 * copy. */
static bool
packets_whole(const struct av_packets *ps, bool sound)
{
	bool start = sound;

	for (size_t i = 0; i < ps->n; i++) {
		const AVPacket *p = ps->p[i];
		bool hidden = (p->flags & AV_PKT_FLAG_DISCARD) != 0;

		if ((p->flags & AV_PKT_FLAG_CORRUPT) != 0 || p->dts == AV_NOPTS_VALUE ||
		    p->pts == AV_NOPTS_VALUE)
			return false;
		if (hidden && !(start && p->pts < 0))
			return false;
		start = start && hidden;
	}
	return ps->n > 0;
}

static bool
is_mp4(const struct film *f)
{
	switch (f->j->req->format) {
	case FORMAT_MP4:
	case FORMAT_MOV:
	case FORMAT_3GP:
		return true;
	default:
		return false;
	}
}

bool
film_may_copy(const struct film *f, const struct transcode_target *t)
{
	return is_mp4(f) && f->errors == 0 && !(f->silent && f->j->info.audio != -1) &&
	    picture_taken(f, t) && sound_taken(f) &&
	    (f->video.n == 0 || packets_whole(&f->video, false)) &&
	    (f->audio.n == 0 || packets_whole(&f->audio, true)) && !f->opposite;
}

bool
film_may_copy_any(const struct film *f)
{
	for (unsigned i = 0; i < f->j->req->ntargets; i++)
		if (film_may_copy(f, &f->j->req->target[i]))
			return true;
	return false;
}

enum av_end
film_copy(const struct film *f, struct av_bytes *b)
{
	const struct av_info *in = &f->j->info;
	struct av_track track[2];
	unsigned n = 1;

	track[0] = (struct av_track){ .codec = av_in_codec(f->j->in, in->video),
		.packets = &f->video };
	av_in_base(f->j->in, in->video, &track[0].num, &track[0].den);
	if (in->audio != -1) {
		track[n] = (struct av_track){ .codec = av_in_codec(f->j->in, in->audio),
			.packets = &f->audio };
		av_in_base(f->j->in, in->audio, &track[n].num, &track[n].den);
		n++;
	}
	return av_mux(b, track, n);
}

/* Returns the end of the last packet of a stream in milliseconds, or 0. */
static int64_t
end_of(const struct film *f, int stream, const struct av_packets *ps)
{
	int64_t end = 0;
	int num, den;

	if (stream == -1)
		return 0;
	av_in_base(f->j->in, stream, &num, &den);
	for (size_t i = 0; i < ps->n; i++) {
		int64_t at = av_sat_add64(ps->p[i]->pts, ps->p[i]->duration);

		end = at > end ? at : end;
	}
	return den > 0 ? av_rescale(end, (int64_t)num * 1000, den) : 0;
}

uint32_t
film_copy_ms(const struct film *f)
{
	int64_t video = end_of(f, f->j->info.video, &f->video),
		audio = end_of(f, f->j->info.audio, &f->audio), ms = video > audio ? video : audio;

	return ms < UINT32_MAX ? (uint32_t)ms : UINT32_MAX;
}
