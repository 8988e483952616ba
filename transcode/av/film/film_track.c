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

const struct film_track *
film_sound(struct film *f, unsigned i, enum av_end *end)
{
	struct av_sound s = plan_aac(&f->j->info, &f->j->req->target[i], f->ms);
	struct film_track *t;

	*end = AV_DONE;
	if (f->silent)
		return NULL;
	for (unsigned k = 0; k < f->ntrack; k++)
		if (memcmp(&f->track[k].sound, &s, sizeof s) == 0)
			return not_empty(&f->track[k]);
	t = &f->track[f->ntrack++];
	t->sound = s;
	*end = av_aac_open(&t->encoder, &s);
	if (*end == AV_DONE)
		*end = av_pcm_encode(&f->pcm, t->encoder, &s,
		    &(struct av_packet_sink){ keep_packet, &t->packets });
	return *end == AV_DONE ? not_empty(t) : NULL;
}
