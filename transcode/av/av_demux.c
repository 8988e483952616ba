/*
 * av_demux: opens and reads a source with libavformat. See av_lib.h.
 *
 * The demuxer is that of the format that was found, never libavformat's guess; nested files and
 * protocols are refused. Everything read is hostile: numbers are checked against bounds before
 * use.
 */
#include "transcode/av/av_lib.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/display.h>
#include <libavutil/opt.h>

#include "base/file.h"
#include "model/media.h"
#include "transcode/av/av_codecs.h"
#include "transcode/av/av_demux.h"
#include "transcode/av/av_head.h"

enum {
	IO_BYTES = 32768,
	PROBE_BYTES = 5000000, /* first look (measured on cameras' files) */
	PROBE_US = 5000000,
	SIDE_MOST = 32768,
	HZ_MOST = 768000,
	CHANNELS_MOST = 255,
	BPS_MOST = 100000000,
};
#define MS_MOST ((int64_t)1000 * 3600 * 48)

struct av_in {
	AVFormatContext *f;
	int fd;
	int64_t at, size;
	int64_t tail; /* zeros that follow the file's bytes (av_head.h) */
};

/* ---- reading ------------------------------------------------------------------ */

static int
read_some(void *ctx, uint8_t *buf, int n)
{
	struct av_in *in = ctx;
	ssize_t got = file_pread(in->fd, buf, (size_t)n, (uint64_t)in->at);

	if (got < 0)
		return AVERROR(errno);
	if (got == 0 && in->at >= in->size && in->at < in->size + in->tail) {
		got = in->size + in->tail - in->at < n ? (ssize_t)(in->size + in->tail - in->at) :
							 n;
		memset(buf, 0, (size_t)got);
	}
	in->at += got;
	return got > 0 ? (int)got : AVERROR_EOF;
}

static int64_t
seek_to(void *ctx, int64_t offset, int whence)
{
	struct av_in *in = ctx;

	switch (whence & ~AVSEEK_FORCE) {
	case AVSEEK_SIZE:
		return in->size + in->tail;
	case SEEK_SET:
		break;
	case SEEK_CUR:
		offset += in->at;
		break;
	case SEEK_END:
		offset += in->size + in->tail;
		break;
	default:
		return AVERROR(EINVAL);
	}
	if (offset < 0)
		return AVERROR(EINVAL);
	return in->at = offset;
}

static int
refuse_open(AVFormatContext *f, AVIOContext **pb, const char *url, int flags,
    AVDictionary **options)
{
	(void)f;
	(void)pb;
	(void)url;
	(void)flags;
	(void)options;
	return AVERROR(EPERM);
}

/* ---- opening ------------------------------------------------------------------ */

static bool
prepare(struct av_in *in)
{
	unsigned char *buf = av_malloc(IO_BYTES);
	AVFormatContext *f = in->f = avformat_alloc_context();

	if (f == NULL || buf == NULL ||
	    (f->pb = avio_alloc_context(buf, IO_BYTES, 0, in, read_some, NULL, seek_to)) == NULL) {
		av_free(buf);
		return false;
	}
	f->io_open = refuse_open;
	f->flags |= AVFMT_FLAG_CUSTOM_IO;
	f->probesize = PROBE_BYTES;
	f->max_analyze_duration = PROBE_US;
	f->max_streams = AV_STREAMS;
	f->codec_whitelist = av_strdup(av_decoders);
	f->protocol_whitelist = av_strdup("none");
	return f->codec_whitelist != NULL && f->protocol_whitelist != NULL;
}

static void
free_io(AVIOContext **pb)
{
	if (*pb != NULL)
		av_freep(&(*pb)->buffer);
	avio_context_free(pb);
}

/* Makes libavformat produce no packets of streams that are not used. */
static void
discard_others(AVFormatContext *f)
{
	for (unsigned i = 0; i < f->nb_streams; i++) {
		enum AVMediaType t = f->streams[i]->codecpar->codec_type;

		if (t != AVMEDIA_TYPE_VIDEO && t != AVMEDIA_TYPE_AUDIO)
			f->streams[i]->discard = AVDISCARD_ALL;
	}
}

static enum av_end
open_input(struct av_in *in, const struct av_file *file)
{
	const AVInputFormat *demuxer = av_find_input_format(format_demuxer(file->format));
	AVDictionary *options = NULL;
	char pixels[24];
	AVIOContext *pb;
	int rc;

	if (demuxer == NULL || !prepare(in))
		return demuxer == NULL ? AV_BROKEN : AV_LIMIT;
	pb = in->f->pb;
	rc = avformat_open_input(&in->f, "", demuxer, &options);
	av_dict_free(&options);
	if (rc < 0) { /* on failure libavformat has freed all but its I/O context */
		free_io(&pb);
		return av_blame(rc);
	}
	discard_others(in->f);
	/* libavcodec refuses the option above INT_MAX */
	(void)snprintf(pixels, sizeof pixels, "%llu",
	    (unsigned long long)(file->max_pixels < INT_MAX ? file->max_pixels : INT_MAX));
	AVDictionary *each[AV_STREAMS] = { NULL };
	unsigned n = in->f->nb_streams < AV_STREAMS ? in->f->nb_streams : AV_STREAMS;

	for (unsigned i = 0; i < n; i++)
		(void)(av_dict_set(&each[i], "max_pixels", pixels, 0) +
		    av_dict_set(&each[i], "threads", "1", 0));
	rc = avformat_find_stream_info(in->f, n > 0 ? each : NULL);
	for (unsigned i = 0; i < n; i++)
		av_dict_free(&each[i]);
	return rc < 0 ? av_blame(rc) : AV_DONE;
}

enum av_end
av_in_open(struct av_in **out, const struct av_file *file)
{
	struct av_in *in = calloc(1, sizeof *in);
	enum av_end end;

	*out = NULL;
	if (in == NULL)
		return AV_LIMIT;
	in->fd = file->fd;
	in->size = file->size;
	if (file->format == FORMAT_MP4 || file->format == FORMAT_MOV || file->format == FORMAT_3GP)
		in->tail = tail_missing(file->fd, file->size);
	if ((end = open_input(in, file)) != AV_DONE)
		av_in_close(&in);
	*out = in;
	return end;
}

void
av_in_close(struct av_in **in)
{
	if (*in == NULL)
		return;
	if ((*in)->f != NULL) {
		AVIOContext *pb = (*in)->f->pb;

		avformat_close_input(&(*in)->f);
		free_io(&pb);
	}
	free(*in);
	*in = NULL;
}

/* ---- facts -------------------------------------------------------------------- */

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
av_in_info(const struct av_in *in, struct av_info *info)
{
	const AVFormatContext *f = in->f;

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

/* ---- packets ------------------------------------------------------------------ */

int
av_in_read(struct av_in *in, AVPacket *p, const struct av_info *of, int *stream)
{
	enum { SKIPS = 1000 };

	for (int skipped = 0;;) {
		int rc = av_read_frame(in->f, p);

		if (rc == AVERROR(ENOMEM))
			return -1;
		if (rc == AVERROR_EOF || (rc < 0 && (avio_feof(in->f->pb) || ++skipped > SKIPS)))
			return 0;
		if (rc < 0)
			continue;
		*stream = p->stream_index;
		if (*stream == of->video || *stream == of->audio)
			return 1;
		av_packet_unref(p);
	}
}

const AVCodecParameters *
av_in_codec(const struct av_in *in, int stream)
{
	return in->f->streams[stream]->codecpar;
}

void
av_in_base(const struct av_in *in, int stream, int *num, int *den)
{
	*num = in->f->streams[stream]->time_base.num;
	*den = in->f->streams[stream]->time_base.den;
}

int64_t
av_in_start(const struct av_in *in)
{
	return in->f->start_time == AV_NOPTS_VALUE ? 0 : in->f->start_time;
}
