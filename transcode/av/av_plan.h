/*
 * av_plan: what sound and film are made into. Pure: no I/O, no memory of its own.
 *
 * Sources of the numbers: savemms-media(7), Sound and Films, lists the ladders; ITU-T H.264 table
 * A-1 has the levels, ISO 11172-3 and 13818-3 the rates of MPEG audio layer III; others were
 * measured and say so.
 */
#ifndef SM_AV_PLAN_H
#define SM_AV_PLAN_H

#include "media/transcode.h"
#include "transcode/av/av_info.h"

/* ---- sound ------------------------------------------------------------------ */

struct av_sound {
	unsigned bps, hz, channels; /* bits and samples a second; 1 or 2 */
};

/* The best step of the MP3 ladder that is not above the source's own class nor the target's
 * most, and whose bytes for ms milliseconds are within its budget; else the lowest step.
 * *best says whether a larger budget would give a better one. */
struct av_sound plan_mp3(const struct av_info *in, const struct transcode_target *t, int64_t ms,
    bool *best);

/* Bytes of so many milliseconds of MP3 at a constant rate in bits a second, rounded up by a
 * fifth of a second. */
uint64_t plan_mp3_bytes(unsigned bps, int64_t ms);

/* The sound of a film: at most the target's rate, the source's own class and two fifths of the
 * budget, but 12 kbit/s at least. */
struct av_sound plan_aac(const struct av_info *in, const struct transcode_target *t, int64_t ms);

/* ---- picture ---------------------------------------------------------------- */

enum { AV_RUNGS = 10 }; /* of the ladder of pictures, 1..AV_RUNGS */

struct av_picture {
	unsigned rung;
	unsigned width, height;    /* even */
	unsigned fps_num, fps_den; /* never above the source's */
};

/* The picture of a rung for this source within the target's box and level, never larger than the
 * source. False: the rung is beyond the level. */
bool plan_picture(const struct av_info *in, const struct transcode_target *t, unsigned rung,
    struct av_picture *out);

/* Pixels a second. */
double plan_rate(const struct av_picture *p);

/* Do two pictures have the same size and rate? */
bool plan_same(const struct av_picture *a, const struct av_picture *b);

/* ---- headers ---------------------------------------------------------------- */

/* Is the duration in this format's header that of the whole, not a guess? */
bool plan_header_exact(enum format f);

/* Is a tenth, or more, of a file missing whose header says declared bytes (0: it does not)? */
bool plan_bytes_missing(uint64_t declared, uint64_t size);

/* Did the decoder come to an end long (a second, or a tenth) before the one that an exact
 * header promised? */
bool plan_cut_short(enum format f, int64_t promised_ms, int64_t got_ms);

enum { HEAD_BYTES = 16384 }; /* as many as head_size() has a use for */

/* The size in bytes that the first n bytes of a file of format f say it has; 0 when they do
 * not say. */
uint64_t head_size(enum format f, const unsigned char *head, size_t n);

#endif
