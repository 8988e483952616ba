/*
 * av_amr: see av_amr.h. This is the only file that uses libopencore-amrnb.
 *
 * An AMR file is a line that names the format and then frames of 20 ms (RFC 4867, section 5). Voice
 * activity detection is off: each frame has the chosen mode, so that the size is known before.
 */
#include "transcode/av/av_amr.h"
#include "transcode/av/av_codec.h"
#include "transcode/av/av_mux.h"
#include "transcode/av/av_proof.h"

#include <stdlib.h>
#include <string.h>

#include <libavcodec/packet.h>
#include <libavutil/frame.h>
#include <opencore-amrnb/interf_enc.h>

/* The encoder looks 5 ms ahead, so what it makes of a sample comes 40 samples later (3GPP TS
 * 26.090). */
enum { DELAY = 40 };

struct amr {
	void *encoder;
	enum Mode mode;
	int16_t frame[AMR_SAMPLES];
	size_t n; /* samples in frame */
	struct av_bytes *b;
	struct av_proof proof;
};

static bool
encode_frame(struct amr *a)
{
	unsigned char out[AMR_FRAME_MOST];
	int n = Encoder_Interface_Encode(a->encoder, a->mode, a->frame, out, 0);

	a->n = 0;
	return n > 0 && n <= AMR_FRAME_MOST && av_bytes_add(a->b, out, (size_t)n);
}

static bool
take(struct amr *a, const int16_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		a->frame[a->n++] = p != NULL ? p[i] : 0;
		if (a->n == AMR_SAMPLES && !encode_frame(a))
			return false;
	}
	return true;
}

static bool
take_frame(void *ctx, AVFrame *frame, int64_t at)
{
	struct amr *a = ctx;

	(void)at;
	av_proof_fed(&a->proof, frame);
	return take(a, (const int16_t *)(const void *)frame->data[0], (size_t)frame->nb_samples);
}

/* Encodes the end, filled up with silence. */
static bool
finish(struct amr *a)
{
	return take(a, NULL, DELAY) && (a->n == 0 || take(a, NULL, AMR_SAMPLES - a->n));
}

/* Decodes the file and compares it with what went in. */
static enum av_end
prove(struct amr *a)
{
	const size_t head = sizeof AMR_HEAD - 1;
	struct AVPacket *all = av_packet_new();
	enum av_end end = all != NULL ? av_proof_begin_amr(&a->proof) : AV_LIMIT;

	if (end == AV_DONE && av_new_packet(all, (int)(a->b->n - head)) < 0)
		end = AV_LIMIT;
	if (end == AV_DONE) {
		memcpy(all->data, a->b->p + head, a->b->n - head);
		end = av_proof_made(&a->proof, all);
	}
	if (end == AV_DONE)
		end = av_proof_made(&a->proof, NULL);
	if (end == AV_DONE)
		end = av_proof_judge(&a->proof);
	av_proof_close(&a->proof);
	av_packet_drop(&all);
	return end;
}

enum av_end
av_amr_encode(const struct av_pcm *s, unsigned bps, struct av_bytes *b)
{
	const struct av_pcm_form form = { { bps, AMR_HZ, 1, 0 }, "s16", AMR_SAMPLES };
	struct amr a = { .mode = MR475, .b = b };
	enum av_end end = AV_LIMIT;

	while (a.mode < MR122 && plan_amr_bps(a.mode) < bps)
		a.mode++;
	if (!av_bytes_add(b, AMR_HEAD, sizeof AMR_HEAD - 1) ||
	    (a.encoder = Encoder_Interface_init(0)) == NULL)
		return AV_LIMIT;
	end = av_pcm_frames(s, &form, &(struct av_sink){ take_frame, &a });
	if (end == AV_DONE && !finish(&a))
		end = AV_BROKEN;
	Encoder_Interface_exit(a.encoder);
	if (end == AV_DONE)
		end = prove(&a);
	return end;
}

enum av_end
av_amr_write(const struct av_packets *frames, struct av_bytes *b)
{
	bool ok = av_bytes_add(b, AMR_HEAD, sizeof AMR_HEAD - 1);

	for (size_t i = 0; ok && i < frames->n; i++)
		ok = av_bytes_add(b, frames->p[i]->data, (size_t)frames->p[i]->size);
	return ok ? AV_DONE : AV_LIMIT;
}

bool
av_amr_may_copy(const struct AVPacket *p)
{
	return plan_amr_frame(p->data, (size_t)p->size) != 0 ||
	    plan_amr_pause(false, p->data, (size_t)p->size);
}

unsigned
av_amr_rate(const struct av_packets *frames)
{
	unsigned most = 0;

	for (size_t i = 0; i < frames->n; i++) {
		unsigned bps = plan_amr_frame(frames->p[i]->data, (size_t)frames->p[i]->size);

		most = bps > most ? bps : most;
	}
	return most;
}
