/* av_spool: see av_spool.h */
#include "transcode/av/av_spool.h"
#include "transcode/av/av_codec.h"
#include "transcode/av/av_encode.h"

#include <stdlib.h>

#include <libavutil/frame.h>

enum { PACKED_GOP = 250 };

static bool
pack_one(void *ctx, struct AVPacket *p)
{
	struct av_spool *s = ctx;

	return av_packets_add(&s->packed, p);
}

static enum av_end
keep_raw(struct av_spool *s, AVFrame *f)
{
	if (s->nraw == s->room) {
		size_t room = s->room > 0 ? s->room * 2 : 64;
		AVFrame **more = reallocarray(s->raw, room, sizeof(AVFrame *));

		if (more == NULL)
			return AV_LIMIT;
		s->raw = more;
		s->room = room;
	}
	if ((s->raw[s->nraw] = av_frame_clone(f)) == NULL)
		return AV_LIMIT;
	s->nraw++;
	s->raw_bytes += (size_t)s->picture.width * s->picture.height * 3 / 2;
	return AV_DONE;
}

enum av_end
av_spool_add(struct av_spool *s, AVFrame *f)
{
	const struct av_x264 how = { .picture = s->picture,
		.profile = PROFILES,
		.preset = "ultrafast",
		.gop = PACKED_GOP };
	enum av_end end = AV_DONE;

	s->n++;
	if (s->packer == NULL && s->raw_bytes < s->raw_most)
		return keep_raw(s, f);
	if (s->packer == NULL)
		end = av_x264_open(&s->packer, &how);
	if (end == AV_DONE)
		end = av_encode(s->packer, f, (int64_t)(s->n - 1 - s->nraw),
		    &(struct av_packet_sink){ pack_one, s });
	return end == AV_BROKEN ? AV_LIMIT : end; /* only memory can be missing there */
}

double
av_spool_seconds(const struct av_spool *s)
{
	return (double)s->n * s->picture.fps_den / s->picture.fps_num;
}

enum av_end
av_spool_end(struct av_spool *s)
{
	return s->packer != NULL ?
	    av_encode(s->packer, NULL, 0, &(struct av_packet_sink){ pack_one, s }) :
	    AV_DONE;
}

struct unpacking {
	const struct av_sink *to;
	int64_t number;
};

static bool
unpack_one(void *ctx, AVFrame *f, int64_t at)
{
	struct unpacking *u = ctx;

	(void)at;
	return u->to->each(u->to->ctx, f, u->number++);
}

static enum av_end
unpack(const struct av_spool *s, const struct av_sink *to)
{
	struct unpacking u = { to, (int64_t)s->nraw };
	const struct av_sink sink = { unpack_one, &u };
	struct av_decoder *d = NULL;
	enum av_end end = av_decoder_of(&d, s->packer);

	for (size_t i = 0; i < s->packed.n && end == AV_DONE; i++)
		end = av_decode(d, s->packed.p[i], &sink);
	if (end == AV_DONE)
		end = av_decode(d, NULL, &sink);
	av_decoder_close(&d);
	return end == AV_REFUSED ? AV_BROKEN : end;
}

enum av_end
av_spool_each(const struct av_spool *s, const struct av_sink *to)
{
	for (size_t i = 0; i < s->nraw; i++)
		if (!to->each(to->ctx, s->raw[i], (int64_t)i))
			return AV_BROKEN;
	return s->packer != NULL ? unpack(s, to) : AV_DONE;
}

void
av_spool_free(struct av_spool *s)
{
	for (size_t i = 0; i < s->nraw; i++)
		av_frame_free(&s->raw[i]);
	free((void *)s->raw);
	s->raw = NULL;
	s->nraw = s->room = s->raw_bytes = s->n = 0;
	av_packets_free(&s->packed);
	av_encoder_close(&s->packer);
}
