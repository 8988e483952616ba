/*
 * av_mux: writes MP4 files to memory with libavformat. See av_lib.h. The index comes first
 * ("faststart"): libavformat writes the file, then opens it again to move what it has written, so
 * it gets the same memory to read.
 */
#include "transcode/av/av_lib.h"
#include "transcode/av/av_mux.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libavformat/avformat.h>

enum { IO_BYTES = 65536 };

void
av_bytes_free(struct av_bytes *b)
{
	free(b->p);
	b->p = NULL;
	b->n = b->room = b->at = 0;
}

static bool
grow(struct av_bytes *b, size_t to)
{
	size_t room = b->room > 0 ? b->room : IO_BYTES;
	unsigned char *p;

	if (to <= b->room)
		return true;
	while (room < to)
		room *= 2;
	if ((p = realloc(b->p, room)) == NULL)
		return false;
	memset(p + b->room, 0, room - b->room);
	b->p = p;
	b->room = room;
	return true;
}

bool
av_bytes_add(struct av_bytes *b, const void *p, size_t n)
{
	if (n > b->most - b->n || !grow(b, b->n + n))
		return false;
	memcpy(b->p + b->n, p, n);
	b->n += n;
	return true;
}

static int
write_some(void *ctx, uint8_t *buf, int n)
{
	struct av_bytes *b = ctx;

	if (b->at + (size_t)n > b->most)
		return AVERROR(EFBIG);
	if (!grow(b, b->at + (size_t)n))
		return AVERROR(ENOMEM);
	memcpy(b->p + b->at, buf, (size_t)n);
	b->at += (size_t)n;
	if (b->at > b->n)
		b->n = b->at;
	return n;
}

static int64_t
seek_to(struct av_bytes *b, size_t *at, int64_t offset, int whence)
{
	whence &= ~AVSEEK_FORCE;
	if (whence == AVSEEK_SIZE)
		return (int64_t)b->n;
	if (whence == SEEK_CUR)
		offset += (int64_t)*at;
	else if (whence == SEEK_END)
		offset += (int64_t)b->n;
	if (offset < 0 || (uint64_t)offset > b->most)
		return AVERROR(EINVAL);
	*at = (size_t)offset;
	return offset;
}

static int64_t
seek_out(void *ctx, int64_t offset, int whence)
{
	struct av_bytes *b = ctx;

	return seek_to(b, &b->at, offset, whence);
}

/* ---- reading what was written ------------------------------------------------------ */

struct again {
	struct av_bytes *b;
	size_t at;
};

static int
read_again(void *ctx, uint8_t *buf, int n)
{
	struct again *r = ctx;
	size_t left = r->at < r->b->n ? r->b->n - r->at : 0;

	if (left == 0)
		return AVERROR_EOF;
	if ((size_t)n > left)
		n = (int)left;
	memcpy(buf, r->b->p + r->at, (size_t)n);
	r->at += (size_t)n;
	return n;
}

static int64_t
seek_again(void *ctx, int64_t offset, int whence)
{
	struct again *r = ctx;

	return seek_to(r->b, &r->at, offset, whence);
}

static int
open_again(AVFormatContext *f, AVIOContext **pb, const char *url, int flags, AVDictionary **options)
{
	struct again *r = calloc(1, sizeof *r);
	unsigned char *buf = av_malloc(IO_BYTES);

	(void)url;
	(void)options;
	if (r != NULL)
		r->b = f->opaque;
	*pb = r != NULL && buf != NULL && (flags & AVIO_FLAG_WRITE) == 0 ?
	    avio_alloc_context(buf, IO_BYTES, 0, r, read_again, NULL, seek_again) :
	    NULL;
	if (*pb != NULL)
		return 0;
	av_free(buf);
	free(r);
	return AVERROR(ENOMEM);
}

static int
close_again(AVFormatContext *f, AVIOContext *pb)
{
	(void)f;
	free(pb->opaque);
	av_freep(&pb->buffer);
	avio_context_free(&pb);
	return 0;
}

/* ---- the file ------------------------------------------------------------------------ */

static int
add_track(AVFormatContext *f, const struct av_track *t)
{
	AVStream *st = avformat_new_stream(f, NULL);

	if (st == NULL || avcodec_parameters_copy(st->codecpar, t->codec) < 0)
		return AVERROR(ENOMEM);
	st->codecpar->codec_tag = 0;
	st->time_base = (AVRational){ t->num, t->den };
	if (t->codec->codec_type == AVMEDIA_TYPE_VIDEO)
		st->avg_frame_rate = (AVRational){ t->den, t->num };
	return 0;
}

static int
write_packet(AVFormatContext *f, const AVPacket *p, unsigned i, const struct av_track *t)
{
	AVPacket *copy = av_packet_clone(p);
	int rc;

	if (copy == NULL)
		return AVERROR(ENOMEM);
	copy->stream_index = (int)i;
	copy->pos = -1;
	av_packet_rescale_ts(copy, (AVRational){ t->num, t->den }, f->streams[i]->time_base);
	rc = av_write_frame(f, copy);
	av_packet_free(&copy);
	return rc;
}

/* Writes the packets of both tracks in the order of their times, in runs of half a second, so that
 * a player finds both as it reads on and the index stays small. */
static int
write_packets(AVFormatContext *f, const struct av_track *track, unsigned n)
{
	size_t next[2] = { 0, 0 };
	int64_t until = 0;
	int rc = 0;

	for (bool more = true; more && rc >= 0; until += AV_TIME_BASE / 2) {
		more = false;
		for (unsigned i = 0; i < n && rc >= 0; i++) {
			const struct av_packets *ps = track[i].packets;

			while (rc >= 0 && next[i] < ps->n &&
			    av_rescale_q(ps->p[next[i]]->dts,
				(AVRational){ track[i].num, track[i].den }, AV_TIME_BASE_Q) < until)
				rc = write_packet(f, ps->p[next[i]++], i, &track[i]);
			more = more || next[i] < ps->n;
		}
	}
	return rc;
}

static int
write_file(AVFormatContext *f, const struct av_track *track, unsigned n)
{
	AVDictionary *options = NULL;
	int rc = 0;

	f->flags |= AVFMT_FLAG_BITEXACT | AVFMT_FLAG_CUSTOM_IO;
	f->io_open = open_again;
	f->io_close2 = close_again;
	for (unsigned i = 0; i < n && rc >= 0; i++)
		rc = add_track(f, &track[i]);
	if (rc >= 0)
		rc = av_dict_set(&options, "movflags", "+faststart", 0);
	if (rc >= 0)
		rc = av_dict_set(&options, "brand", "isom", 0);
	if (rc >= 0)
		rc = avformat_write_header(f, &options);
	av_dict_free(&options);
	if (rc >= 0)
		rc = write_packets(f, track, n);
	return rc >= 0 ? av_write_trailer(f) : rc;
}

enum av_end
av_mux(struct av_bytes *b, const struct av_track *track, unsigned n)
{
	unsigned char *buf = av_malloc(IO_BYTES);
	AVFormatContext *f = NULL;
	AVIOContext *pb = NULL;
	int rc = AVERROR(ENOMEM);

	if (buf != NULL &&
	    (pb = avio_alloc_context(buf, IO_BYTES, 1, b, NULL, write_some, seek_out)) != NULL &&
	    avformat_alloc_output_context2(&f, NULL, "mp4", NULL) >= 0) {
		f->pb = pb;
		f->opaque = b;
		rc = write_file(f, track, n);
		avio_flush(pb);
		if (rc >= 0 && pb->error < 0)
			rc = pb->error;
	}
	avformat_free_context(f);
	if (pb != NULL)
		av_freep(&pb->buffer);
	else
		av_free(buf);
	avio_context_free(&pb);
	return rc >= 0            ? AV_DONE :
	    rc == AVERROR(EFBIG)  ? AV_TOO_BIG :
	    rc == AVERROR(ENOMEM) ? AV_LIMIT :
				    AV_BROKEN;
}
