/*
 * av_plan: which rendition fits: see av.h.
 *
 * Pure: no I/O, no memory, nothing fails but by saying that nothing fits.
 * Sources: MEDIA.md 2.4 (MP3 ladder), 2.5 (video ladder, budget formula), ITU-T
 * H.264 table A-1 (level 3.0: 1,620 macroblocks a frame, 40,500 a second).
 */
#include "transcode/av.h"

enum {
	LEVEL_FRAME = 1620,	/* macroblocks */
	LEVEL_SECOND = 40500,
	BPP_PERCENT = 6,	/* bits a pixel that a rung needs: 0.06 */
	BPP_ENOUGH = 30,	/* more than 0.30 is not seen on a small screen */
	BPS_ENOUGH = 64000,	/* what a tiny picture may always have */
	BPS_MOST = 900000,	/* rung 8's cap */
	MUX_BYTES = 2048,	/* container: fixed part, and a second's (MEDIA.md 2.5) */
	MUX_BYTES_S = 30,
	BUFFER_PART = 12,
	BUFFER_LEAST = 250,	/* milliseconds */
	BUFFER_MOST = 2000,
};

/* MPEG audio layer III at these rates is good from 16 kHz on; the sampling rate
 * is the ladder's or the next standard one above the source's. */
static const struct av_sound mp3_ladder[] = {
	{ 64000, 32000 }, { 48000, 24000 }, { 32000, 22050 }, { 24000, 16000 },
};
static const struct av_sound aac_ladder[] = {
	{ 48000, 32000 }, { 32000, 24000 }, { 24000, 24000 }, { 16000, 16000 }, { 12000, 16000 },
};
enum {
	MP3_STEPS = sizeof mp3_ladder / sizeof mp3_ladder[0],
	AAC_STEPS = sizeof aac_ladder / sizeof aac_ladder[0],
};

/* Longest side and frames a second of each rung. */
static const struct {
	unsigned side, fps;
} video_ladder[AV_RUNGS + 1] = {
	[1] = { 176, 10 }, [2] = { 240, 12 }, [3] = { 320, 12 }, [4] = { 426, 15 },
	[5] = { 480, 15 }, [6] = { 640, 15 }, [7] = { 640, 24 }, [8] = { 640, 30 },
};

/* The most bits a second that the source's own class deserves: speech of 8 kHz
 * stays speech, and a lossy source does not get better by more bits. */
static uint64_t
source_class(const struct av_info *in, uint64_t bps, uint64_t lowest)
{
	if (in->hz > 0 && in->hz <= 8000 && bps > 32000)
		bps = 32000;
	if (in->audio_bps > 0 && in->audio_bps < bps)
		bps = in->audio_bps;
	return bps < lowest ? lowest : bps;
}

/* The lowest of MPEG's sampling rates that holds all of the source, most hz. */
static unsigned
source_hz(const struct av_info *in, unsigned hz)
{
	static const unsigned rates[] = { 16000, 22050, 24000, 32000 };

	for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++)
		if (in->hz > 0 && rates[i] >= in->hz && rates[i] < hz)
			return rates[i];
	return hz;
}

uint64_t
plan_mp3_bytes(unsigned bps, int64_t ms)
{
	return ((uint64_t)ms + 200) * bps / 8000 + 1;
}

bool
plan_mp3(const struct av_info *in, uint64_t budget, int64_t ms, struct av_sound *out)
{
	uint64_t most = source_class(in, mp3_ladder[0].bps, mp3_ladder[MP3_STEPS - 1].bps);

	for (size_t i = 0; i < MP3_STEPS; i++) {
		/* a step above the source is used when the next one is below it */
		if (i + 1 < MP3_STEPS && mp3_ladder[i + 1].bps >= most)
			continue;
		if (plan_mp3_bytes(mp3_ladder[i].bps, ms) > budget)
			continue;
		out->bps = mp3_ladder[i].bps;
		out->hz = source_hz(in, mp3_ladder[i].hz);
		return true;
	}
	return false;
}

struct av_sound
plan_aac(const struct av_info *in, const struct transcode_target *t, int64_t ms)
{
	uint64_t most = source_class(in, t->audio_bps, aac_ladder[AAC_STEPS - 1].bps);
	uint64_t share = ms > 0 ? t->budget * 8 * 2 / 5 * 1000 / (uint64_t)ms : most;
	struct av_sound s = aac_ladder[AAC_STEPS - 1];

	if (share < most)
		most = share;
	for (size_t i = 0; i < AAC_STEPS; i++) {
		if (aac_ladder[i].bps <= most) {
			s = aac_ladder[i];
			break;
		}
	}
	s.hz = source_hz(in, s.hz);
	return s;
}

uint64_t
plan_video_bps(uint64_t budget, uint64_t audio, int64_t ms)
{
	uint64_t t = ms > 0 ? (uint64_t)ms : 1;
	uint64_t mux = MUX_BYTES + MUX_BYTES_S * t / 1000;

	if (budget <= audio || budget - audio <= mux)
		return 0;
	return (budget - audio - mux) * 8 * 96 / 100 * 1000 / t;
}

unsigned
plan_buffer_ms(int64_t ms)
{
	int64_t buffer = ms / BUFFER_PART;

	return (unsigned)(buffer < BUFFER_LEAST ? BUFFER_LEAST : buffer > BUFFER_MOST ? BUFFER_MOST : buffer);
}

/* Largest even number not above n, at least 2. */
static unsigned
even(uint64_t n)
{
	return n < 2 ? 2 : (unsigned)(n & ~(uint64_t)1);
}

/* Puts the source's shape into a square of the given side; never larger. */
static void
fit(const struct av_info *in, unsigned side, struct av_picture *p)
{
	unsigned w = in->width, h = in->height, longest = w > h ? w : h;

	if (side > longest)
		side = longest;
	p->width = even(((uint64_t)w * side + longest / 2) / longest);
	p->height = even(((uint64_t)h * side + longest / 2) / longest);
}

/* Bits a second at so many hundredths of a bit a pixel. */
static uint64_t
bits(const struct av_picture *p, unsigned percent)
{
	return (uint64_t)p->width * p->height * p->fps_num * percent / (100 * (uint64_t)p->fps_den);
}

static bool
within_level(const struct av_picture *p)
{
	uint64_t mb = (uint64_t)((p->width + 15) / 16) * ((p->height + 15) / 16);

	return mb <= LEVEL_FRAME && mb * p->fps_num <= (uint64_t)LEVEL_SECOND * p->fps_den;
}

bool
plan_picture(const struct av_info *in, uint32_t box, uint64_t bps, unsigned rung, struct av_picture *out)
{
	for (unsigned r = rung > AV_RUNGS ? AV_RUNGS : rung; r >= 1 && in->width > 0 && in->height > 0; r--) {
		unsigned side = video_ladder[r].side;
		struct av_picture p = { .rung = r, .fps_num = video_ladder[r].fps, .fps_den = 1 };
		uint64_t most;

		fit(in, side < box ? side : box, &p);
		if (in->fps_num > 0 && in->fps_num < (uint64_t)p.fps_num * in->fps_den) {
			p.fps_num = in->fps_num;
			p.fps_den = in->fps_den;
		}
		if (!within_level(&p) || bits(&p, BPP_PERCENT) > bps)
			continue;
		most = bits(&p, BPP_ENOUGH);
		most = most < BPS_ENOUGH ? BPS_ENOUGH : most > BPS_MOST ? BPS_MOST : most;
		p.capped = bps > most;
		p.bps = p.capped ? most : bps;
		*out = p;
		return p.bps > 0;
	}
	return false;
}

uint64_t
plan_less(uint64_t bps, uint64_t budget, uint64_t size)
{
	return size > 0 ? (uint64_t)((double)bps * (double)budget / (double)size * 0.97) : bps;
}

bool
plan_header_exact(enum format f)
{
	switch (f) {
	case FORMAT_WAV: case FORMAT_MP4: case FORMAT_MOV: case FORMAT_3GP:
	case FORMAT_AVI: case FORMAT_ASF:
		return true;
	default:
		return false;
	}
}

bool
plan_bytes_missing(uint64_t declared, uint64_t size)
{
	return declared > size && declared - size > declared / 10;
}

bool
plan_cut_short(enum format f, int64_t promised_ms, int64_t got_ms)
{
	int64_t slack = promised_ms / 10 > 1000 ? promised_ms / 10 : 1000;

	return plan_header_exact(f) && promised_ms > 0 && got_ms + slack < promised_ms;
}
