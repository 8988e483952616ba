/*
 * film_track: encodes the sound of a film; see film.h. Targets with equal sound share one track.
 */
#include "transcode/av/film/film.h"
#include "transcode/av/av_codec.h"
#include "transcode/av/av_encode.h"
#include "transcode/av/av_mux.h"

#include <string.h>

#include <libavcodec/packet.h>

static bool
keep_packet(void *ctx, struct AVPacket *p)
{
	return av_packets_add(ctx, p);
}

/* Sound of a few samples may give no packet. */
static const struct film_track *
not_empty(const struct film_track *t)
{
	return t->packets.n > 0 ? t : NULL;
}

/* Encodes the sound in place of what t has, with tones up to top (av_plan.h). */
static enum av_end
encode(const struct film *f, struct film_track *t, unsigned top)
{
	struct av_sound s = t->sound;
	enum av_end end;

	s.top = top;
	av_packets_free(&t->packets);
	av_encoder_close(&t->encoder);
	end = av_aac_open(&t->encoder, &s);
	if (end == AV_DONE)
		end = av_pcm_encode(&f->pcm, t->encoder, &s,
		    &(struct av_packet_sink){ keep_packet, &t->packets });
	return end;
}

const struct film_track *
film_sound(struct film *f, unsigned i, enum av_end *end)
{
	struct av_sound s = plan_aac(&f->j->info, &f->j->req->target[i], f->ms);
	struct film_track *t;

	*end = AV_DONE;
	if (f->silent)
		return NULL;
	if (av_pcm_lost(&f->pcm)) {
		*end = AV_LOST;
		return NULL;
	}
	for (unsigned k = 0; k < f->ntrack; k++)
		if (memcmp(&f->track[k].sound, &s, sizeof s) == 0)
			return not_empty(&f->track[k]);
	t = &f->track[f->ntrack++];
	t->sound = s;
	*end = encode(f, t, 0);
	if (*end == AV_LOST) /* the encoder left out high tones, and there are no others */
		*end = encode(f, t, s.hz / 2);
	return *end == AV_DONE ? not_empty(t) : NULL;
}
