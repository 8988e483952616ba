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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libavformat/avformat.h>
#include <libavutil/opt.h>

#include "base/file.h"
#include "model/media.h"
#include "transcode/av/av_codecs.h"
#include "transcode/av/av_demux.h"
#include "transcode/av/av_facts.h"
#include "transcode/av/av_head.h"

enum {
	IO_BYTES = 32768,
	PROBE_BYTES = 5000000, /* first look (measured on cameras' files) */
	PROBE_US = 5000000,
};

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
	int64_t left = in->at < in->size ? in->size - in->at : 0;
	ssize_t got = file_pread(in->fd, buf, (size_t)(left < n ? left : n), (uint64_t)in->at);

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
	if (file->format == FORMAT_AMR || file->format == FORMAT_AMRWB)
		in->size = size_before_zeros(file->fd, file->size);
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

void
av_in_info(const struct av_in *in, struct av_info *info)
{
	av_facts(in->f, info);
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
