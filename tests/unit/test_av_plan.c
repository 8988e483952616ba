/* av_plan, av_head, av_args: decisions about audio and video */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "transcode/av.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The media budgets of the classes, MEDIA.md 2.1, without text. */
enum { S = 289792, M = 500359, L = 985088, XL = 1183744 };

/* ---- sound --------------------------------------------------------------- */

static void
test_mp3_ladder(void **state)
{
	static const struct {
		unsigned hz;
		uint64_t bps, budget;
		int64_t ms;
		unsigned want_bps, want_hz;	/* 0: nothing fits */
	} cases[] = {
		/* the ladder of MEDIA.md 2.4, by budget: 30 s of 64k are 240 kB */
		{ 44100, 128000, 242000, 30000, 64000, 32000 }, { 44100, 128000, 241000, 30000, 48000, 24000 },
		{ 44100, 128000, 182000, 30000, 48000, 24000 }, { 44100, 128000, 181000, 30000, 32000, 22050 },
		{ 44100, 128000, 121000, 30000, 32000, 22050 }, { 44100, 128000, 120000, 30000, 24000, 16000 },
		{ 44100, 128000, 91000, 30000, 24000, 16000 }, { 44100, 128000, 90000, 30000, 0, 0 },
		{ 44100, 128000, M, 60000, 64000, 32000 }, { 44100, 128000, M, 600000, 0, 0 },
		/* not above the source's class */
		{ 8000, 12800, M, 4000, 24000, 16000 }, { 8000, 128000, M, 4000, 32000, 16000 },
		{ 8000, 0, M, 4000, 32000, 16000 }, { 16000, 23850, M, 4000, 24000, 16000 },
		{ 16000, 256000, M, 4000, 64000, 16000 }, { 22050, 32000, M, 4000, 32000, 22050 },
		{ 44100, 40000, M, 4000, 48000, 24000 }, { 44100, 48000, M, 4000, 48000, 24000 },
		{ 44100, 49000, M, 4000, 64000, 32000 }, { 22050, 320000, M, 4000, 64000, 22050 },
		{ 11025, 88200, M, 4000, 64000, 16000 }, { 44100, 8000, M, 4000, 24000, 16000 },
		/* nothing known */
		{ 0, 0, M, 4000, 64000, 32000 }, { 44100, 128000, M, 0, 64000, 32000 },
		{ 44100, 128000, 1, 4000, 0, 0 }, { 44100, 128000, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct av_info in = { .hz = cases[i].hz, .audio_bps = cases[i].bps };
		struct av_sound s = { 0, 0 };
		bool fits = plan_mp3(&in, cases[i].budget, cases[i].ms, &s);

		if (fits != (cases[i].want_bps > 0) || s.bps != cases[i].want_bps || s.hz != cases[i].want_hz)
			fail_msg("row %zu: %d, %u at %u Hz", i, fits, s.bps, s.hz);
		if (fits)
			assert_true(plan_mp3_bytes(s.bps, cases[i].ms) <= cases[i].budget);
	}
	assert_int_equal(plan_mp3_bytes(64000, 30000), 241601);
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
		{ 48000, 128000, S, 24000, 10000, 24000, 24000 }, { 48000, 128000, M, 32000, 10000, 32000, 24000 },
		{ 48000, 128000, L, 48000, 10000, 48000, 32000 }, { 44100, 128000, XL, 64000, 10000, 48000, 32000 },
		{ 44100, 40000, XL, 48000, 10000, 32000, 24000 }, { 8000, 12200, XL, 48000, 10000, 12000, 16000 },
		{ 8000, 0, XL, 48000, 10000, 32000, 16000 }, { 22050, 96000, M, 32000, 10000, 32000, 22050 },
		/* at most two fifths of the budget: 100 s of M leave 16 kbit/s */
		{ 48000, 128000, M, 32000, 100000, 16000, 16000 }, { 48000, 128000, M, 32000, 600000, 12000, 16000 },
		{ 48000, 128000, M, 0, 10000, 12000, 16000 }, { 48000, 128000, M, 32000, 0, 32000, 24000 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct av_info in = { .hz = cases[i].hz, .audio_bps = cases[i].bps };
		struct transcode_target t = { .budget = cases[i].budget, .audio_bps = cases[i].most };
		struct av_sound s = plan_aac(&in, &t, cases[i].ms);

		if (s.bps != cases[i].want_bps || s.hz != cases[i].want_hz)
			fail_msg("row %zu: %u at %u Hz", i, s.bps, s.hz);
	}
}

/* ---- picture ------------------------------------------------------------- */

static void
test_video_bits(void **state)
{
	/* 0.96 * 8 * (budget - audio - 2 kB - 30 B/s) / duration */
	assert_int_equal(plan_video_bps(500000, 40000, 10000), 351476);
	assert_int_equal(plan_video_bps(500000, 0, 1000), 3824040);
	assert_int_equal(plan_video_bps(40000, 40000, 10000), 0);
	assert_int_equal(plan_video_bps(42348, 40000, 10000), 0);
	assert_int_equal(plan_video_bps(1000, 40000, 10000), 0);
	assert_true(plan_video_bps(500000, 0, 0) > 0);
	assert_int_equal(plan_buffer_ms(0), 250);
	assert_int_equal(plan_buffer_ms(3000), 250);
	assert_int_equal(plan_buffer_ms(12000), 1000);
	assert_int_equal(plan_buffer_ms(300000), 2000);
	assert_int_equal(plan_less(100000, 100, 200), 48500);
	assert_true(plan_less(100000, 99, 100) < 97000);
	assert_int_equal(plan_less(100000, 100, 0), 100000);
}

static void
test_video_ladder(void **state)
{
	static const struct {
		unsigned w, h, num, den, box;
		uint64_t bps;
		unsigned top, rung, want_w, want_h, want_num, want_den;	/* rung 0: impossible */
	} cases[] = {
		/* the ladder of MEDIA.md 2.5 on its own shape, just enough and just not */
		{ 1920, 1080, 30, 1, 1600, 415000, 8, 8, 640, 360, 30, 1 },
		{ 1920, 1080, 30, 1, 1600, 414000, 8, 7, 640, 360, 24, 1 },
		{ 1920, 1080, 30, 1, 1600, 331000, 8, 6, 640, 360, 15, 1 },
		{ 1920, 1080, 30, 1, 1600, 207000, 8, 5, 480, 270, 15, 1 },
		{ 1920, 1080, 30, 1, 1600, 117000, 8, 5, 480, 270, 15, 1 },
		{ 1920, 1080, 30, 1, 1600, 116000, 8, 4, 426, 240, 15, 1 },
		{ 1920, 1080, 30, 1, 1600, 92000, 8, 3, 320, 180, 12, 1 },
		{ 1920, 1080, 30, 1, 1600, 42000, 8, 3, 320, 180, 12, 1 },
		{ 1920, 1080, 30, 1, 1600, 41000, 8, 2, 240, 134, 12, 1 },
		{ 1920, 1080, 30, 1, 1600, 23000, 8, 1, 176, 98, 10, 1 },
		{ 1920, 1080, 30, 1, 1600, 10300, 8, 0, 0, 0, 0, 0 },
		{ 1920, 1080, 30, 1, 1600, 0, 8, 0, 0, 0, 0, 0 },
		/* upright, square, other shapes; level 3.0 has 40,500 macroblocks a second */
		{ 1080, 1920, 30, 1, 1600, 900000, 8, 8, 360, 640, 30, 1 },
		{ 1000, 1000, 60, 1, 1600, 900000, 8, 7, 640, 640, 24, 1 },
		{ 640, 480, 30, 1, 1600, 600000, 8, 8, 640, 480, 30, 1 },
		{ 4000, 100, 30, 1, 1600, 600000, 8, 8, 640, 16, 30, 1 },
		{ 30000, 2, 30, 1, 1600, 600000, 8, 8, 640, 2, 30, 1 },
		/* never larger, never faster, even */
		{ 177, 145, 15, 1, 1600, 900000, 8, 8, 176, 144, 15, 1 },
		{ 176, 144, 30000, 1001, 1600, 900000, 8, 8, 176, 144, 30000, 1001 },
		{ 1920, 1080, 60, 1, 1600, 900000, 8, 8, 640, 360, 30, 1 },
		{ 1920, 1080, 25, 2, 1600, 900000, 8, 8, 640, 360, 25, 2 },
		{ 1920, 1080, 0, 1, 1600, 900000, 8, 8, 640, 360, 30, 1 },
		{ 3, 3, 25, 1, 1600, 900000, 8, 8, 2, 2, 25, 1 },
		/* the class's box, and a rung that may not be passed */
		{ 1920, 1080, 30, 1, 320, 900000, 8, 8, 320, 180, 30, 1 },
		{ 1920, 1080, 30, 1, 1600, 900000, 3, 3, 320, 180, 12, 1 },
		{ 1920, 1080, 30, 1, 1600, 900000, 0, 0, 0, 0, 0, 0 },
		{ 0, 0, 30, 1, 1600, 900000, 8, 0, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct av_info in = { .width = cases[i].w, .height = cases[i].h,
		    .fps_num = cases[i].num, .fps_den = cases[i].den };
		struct av_picture p = { 0 };
		bool fits = plan_picture(&in, cases[i].box, cases[i].bps, cases[i].top, &p);

		if (fits != (cases[i].rung > 0) || p.rung != cases[i].rung || p.width != cases[i].want_w ||
		    p.height != cases[i].want_h || p.fps_num != cases[i].want_num || p.fps_den != cases[i].want_den)
			fail_msg("row %zu: %d, rung %u, %ux%u at %u/%u", i, fits, p.rung, p.width, p.height,
			    p.fps_num, p.fps_den);
	}
}

static void
test_video_cap(void **state)
{
	struct av_info hd = { .width = 1920, .height = 1080, .fps_num = 30, .fps_den = 1 };
	struct av_info old = { .width = 176, .height = 144, .fps_num = 15, .fps_den = 1 };
	struct av_info tiny = { .width = 32, .height = 32, .fps_num = 5, .fps_den = 1 };
	struct av_picture p;

	assert_true(plan_picture(&hd, 2048, 5000000, AV_RUNGS, &p));
	assert_true(p.capped && p.bps == 900000);
	assert_true(plan_picture(&hd, 2048, 800000, AV_RUNGS, &p));
	assert_true(!p.capped && p.bps == 800000);
	assert_true(plan_picture(&old, 2048, 5000000, AV_RUNGS, &p));
	assert_true(p.capped && p.bps == 114048);	/* 0.3 bits a pixel */
	assert_true(plan_picture(&tiny, 2048, 5000000, AV_RUNGS, &p));
	assert_true(p.capped && p.bps == 64000);
}

static void
test_cut(void **state)
{
	assert_true(plan_cut_short(FORMAT_MP4, 6000, 4900));
	assert_false(plan_cut_short(FORMAT_MP4, 6000, 5000));
	assert_true(plan_cut_short(FORMAT_WAV, 100000, 89999));
	assert_false(plan_cut_short(FORMAT_WAV, 100000, 90000));
	assert_false(plan_cut_short(FORMAT_MP3, 6000, 100));	/* its header is a guess */
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
	unsigned char asf[30 + 24 + 8 + 104];

	assert_int_equal(head_size(FORMAT_WAV, (const unsigned char *)"RIFF\x24\x01\x00\x00WAVE", 12), 300);
	assert_int_equal(head_size(FORMAT_AVI, (const unsigned char *)"RIFF\x24\x01\x00\x00" "AVI ", 12), 300);
	assert_int_equal(head_size(FORMAT_WAV, (const unsigned char *)"RIFF\xff\xff\xff\xffWAVE", 12), 0);
	assert_int_equal(head_size(FORMAT_WAV, (const unsigned char *)"RIFF\x00\x00\x00\x00WAVE", 12), 0);
	assert_int_equal(head_size(FORMAT_WAV, (const unsigned char *)"RIFF\x24", 5), 0);
	assert_int_equal(head_size(FORMAT_MP4, (const unsigned char *)"RIFF\x24\x01\x00\x00WAVE", 12), 0);
	memset(asf, 0, sizeof asf);
	asf[30 + 16] = 24 + 8;		/* some other object first */
	memcpy(asf + 62, "\xa1\xdc\xab\x8c\x47\xa9\xcf\x11\x8e\xe4\x00\xc0\x0c\x20\x53\x65", 16);
	asf[62 + 16] = 104;
	asf[62 + 40] = 0x10;
	asf[62 + 41] = 0x27;
	assert_int_equal(head_size(FORMAT_ASF, asf, sizeof asf), 10000);
	assert_int_equal(head_size(FORMAT_ASF, asf, 62 + 88), 0);
	asf[62 + 88] = 1;
	assert_int_equal(head_size(FORMAT_ASF, asf, sizeof asf), 0);
	asf[62 + 88] = 2;
	asf[30 + 16] = 0;		/* an object without length */
	assert_int_equal(head_size(FORMAT_ASF, asf, sizeof asf), 0);
}

/* ---- arguments ----------------------------------------------------------- */

static bool
has(const struct av_args *a, const char *x, const char *y)
{
	for (size_t i = 0; i + 1 < a->n; i++)
		if (strcmp(a->v[i], x) == 0 && strcmp(a->v[i + 1], y) == 0)
			return true;
	return false;
}

static void
test_arguments(void **state)
{
	struct transcode_request req = { .format = FORMAT_MOV, .max_ms = 600000, .max_pixels = 50000000 };
	struct av_picture p = { .rung = 5, .width = 480, .height = 270, .fps_num = 15, .fps_den = 1, .bps = 100000,
	    .buffer_ms = 500 };
	const struct av_picture *all[TRANSCODE_TARGETS];
	struct av_args a = { .n = 0 };

	args_source(&a, &req);
	assert_true(has(&a, "-f", "mov") && has(&a, "-protocol_whitelist", "file"));
	assert_true(has(&a, "-i", "file:/proc/self/fd/3") && has(&a, "-t", "601.000"));
	assert_true(has(&a, "-max_pixels", "50000000") && has(&a, "-threads", "1"));
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		all[i] = &p;
	args_filter(&a, 2, all, TRANSCODE_TARGETS);
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		args_mp4(&a, i, &p, 1, 4 + (int)i);
	assert_false(a.failed);		/* the most that can be asked for has room */
	assert_true(has(&a, "-map_metadata", "-1") && has(&a, "-movflags", "+faststart"));
	assert_true(has(&a, "-g", "60") && has(&a, "-preset", "medium") && has(&a, "-bufsize", "50000"));
	for (int i = 0; i < AV_ARGS; i++)
		arg_add(&a, "x");
	assert_true(a.failed);
}

/* What is common to all outputs is done once. */
static void
test_filter(void **state)
{
	static const struct av_picture big = { .width = 640, .height = 360, .fps_num = 30, .fps_den = 1 };
	static const struct av_picture half = { .width = 480, .height = 270, .fps_num = 15, .fps_den = 1 };
	static const struct av_picture odd = { .width = 640, .height = 360, .fps_num = 24, .fps_den = 1 };
	static const struct {
		const struct av_picture *p[3];
		unsigned n;
		const char *want;
	} cases[] = {
		{ { &big }, 1, "[0:1]fps=fps=30/1:start_time=0,scale=640:360:flags=bicubic:out_range=tv,"
		    "format=yuv420p,setsar=1,split=1[s0];[s0]setsar=1[v0]" },
		{ { &half, &big, &big }, 3, "[0:1]fps=fps=30/1:start_time=0,scale=640:360:flags=bicubic:"
		    "out_range=tv,format=yuv420p,setsar=1,split=3[s0][s1][s2];"
		    "[s0]fps=fps=15/1:start_time=0,scale=480:270:flags=bicubic,setsar=1[v0];"
		    "[s1]setsar=1[v1];[s2]setsar=1[v2]" },
		{ { &big, &odd }, 2, "[0:1]scale=640:360:flags=bicubic:out_range=tv,format=yuv420p,"
		    "setsar=1,split=2[s0][s1];[s0]fps=fps=30/1:start_time=0,setsar=1[v0];"
		    "[s1]fps=fps=24/1:start_time=0,setsar=1[v1]" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct av_args a = { .n = 0 };

		args_filter(&a, 1, cases[i].p, cases[i].n);
		assert_false(a.failed);
		assert_string_equal(a.v[a.n - 1], cases[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mp3_ladder),
		cmocka_unit_test(test_sound_of_a_video),
		cmocka_unit_test(test_video_bits),
		cmocka_unit_test(test_video_ladder),
		cmocka_unit_test(test_video_cap),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_head_size),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
