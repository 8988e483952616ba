/* av_plan: see av_plan.h */
#include "transcode/av/av_plan.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* ---- sound ------------------------------------------------------------------ */

/* The MP3 ladder. It uses joint stereo where that still sounds better than mono at half the
 * rate. */
static const struct av_sound mp3_ladder[] = {
	{ 128000, 44100, 2, 0 },
	{ 112000, 44100, 2, 0 },
	{ 96000, 32000, 2, 0 },
	{ 80000, 32000, 2, 0 },
	{ 64000, 32000, 1, 0 },
	{ 48000, 24000, 1, 0 },
	{ 32000, 22050, 1, 0 },
	{ 24000, 16000, 1, 0 },
};
static const struct av_sound aac_ladder[] = {
	{ 48000, 32000, 1, 0 },
	{ 32000, 24000, 1, 0 },
	{ 24000, 24000, 1, 0 },
	{ 16000, 16000, 1, 0 },
	{ 12000, 16000, 1, 0 },
};

/* Returns the highest rate in bits a second that the source's own class deserves: speech of 8 kHz
 * remains speech, and more bits do not improve a lossy source. */
static uint64_t
source_class(const struct av_info *in, uint64_t bps)
{
	if (in->hz > 0 && in->hz <= 8000 && bps > 32000)
		bps = 32000;
	if (in->audio_bps > 0 && in->audio_bps < bps)
		bps = in->audio_bps;
	return bps;
}

/* Returns the lowest of MPEG's sampling rates that holds all of the source, at most hz. */
static unsigned
source_hz(const struct av_info *in, unsigned hz)
{
	static const unsigned rates[] = { 16000, 22050, 24000, 32000, 44100 };

	for (size_t i = 0; i < COUNT(rates); i++)
		if (in->hz > 0 && rates[i] >= in->hz && rates[i] < hz)
			return rates[i];
	return hz;
}

uint64_t
plan_mp3_bytes(unsigned bps, int64_t ms)
{
	return ((uint64_t)ms + 200) * bps / 8000 + 1;
}

/* Returns the first step that source and target allow. A step above the source's class is used when
 * the next one is below it. */
static size_t
mp3_top(const struct av_info *in, const struct transcode_target *t)
{
	uint64_t most = source_class(in, t->sound_bps);
	size_t i = 0;

	while (i + 1 < COUNT(mp3_ladder) &&
	    (mp3_ladder[i].bps > t->sound_bps || mp3_ladder[i].channels > in->channels ||
		mp3_ladder[i + 1].bps >= most))
		i++;
	return i;
}

struct av_sound
plan_mp3(const struct av_info *in, const struct transcode_target *t, int64_t ms, bool *best)
{
	size_t top = mp3_top(in, t), i = top;
	struct av_sound s;

	while (i + 1 < COUNT(mp3_ladder) && plan_mp3_bytes(mp3_ladder[i].bps, ms) > t->budget)
		i++;
	s = mp3_ladder[i];
	s.hz = source_hz(in, s.hz);
	*best = i == top;
	return s;
}

struct av_sound
plan_mp3_wide(const struct av_sound *s)
{
	struct av_sound wide = *s;

	wide.hz = s->bps < 32000 ? 24000 : 48000; /* MPEG-1 begins at 32 kbit/s */
	wide.top = wide.hz / 12 * 5;
	return wide;
}

/* Bits of a frame of speech in each mode (3GPP TS 26.101, table 1). In a file a byte that names the
 * mode comes before them (RFC 4867, section 5.3). */
static const unsigned amr_bits[AMR_MODES] = { 95, 103, 118, 134, 148, 159, 204, 244 };

unsigned
plan_amr_bps(unsigned mode)
{
	return amr_bits[mode] * 1000 / AMR_FRAME_MS;
}

static unsigned
amr_frame_bytes(unsigned bps)
{
	return (bps * AMR_FRAME_MS / 1000 + 7) / 8 + 1;
}

uint64_t
plan_amr_bytes(unsigned bps, int64_t ms)
{
	return sizeof AMR_HEAD - 1 + ((uint64_t)ms / AMR_FRAME_MS + 2) * amr_frame_bytes(bps);
}

uint32_t
plan_amr_ms(unsigned bps, uint64_t bytes)
{
	return (uint32_t)((bytes - (sizeof AMR_HEAD - 1)) / amr_frame_bytes(bps) * AMR_FRAME_MS);
}

enum { AMR_GOOD = 0x04, AMR_MODE = 0x78 }; /* bits of a frame's first byte */

unsigned
plan_amr_size(bool wide, unsigned char first)
{
	/* 3GPP TS 26.201, table 2: bits of a frame of wideband speech */
	static const unsigned wide_bits[] = { 132, 177, 253, 285, 317, 365, 397, 461, 477 };
	enum { NOISE_BITS = 40 }; /* with its kind and mode; TS 26.101 has 39, TS 26.201 40 */
	unsigned mode = (first & (unsigned)AMR_MODE) >> 3;
	unsigned modes = wide ? (unsigned)COUNT(wide_bits) : AMR_MODES;
	unsigned bits = mode == modes ? NOISE_BITS : 0;

	if (mode < modes)
		bits = wide ? wide_bits[mode] : amr_bits[mode];
	return (bits + 7) / 8 + 1;
}

bool
plan_amr_pause(bool wide, const unsigned char *frame, size_t n)
{
	enum { NOISE = 8, NOISE_WIDE = 9, EMPTY = 15 };
	unsigned mode;

	if (n == 0 || (frame[0] & ~(unsigned)(AMR_MODE | AMR_GOOD)) != 0 ||
	    n != plan_amr_size(wide, frame[0]))
		return false;
	mode = (frame[0] & (unsigned)AMR_MODE) >> 3;
	return mode == EMPTY || mode == (wide ? NOISE_WIDE : NOISE);
}

unsigned
plan_amr_frame(const unsigned char *frame, size_t n)
{
	unsigned mode;

	if (n == 0 || (frame[0] & ~(unsigned)AMR_MODE) != AMR_GOOD ||
	    n != plan_amr_size(false, frame[0]))
		return 0;
	mode = (frame[0] & (unsigned)AMR_MODE) >> 3;
	return mode < AMR_MODES ? plan_amr_bps(mode) : 0;
}

static struct av_sound
plan_amr(const struct av_info *in, const struct transcode_target *t, int64_t ms, bool *best)
{
	uint64_t most = source_class(in, t->sound_bps);
	unsigned top = AMR_MODES - 1, mode;

	while (top > 0 && (plan_amr_bps(top) > t->sound_bps || plan_amr_bps(top - 1) >= most))
		top--;
	for (mode = top; mode > 0 && plan_amr_bytes(plan_amr_bps(mode), ms) > t->budget;)
		mode--;
	*best = mode == top;
	return (struct av_sound){ plan_amr_bps(mode), AMR_HZ, 1, 0 };
}

struct av_sound
plan_sound(const struct av_info *in, const struct transcode_target *t, int64_t ms, bool *best)
{
	return sound_format(t->sound_bps) == FORMAT_AMR ? plan_amr(in, t, ms, best) :
							  plan_mp3(in, t, ms, best);
}

struct av_sound
plan_aac(const struct av_info *in, const struct transcode_target *t, int64_t ms)
{
	uint64_t most = source_class(in, t->audio_bps);
	uint64_t share = ms > 0 ? t->budget * 8 * 2 / 5 * 1000 / (uint64_t)ms : most;
	struct av_sound s = aac_ladder[COUNT(aac_ladder) - 1];

	if (share < most)
		most = share;
	for (size_t i = 0; i < COUNT(aac_ladder); i++)
		if (aac_ladder[i].bps <= most) {
			s = aac_ladder[i];
			break;
		}
	s.hz = source_hz(in, s.hz);
	return s;
}

/* ---- video ------------------------------------------------------------------ */

/* Longest side and frames a second of each rung. */
static const struct {
	unsigned side, fps;
} ladder[AV_RUNGS + 1] = {
	[1] = { 176, 10 },
	[2] = { 240, 12 },
	[3] = { 320, 12 },
	[4] = { 426, 15 },
	[5] = { 480, 15 },
	[6] = { 640, 15 },
	[7] = { 640, 24 },
	[8] = { 640, 30 },
	[9] = { 854, 30 },
	[10] = { 1280, 30 },
};

/* Macroblocks of a frame and of a second that each profile's level takes (H.264 table A-1: levels
 * 3.0 and 3.1), and the longest side: handsets that are said to play Baseline play it up to
 * 640x480. */
static const struct {
	uint64_t frame, second;
	unsigned side;
} level[PROFILES] = {
	[PROFILE_BASELINE] = { 1620, 40500, 640 },
	[PROFILE_MAIN] = { 3600, 108000, 1280 },
};

/* Returns the largest even number not above n, but at least 2. */
static unsigned
even(uint64_t n)
{
	return n < 2 ? 2 : (unsigned)(n & ~(uint64_t)1);
}

/* Fits the source's shape into a square of the given side, never larger than the source. */
static void
put_into(const struct av_info *in, unsigned side, struct av_picture *p)
{
	unsigned w = in->width, h = in->height, longest = w > h ? w : h;

	if (side > longest)
		side = longest;
	p->width = even(((uint64_t)w * side + longest / 2) / longest);
	p->height = even(((uint64_t)h * side + longest / 2) / longest);
}

static bool
within_level(const struct av_picture *p, uint32_t profile)
{
	uint64_t mb = (uint64_t)((p->width + 15) / 16) * ((p->height + 15) / 16);

	return mb <= level[profile].frame &&
	    mb * p->fps_num <= level[profile].second * p->fps_den &&
	    p->width <= level[profile].side && p->height <= level[profile].side;
}

bool
plan_picture(const struct av_info *in, const struct transcode_target *t, unsigned rung,
    struct av_picture *out)
{
	unsigned side = ladder[rung].side;

	*out = (struct av_picture){ .rung = rung, .fps_num = ladder[rung].fps, .fps_den = 1 };
	put_into(in, side < t->box ? side : t->box, out);
	if (in->fps_num > 0 && in->fps_num < (uint64_t)out->fps_num * in->fps_den) {
		out->fps_num = in->fps_num;
		out->fps_den = in->fps_den;
	}
	return within_level(out, t->profile);
}

double
plan_rate(const struct av_picture *p)
{
	return (double)p->width * p->height * p->fps_num / p->fps_den;
}

bool
plan_same(const struct av_picture *a, const struct av_picture *b)
{
	return a->width == b->width && a->height == b->height &&
	    (uint64_t)a->fps_num * b->fps_den == (uint64_t)b->fps_num * a->fps_den;
}

/* ---- headers ---------------------------------------------------------------- */

bool
plan_header_exact(enum format f)
{
	switch (f) {
	case FORMAT_WAV:
	case FORMAT_MP4:
	case FORMAT_MOV:
	case FORMAT_3GP:
	case FORMAT_AVI:
	case FORMAT_ASF:
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

size_t
plan_raw_most(uint64_t job_mb, uint64_t machine_mb)
{
	uint64_t mb = job_mb / 5;

	if (machine_mb > 0 && machine_mb / 8 < mb)
		mb = machine_mb / 8;
	return (size_t)(mb > 64 ? mb : 64) << 20;
}

bool
plan_cut_short(enum format f, int64_t promised_ms, int64_t got_ms)
{
	int64_t slack = promised_ms / 10 > 1000 ? promised_ms / 10 : 1000;

	return plan_header_exact(f) && promised_ms > 0 && got_ms + slack < promised_ms;
}
