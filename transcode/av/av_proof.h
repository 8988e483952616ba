/*
 * av_proof: compares what goes into an encoder of sound with what a decoder makes of its packets.
 */
#ifndef SM_AV_PROOF_H
#define SM_AV_PROOF_H

#include "transcode/av/av_lib.h"
#include "transcode/lost.h"

/* All zero: not begun. */
struct av_proof {
	struct av_decoder *d;
	struct level fed, made;
	bool other; /* a frame had samples of a form that is not known here */
};

/* Open the decoder for the packets of e, or for AMR. The caller ends with av_proof_close(), also on
 * failure. */
enum av_end av_proof_begin(struct av_proof *p, const struct av_encoder *e);
enum av_end av_proof_begin_amr(struct av_proof *p);

/* Notes a frame that goes into the encoder. */
void av_proof_fed(struct av_proof *p, const struct AVFrame *frame);

/* Decodes a packet that came out, or what is left at the end (NULL). */
enum av_end av_proof_made(struct av_proof *p, const struct AVPacket *packet);

/* Returns AV_DONE when what was heard before the encoder is heard behind it, and else AV_LOST. */
enum av_end av_proof_judge(const struct av_proof *p);
void av_proof_close(struct av_proof *p);

#endif
