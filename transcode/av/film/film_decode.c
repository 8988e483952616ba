/*
 * film_decode: decodes video and sound of a film once; see film.h. Sound that cannot be decoded is
 * left out, with a note; a film without video is refused.
 */
#include <stdio.h>
#include <string.h>

#include <libavcodec/packet.h>

#include "transcode/av/film/film.h"
#include "transcode/av/av_codec.h"
#include "transcode/av/av_demux.h"
#include "transcode/av/av_filter.h"
#include "transcode/av/av_hear.h"
#include "transcode/av/av_result.h"

struct reading {
	struct film *f;
	struct av_decoder *video, *audio; /* audio NULL: silent */
	struct film_frames frames;
	struct av_hear hear;
	bool packets; /* the packets are kept too */
};

static void
be_silent(struct reading *r)
{
	struct film *f = r->f;

	f->silent = true;
	av_pcm_free(&f->pcm);
	av_filter_close(&r->hear.filter);
	av_decoder_close(&r->audio);
	if (f->note[0] == '\0')
		(void)snprintf(f->note, sizeof f->note, "sound left out: %.80s",
		    av_said()[0] != '\0' ? av_said() : f->j->info.audio_codec);
}

static enum av_end
open_all(struct reading *r)
{
	struct av_job *j = r->f->j;
	enum av_end end = av_decoder_open(&r->video, j->in, j->info.video, j->req->max_pixels);

	if (end != AV_DONE)
		return end;
	av_hear_init(&r->hear, &r->f->pcm, j, true, r->f->how.gain);
	if (j->info.audio == -1) {
		r->f->silent = true;
		if (j->info.audio_codec[0] != '\0')
			(void)snprintf(r->f->note, sizeof r->f->note, "sound left out: codec %s",
			    j->info.audio_codec);
	} else if (av_decoder_open(&r->audio, j->in, j->info.audio, 0) != AV_DONE) {
		be_silent(r);
	}
	return AV_DONE;
}

static enum av_end
video_packet(struct reading *r, const struct AVPacket *p)
{
	enum av_end end = av_decode(r->video, p, &(struct av_sink){ film_frame, &r->frames });

	return end == AV_BROKEN && r->frames.failed != AV_DONE ? r->frames.failed : end;
}

/* Decodes a packet of sound. It reports only a lack of memory; after any other failure the film
 * goes on without sound. */
static enum av_end
audio_packet(struct reading *r, const struct AVPacket *p)
{
	enum av_end end = r->audio != NULL ?
	    av_decode(r->audio, p, &(struct av_sink){ av_hear, &r->hear }) :
	    AV_DONE;

	if (end == AV_BROKEN && r->hear.failed != AV_DONE)
		end = r->hear.failed;
	if (end != AV_DONE && end != AV_LIMIT) {
		be_silent(r);
		end = AV_DONE;
	}
	return end;
}

static enum av_end
take(struct reading *r, struct AVPacket *p, bool video)
{
	struct film *f = r->f;

	if (r->packets && !av_packets_add(video ? &f->video : &f->audio, p))
		return AV_LIMIT;
	return video ? video_packet(r, p) : audio_packet(r, p);
}

static enum av_end
read_all(struct reading *r)
{
	struct film *f = r->f;
	struct av_job *j = f->j;
	struct AVPacket *p = av_packet_new();
	enum av_end end = p != NULL ? AV_DONE : AV_LIMIT;
	int rc = 0, stream;

	while (end == AV_DONE && f->ms <= j->req->max_ms + 1000 &&
	    (rc = av_in_read(j->in, p, &j->info, &stream)) > 0) {
		end = take(r, p, stream == j->info.video);
		av_packet_unref(p);
		if (j->info.ms > 0)
			av_progress(j, 0, 600, (double)f->ms / (double)j->info.ms);
	}
	av_packet_drop(&p);
	if (end == AV_DONE && rc < 0)
		end = AV_LIMIT;
	if (end == AV_DONE)
		end = video_packet(r, NULL);
	if (end == AV_DONE)
		end = audio_packet(r, NULL);
	if (end == AV_DONE)
		end = film_frames_end(&r->frames);
	if (end == AV_DONE && av_hear_end(&r->hear) != AV_DONE)
		be_silent(r);
	return end;
}

enum av_end
film_decode(struct film *f, bool pictures, bool packets)
{
	struct reading r = { .f = f, .packets = packets };
	enum av_end end;

	film_frames_init(&r.frames, f, pictures);
	end = open_all(&r);
	if (end == AV_DONE)
		end = read_all(&r);
	if (end == AV_DONE && !f->silent && f->pcm.n == 0)
		be_silent(&r);
	f->opposite = packets && av_pcm_opposite(&f->pcm);
	f->errors = (r.video != NULL ? av_decoder_errors(r.video) : 0) +
	    (r.audio != NULL ? av_decoder_errors(r.audio) : 0);
	film_frames_free(&r.frames);
	av_filter_close(&r.hear.filter);
	av_decoder_close(&r.video);
	av_decoder_close(&r.audio);
	return end;
}

static enum av_end
start_again(struct film *f, const struct film_how *how)
{
	struct av_job *j = f->j;
	enum av_end end;

	film_free(f);
	*f = (struct film){ .j = j, .how = *how };
	av_in_close(&j->in);
	end = av_in_open(&j->in, &j->file);
	return end == AV_DONE ? film_decode(f, true, false) : end;
}

/* Returns how to decode f so that nothing is lost: as it was, unless that lost something. */
static struct film_how
better_how(const struct film *f)
{
	struct film_how how = f->how;

	if (!f->silent && how.gain == 1 && !how.clip) {
		how.gain = level_gain(&f->pcm.source);
	} else if (!f->silent && how.gain != 1 && av_pcm_lost(&f->pcm)) {
		how.gain = 1;
		how.clip = true;
	}
	if (how.way == FILM_USUAL)
		how.way = film_other_way(&f->seen);
	return how;
}

enum av_end
film_decode_again(struct film *f, bool must)
{
	enum { TIMES = 3 }; /* for a gain, for no gain, for another way */
	enum av_end end = AV_DONE;

	for (int i = 0; end == AV_DONE && i < TIMES; i++) {
		struct film_how how = better_how(f);

		if (!must && how.gain == f->how.gain && how.way == f->how.way)
			break;
		must = false;
		end = start_again(f, &how);
	}
	return end;
}
