/* av_plan, av_head: decisions about sound and film */
#include "transcode/av/av_plan.h"
#include "transcode/av/av_head.h"
#include "unit.h"

/* The media budgets of the classes without text. */
enum { S = 289792, M = 500367, L = 985088, XL = 1183744 };

/* ---- sound --------------------------------------------------------------- */

static void
test_mp3_ladder(void **state)
{
	static const struct {
		unsigned hz, channels;
		uint64_t bps, budget;
		unsigned most; /* of the target */
		int64_t ms;
		unsigned want_bps, want_hz, want_channels;
		bool best;
	} cases[] = {
		/* by budget: 30 s of 64k are 240 kB */
		{ 44100, 2, 128000, 242000, 64000, 30000, 64000, 32000, 1, true },
		{ 44100, 2, 128000, 241000, 64000, 30000, 48000, 24000, 1, false },
		{ 44100, 2, 128000, 181000, 64000, 30000, 32000, 22050, 1, false },
		{ 44100, 2, 128000, 120000, 64000, 30000, 24000, 16000, 1, false },
		/* over: the least there is */
		{ 44100, 2, 128000, 90000, 64000, 30000, 24000, 16000, 1, false },
		{ 44100, 2, 128000, 1, 128000, 0, 24000, 16000, 1, false },
		/* stereo where the target takes it and the source has it */
		{ 44100, 2, 1411200, XL, 128000, 12000, 128000, 44100, 2, true },
		{ 44100, 1, 705600, XL, 128000, 12000, 64000, 32000, 1, true },
		{ 44100, 6, 448000, XL, 128000, 12000, 128000, 44100, 2, true },
		{ 44100, 2, 192000, L, 128000, 65000, 112000, 44100, 2, false },
		{ 44100, 2, 192000, L, 128000, 75000, 96000, 32000, 2, false },
		{ 44100, 2, 192000, L, 128000, 95000, 80000, 32000, 2, false },
		{ 44100, 2, 192000, L, 128000, 120000, 64000, 32000, 1, false },
		{ 44100, 2, 192000, M, 64000, 12000, 64000, 32000, 1, true },
		{ 22050, 2, 700000, XL, 128000, 12000, 128000, 22050, 2, true },
		{ 44100, 2, 96000, XL, 128000, 12000, 96000, 32000, 2, true },
		{ 44100, 2, 97000, XL, 128000, 12000, 112000, 44100, 2, true },
		/* not above the source's class */
		{ 8000, 1, 12800, M, 64000, 4000, 24000, 16000, 1, true },
		{ 8000, 1, 128000, M, 64000, 4000, 32000, 16000, 1, true },
		{ 16000, 1, 23850, M, 64000, 4000, 24000, 16000, 1, true },
		{ 16000, 1, 256000, M, 64000, 4000, 64000, 16000, 1, true },
		{ 22050, 1, 32000, M, 64000, 4000, 32000, 22050, 1, true },
		{ 44100, 1, 40000, M, 64000, 4000, 48000, 24000, 1, true },
		{ 44100, 1, 49000, M, 64000, 4000, 64000, 32000, 1, true },
		{ 11025, 1, 88200, M, 64000, 4000, 64000, 16000, 1, true },
		/* nothing known */
		{ 0, 1, 0, M, 64000, 4000, 64000, 32000, 1, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct av_info in = { .hz = cases[i].hz,
			.channels = cases[i].channels,
			.audio_bps = cases[i].bps };
		struct transcode_target t = { .budget = cases[i].budget,
			.sound_bps = cases[i].most };
		bool best;
		struct av_sound s = plan_mp3(&in, &t, cases[i].ms, &best);

		if (s.bps != cases[i].want_bps || s.hz != cases[i].want_hz ||
		    s.channels != cases[i].want_channels || best != cases[i].best)
			fail_msg("row %zu: %u at %u Hz, %u channels, best %d", i, s.bps, s.hz,
			    s.channels, best);
	}
	assert_int_equal(plan_mp3_bytes(64000, 30000), 241601);
}

/* Bytes of a file: 6 and 50 frames a second of 13, 14, 16, 18, 20, 21, 27 or 32 bytes. */
static void
test_amr_modes(void **state)
{
	static const struct {
		unsigned hz;
		uint64_t bps, budget;
		unsigned most; /* of the target */
		int64_t ms;
		unsigned want_bps;
		bool best;
	} cases[] = {
		/* by budget: 30 s and two frames */
		{ 44100, 128000, 6 + 32 * 1502, 12200, 30000, 12200, true },
		{ 44100, 128000, 6 + 32 * 1502 - 1, 12200, 30000, 10200, false },
		{ 44100, 128000, 6 + 27 * 1502 - 1, 12200, 30000, 7950, false },
		{ 44100, 128000, 6 + 21 * 1502 - 1, 12200, 30000, 7400, false },
		{ 44100, 128000, 6 + 20 * 1502 - 1, 12200, 30000, 6700, false },
		{ 44100, 128000, 6 + 18 * 1502 - 1, 12200, 30000, 5900, false },
		{ 44100, 128000, 6 + 16 * 1502 - 1, 12200, 30000, 5150, false },
		{ 44100, 128000, 6 + 14 * 1502 - 1, 12200, 30000, 4750, false },
		{ 44100, 128000, 1, 12200, 30000, 4750, false },
		/* by the class */
		{ 44100, 128000, XL, 12199, 30000, 10200, true },
		{ 44100, 128000, XL, 7950, 30000, 7950, true },
		{ 44100, 128000, XL, 7949, 30000, 7400, true },
		{ 44100, 128000, XL, 4750, 30000, 4750, true },
		{ 44100, 128000, XL, 1, 30000, 4750, true },
		/* a source of few bits gets the next mode above its own */
		{ 8000, 5200, XL, 12200, 30000, 5900, true },
		{ 8000, 8000, XL, 12200, 30000, 10200, true },
		{ 8000, 64000, XL, 12200, 30000, 12200, true },
		{ 0, 0, XL, 12200, 30000, 12200, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct av_info in = { .hz = cases[i].hz, .channels = 2, .audio_bps = cases[i].bps };
		struct transcode_target t = { .budget = cases[i].budget,
			.sound_bps = cases[i].most };
		bool best;
		struct av_sound s = plan_sound(&in, &t, cases[i].ms, &best);

		if (s.bps != cases[i].want_bps || s.hz != 8000 || s.channels != 1 ||
		    best != cases[i].best)
			fail_msg("row %zu: %u at %u Hz, %u channels, best %d", i, s.bps, s.hz,
			    s.channels, best);
	}
	assert_int_equal(plan_amr_ms(12200, 6 + 32 * 50), 1000);
	assert_int_equal(plan_amr_ms(4750, 6 + 13 * 3), 60);
}

/* One bit a second more than AMR has, and the class has MP3 again. */
static void
test_amr_ends_where_mp3_begins(void **state)
{
	const struct av_info in = { .hz = 44100, .channels = 2, .audio_bps = 128000 };
	const struct transcode_target t = { .budget = XL, .sound_bps = SOUND_SPEECH + 1 };
	bool best;

	assert_int_equal(sound_format(SOUND_SPEECH), FORMAT_AMR);
	assert_int_equal(sound_format(SOUND_SPEECH + 1), FORMAT_MP3);
	assert_int_equal(plan_sound(&in, &t, 1000, &best).bps, 24000);
}

static void
test_amr_frames(void **state)
{
	static const struct {
		unsigned char head;
		size_t n;
		unsigned bps;
	} cases[] = {
		{ 0x04, 13, 4750 }, { 0x0c, 14, 5150 }, { 0x14, 16, 5900 }, { 0x1c, 18, 6700 },
		{ 0x24, 20, 7400 }, { 0x2c, 21, 7950 }, { 0x34, 27, 10200 }, { 0x3c, 32, 12200 },
		{ 0x3c, 31, 0 },                                  /* cut short */
		{ 0x3c, 33, 0 }, { 0x3c, 0, 0 }, { 0x38, 32, 0 }, /* marked as damaged */
		{ 0xbc, 32, 0 }, /* another frame follows in the same block */
		{ 0x3d, 32, 0 }, /* padding that is not 0 */
		{ 0x44, 6, 0 },  /* comfort noise */
		{ 0x7c, 1, 0 },  /* no data */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const unsigned char frame[40] = { cases[i].head };

		if (plan_amr_frame(frame, cases[i].n) != cases[i].bps)
			fail_msg("row %zu", i);
	}
}

static void
test_amr_sizes(void **state)
{
	static const unsigned narrow[] = { 13, 14, 16, 18, 20, 21, 27, 32, 6, 1, 1, 1, 1, 1, 1, 1 };
	static const unsigned wide[] = { 18, 24, 33, 37, 41, 47, 51, 59, 61, 6, 1, 1, 1, 1, 1, 1 };

	for (unsigned mode = 0; mode < 16; mode++) {
		assert_int_equal(plan_amr_size(false, (unsigned char)(mode << 3)), narrow[mode]);
		assert_int_equal(plan_amr_size(true, (unsigned char)(mode << 3 | 0x87)),
		    wide[mode]);
	}
}

static void
test_amr_pauses(void **state)
{
	static const struct {
		unsigned char head;
		size_t n;
		bool narrow, wide;
	} cases[] = {
		{ 0x44, 6, true, false }, /* noise */
		{ 0x40, 6, true, false },
		{ 0x44, 5, false, false },
		{ 0x4c, 6, false, true },
		{ 0x7c, 1, true, true }, /* empty */
		{ 0x78, 1, true, true },
		{ 0x7c, 2, false, false },
		{ 0xfc, 1, false, false },
		{ 0x7d, 1, false, false },
		{ 0x3c, 32, false, false }, /* speech */
		{ 0x44, 61, false, false },
		{ 0x74, 1, false, false }, /* lost */
		{ 0x7c, 0, false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const unsigned char frame[64] = { cases[i].head };

		if (plan_amr_pause(false, frame, cases[i].n) != cases[i].narrow ||
		    plan_amr_pause(true, frame, cases[i].n) != cases[i].wide)
			fail_msg("row %zu", i);
	}
}

static void
test_sound_of_a_video(void **state)
{
	static const struct {
		unsigned hz;
		uint64_t bps, budget;
		uint32_t most;
		int64_t ms;
		unsigned want_bps, want_hz;
	} cases[] = {
		{ 48000, 128000, S, 24000, 10000, 24000, 24000 },
		{ 48000, 128000, M, 32000, 10000, 32000, 24000 },
		{ 48000, 128000, L, 48000, 10000, 48000, 32000 },
		{ 44100, 128000, XL, 64000, 10000, 48000, 32000 },
		{ 44100, 40000, XL, 48000, 10000, 32000, 24000 },
		{ 8000, 12200, XL, 48000, 10000, 12000, 16000 },
		{ 8000, 0, XL, 48000, 10000, 32000, 16000 },
		{ 22050, 96000, M, 32000, 10000, 32000, 22050 },
		/* at most two fifths of the budget: 100 s of M leave 16 kbit/s */
		{ 48000, 128000, M, 32000, 100000, 16000, 16000 },
		{ 48000, 128000, M, 32000, 600000, 12000, 16000 },
		{ 48000, 128000, M, 0, 10000, 12000, 16000 },
		{ 48000, 128000, M, 32000, 0, 32000, 24000 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct av_info in = { .hz = cases[i].hz, .audio_bps = cases[i].bps };
		struct transcode_target t = { .budget = cases[i].budget,
			.audio_bps = cases[i].most };
		struct av_sound s = plan_aac(&in, &t, cases[i].ms);

		if (s.bps != cases[i].want_bps || s.hz != cases[i].want_hz)
			fail_msg("row %zu: %u at %u Hz", i, s.bps, s.hz);
	}
}

/* ---- picture ------------------------------------------------------------- */

/* ---- picture --------------------------------------------------------------- */

static void
test_pictures(void **state)
{
	static const struct {
		unsigned width, height, fps_num, fps_den, box, rung;
		uint32_t profile;
		unsigned want_w, want_h, want_num, want_den; /* 0: beyond the level */
	} cases[] = {
		{ 1920, 1080, 30, 1, 2048, 10, PROFILE_MAIN, 1280, 720, 30, 1 },
		{ 1920, 1080, 30, 1, 2048, 10, PROFILE_BASELINE, 0, 0, 0, 0 },
		/* 48,600 macroblocks a second; 40,500, but 854 pixels wide */
		{ 1920, 1080, 30, 1, 2048, 9, PROFILE_BASELINE, 0, 0, 0, 0 },
		{ 1920, 1080, 25, 1, 2048, 9, PROFILE_BASELINE, 0, 0, 0, 0 },
		{ 1920, 1080, 30, 1, 2048, 8, PROFILE_BASELINE, 640, 360, 30, 1 },
		{ 1920, 1080, 60, 1, 2048, 8, PROFILE_BASELINE, 640, 360, 30, 1 },
		{ 1920, 1080, 24000, 1001, 2048, 8, PROFILE_BASELINE, 640, 360, 24000, 1001 },
		{ 1080, 1920, 30, 1, 1280, 10, PROFILE_MAIN, 720, 1280, 30, 1 },
		{ 1920, 1080, 30, 1, 500, 10, PROFILE_MAIN, 500, 280, 30, 1 },
		{ 320, 240, 15, 1, 2048, 10, PROFILE_MAIN, 320, 240, 15, 1 }, /* never larger */
		{ 321, 243, 0, 1, 2048, 3, PROFILE_MAIN, 320, 242, 12, 1 },   /* even */
		{ 4000, 10, 30, 1, 2048, 1, PROFILE_BASELINE, 176, 2, 10, 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct av_info in = { .width = cases[i].width,
			.height = cases[i].height,
			.fps_num = cases[i].fps_num,
			.fps_den = cases[i].fps_den };
		struct transcode_target t = { .box = cases[i].box, .profile = cases[i].profile };
		struct av_picture p;
		bool ok = plan_picture(&in, &t, cases[i].rung, &p);

		if (ok != (cases[i].want_w != 0) ||
		    (ok &&
			(p.width != cases[i].want_w || p.height != cases[i].want_h ||
			    p.fps_num != cases[i].want_num || p.fps_den != cases[i].want_den)))
			fail_msg("row %zu: %d %ux%u at %u/%u", i, ok, p.width, p.height, p.fps_num,
			    p.fps_den);
	}
}

/* Every lower rung has fewer pixels a second. */
static void
test_the_ladder_falls(void **state)
{
	const struct av_info in = { .width = 1920, .height = 1080, .fps_num = 60, .fps_den = 1 };
	const struct transcode_target t = { .box = 2048, .profile = PROFILE_MAIN };
	struct av_picture p, q;

	for (unsigned r = 2; r <= AV_RUNGS; r++) {
		assert_true(plan_picture(&in, &t, r, &p) && plan_picture(&in, &t, r - 1, &q));
		assert_true(plan_rate(&p) > plan_rate(&q));
		assert_false(plan_same(&p, &q));
	}
}

static void
test_raw_most(void **state)
{
	assert_true(plan_raw_most(2048, 24000) == (size_t)409 << 20);
	assert_true(plan_raw_most(2048, 1024) == (size_t)128 << 20);
	assert_true(plan_raw_most(2048, 0) == (size_t)409 << 20);
	assert_true(plan_raw_most(256, 24000) == (size_t)64 << 20);
	assert_true(plan_raw_most(2048, 256) == (size_t)64 << 20);
}

static void
test_cut(void **state)
{
	assert_true(plan_cut_short(FORMAT_MP4, 6000, 4900));
	assert_false(plan_cut_short(FORMAT_MP4, 6000, 5000));
	assert_true(plan_cut_short(FORMAT_WAV, 100000, 89999));
	assert_false(plan_cut_short(FORMAT_WAV, 100000, 90000));
	assert_false(plan_cut_short(FORMAT_MP3, 6000, 100)); /* its header is a guess */
	assert_false(plan_cut_short(FORMAT_MPEGPS, 6000, 100));
	assert_false(plan_cut_short(FORMAT_AVI, 0, 100));
	assert_true(plan_bytes_missing(1000, 899));
	assert_false(plan_bytes_missing(1000, 900));
	assert_false(plan_bytes_missing(1000, 2000));
	assert_false(plan_bytes_missing(0, 1000));
}

/* ---- headers ------------------------------------------------------------- */

static void
test_head_size(void **state)
{
	static const struct {
		enum format format;
		const char *head;
		size_t n;
		uint64_t want;
	} riff[] = {
		{ FORMAT_WAV, "RIFF\x24\x01\0\0WAVE", 12, 300 },
		{ FORMAT_AVI, "RIFF\x24\x01\0\0AVI ", 12, 300 },
		{ FORMAT_WAV, "RIFF\xff\xff\xff\xffWAVE", 12, 0 },
		{ FORMAT_WAV, "RIFF\0\0\0\0WAVE", 12, 0 },
		{ FORMAT_WAV, "RIFF\x24", 5, 0 },
		{ FORMAT_MP4, "RIFF\x24\x01\0\0WAVE", 12, 0 },
	};
	unsigned char asf[30 + 24 + 8 + 104];

	for (size_t i = 0; i < COUNT(riff); i++) {
		const unsigned char *head = (const unsigned char *)riff[i].head;

		assert_int_equal(head_size(riff[i].format, head, riff[i].n), riff[i].want);
	}
	memset(asf, 0, sizeof asf);
	asf[30 + 16] = 24 + 8; /* some other object first */
	memcpy(asf + 62, "\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65", 16);
	asf[62 + 16] = 104;
	asf[62 + 40] = 0x10;
	asf[62 + 41] = 0x27;
	assert_int_equal(head_size(FORMAT_ASF, asf, sizeof asf), 10000);
	assert_int_equal(head_size(FORMAT_ASF, asf, 62 + 88), 0);
	asf[62 + 88] = 1;
	assert_int_equal(head_size(FORMAT_ASF, asf, sizeof asf), 0);
	asf[62 + 88] = 2;
	asf[30 + 16] = 0; /* an object without length */
	assert_int_equal(head_size(FORMAT_ASF, asf, sizeof asf), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mp3_ladder),
		cmocka_unit_test(test_amr_modes),
		cmocka_unit_test(test_amr_ends_where_mp3_begins),
		cmocka_unit_test(test_amr_frames),
		cmocka_unit_test(test_amr_sizes),
		cmocka_unit_test(test_amr_pauses),
		cmocka_unit_test(test_sound_of_a_video),
		cmocka_unit_test(test_pictures),
		cmocka_unit_test(test_the_ladder_falls),
		cmocka_unit_test(test_raw_most),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_head_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
