/* av_probe: what ffprobe says, read strictly */
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

static bool
parse(const char *text, struct av_info *info)
{
	char copy[4096];

	assert_true(strlen(text) < sizeof copy);
	memcpy(copy, text, strlen(text) + 1);
	return av_probe_parse(copy, info);
}

#define ST(i, key, value) "streams.stream." i "." key "=" value "\n"
#define VIDEO(i) ST(i, "index", i) ST(i, "codec_name", "\"h264\"") ST(i, "codec_type", "\"video\"") \
	ST(i, "width", "568") ST(i, "height", "320")
#define AUDIO(i) ST(i, "codec_name", "\"aac\"") ST(i, "codec_type", "\"audio\"") \
	ST(i, "sample_rate", "\"44100\"") ST(i, "channels", "2")

static void
test_probe_of_a_phone(void **state)
{
	struct av_info in;

	assert_true(parse(AUDIO("0") ST("0", "bit_rate", "\"96043\"") ST("0", "duration", "\"4.001678\"")
	    VIDEO("1") ST("1", "sample_aspect_ratio", "\"N/A\"") ST("1", "avg_frame_rate", "\"72000/2401\"")
	    ST("1", "r_frame_rate", "\"30000/1001\"") ST("1", "duration", "\"4.0016\"")
	    ST("1", "disposition.attached_pic", "0") ST("1", "side_data_list.side_data.0.rotation", "-90")
	    ST("2", "codec_type", "\"data\"") ST("2", "codec_name", "\"unknown\"")
	    "format.duration=\"4.001667\"\n", &in));
	assert_int_equal(in.video, 1);
	assert_int_equal(in.audio, 0);
	assert_int_equal(in.width, 320);
	assert_int_equal(in.height, 568);
	assert_int_equal(in.pixels, 568 * 320);
	assert_int_equal(in.fps_num, 72000);
	assert_int_equal(in.fps_den, 2401);
	assert_int_equal(in.ms, 4002);
	assert_int_equal(in.video_ms, 4002);
	assert_int_equal(in.audio_ms, 4002);
	assert_int_equal(in.hz, 44100);
	assert_int_equal(in.channels, 2);
	assert_int_equal(in.audio_bps, 96043);
	assert_string_equal(in.video_codec, "h264");
	assert_string_equal(in.audio_codec, "aac");
}

static void
test_probe_picks_streams(void **state)
{
	struct av_info in;

	/* a cover is no picture, an unknown codec and a size of nothing neither */
	assert_true(parse(VIDEO("0") ST("0", "disposition.attached_pic", "1") VIDEO("1")
	    ST("1", "width", "0") VIDEO("2") ST("2", "codec_name", "\"unknown\"") VIDEO("3") VIDEO("4"), &in));
	assert_int_equal(in.video, 1);		/* the 0 is refused as a number, 568 stands */
	assert_true(parse(VIDEO("0") ST("0", "disposition.attached_pic", "1")
	    VIDEO("2") ST("2", "codec_name", "\"unknown\"") VIDEO("3"), &in));
	assert_int_equal(in.video, 3);
	assert_int_equal(in.audio, -1);
	assert_true(parse(AUDIO("0") ST("0", "channels", "\"N/A\""), &in));
	assert_true(parse(ST("0", "codec_type", "\"video\"") ST("0", "codec_name", "\"h264\""), &in));
	assert_int_equal(in.video, -1);
	assert_true(parse("", &in));
	assert_int_equal(in.video, -1);
	assert_int_equal(in.audio, -1);
	assert_true(parse(AUDIO("0") AUDIO("1"), &in));
	assert_int_equal(in.audio, 0);
}

static void
test_probe_shapes(void **state)
{
	static const struct {
		const char *more;
		unsigned w, h, num, den;
	} cases[] = {
		{ "", 568, 320, 0, 1 },
		{ ST("0", "sample_aspect_ratio", "\"2:1\""), 1136, 320, 0, 1 },
		{ ST("0", "sample_aspect_ratio", "\"1:2\""), 568, 640, 0, 1 },
		{ ST("0", "sample_aspect_ratio", "\"0:1\""), 568, 320, 0, 1 },
		{ ST("0", "sample_aspect_ratio", "\"1000:1\""), 568, 320, 0, 1 },
		{ ST("0", "side_data_list.side_data.3.rotation", "90"), 320, 568, 0, 1 },
		{ ST("0", "side_data_list.side_data.0.rotation", "180"), 568, 320, 0, 1 },
		{ ST("0", "side_data_list.side_data.0.rotation", "-270"), 320, 568, 0, 1 },
		{ ST("0", "side_data_list.side_data.0.rotation", "x"), 568, 320, 0, 1 },
		{ ST("0", "avg_frame_rate", "\"0/0\"") ST("0", "r_frame_rate", "\"25/1\""), 568, 320, 25, 1 },
		{ ST("0", "avg_frame_rate", "\"-5/1\""), 568, 320, 0, 1 },
		{ ST("0", "avg_frame_rate", "\"99999999999/1\""), 568, 320, 0, 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[2048];
		struct av_info in;

		snprintf(text, sizeof text, "%s%s", VIDEO("0"), cases[i].more);
		assert_true(parse(text, &in));
		if (in.width != cases[i].w || in.height != cases[i].h || in.fps_num != cases[i].num ||
		    in.fps_den != cases[i].den)
			fail_msg("row %zu: %ux%u at %u/%u", i, in.width, in.height, in.fps_num, in.fps_den);
	}
}

static void
test_probe_refuses(void **state)
{
	static const char *const texts[] = {
		"nonsense\n", "streams.stream.0\n", "streams.stream.x.index=0\n", "streams.stream.64.index=0\n",
		"streams.stream.-1.index=0\n", "streams.stream.0=1\n", "streams.stream.0.codec_name=\"h264\n",
		"format.duration=\"\n",
	};
	struct av_info in;

	for (size_t i = 0; i < COUNT(texts); i++)
		if (parse(texts[i], &in))
			fail_msg("row %zu is taken", i);
}

static void
test_probe_times(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "format.duration=\"4.0004\"\n", 4000 }, { "format.duration=\"4.0005\"\n", 4001 },
		{ "format.duration=\"4\"\n", 4000 }, { "format.duration=\"0.9999\"\n", 1000 },
		{ "format.duration=\"N/A\"\n", 0 }, { "format.duration=\"-1.0\"\n", 0 },
		{ "format.duration=\"9999999999.0\"\n", 0 }, { "format.duration=\"99999999999999999.0\"\n", 0 },
		{ "format.duration=\"1e5\"\n", 0 },
	};
	struct av_info in;

	for (size_t i = 0; i < COUNT(cases); i++) {
		assert_true(parse(cases[i].text, &in));
		if (in.ms != cases[i].ms)
			fail_msg("row %zu: %lld", i, (long long)in.ms);
	}
}

static void
test_codecs(void **state)
{
	static const char *const taken[] = {
		"h264", "hevc", "amr_nb", "amr_wb", "cc_dec", "msmpeg4v3", "pcm_s16le", "av1",
	};
	static const char *const not_taken[] = { "", "unknown", "h26", "264", "dnxhd", "h264,hevc", "theora" };
	static const char said[] = "[dnxhd @ 0x1] Codec (dnxhd) not on whitelist 'h264'\n"
	    "[x @ 0x1] Codec (pgssub) not on whitelist 'h264'\nCodec (dnxhd) not on whitelist 'h264'\n"
	    "Codec (Bad,one) not on whitelist\nCodec (half";
	char list[64];

	for (size_t i = 0; i < COUNT(taken); i++)
		if (!codec_taken(taken[i]))
			fail_msg("%s is not taken", taken[i]);
	for (size_t i = 0; i < COUNT(not_taken); i++)
		if (codec_taken(not_taken[i]))
			fail_msg("%s is taken", not_taken[i]);
	assert_true(codecs_refused(said, list, sizeof list));
	assert_string_equal(list, ",dnxhd,pgssub");
	assert_true(codecs_refused(said, list, 7));
	assert_string_equal(list, ",dnxhd");
	assert_false(codecs_refused(said, list, 6));
	assert_string_equal(list, "");
	assert_false(codecs_refused("moov atom not found\n", list, sizeof list));
}

static void
test_probe_names_what_it_passes_over(void **state)
{
	struct av_info in;

	assert_true(parse(VIDEO("0") AUDIO("1") ST("1", "codec_name", "\"ac4\""), &in));
	assert_int_equal(in.audio, -1);
	assert_string_equal(in.audio_codec, "ac4");
	assert_true(parse(VIDEO("0") ST("1", "codec_type", "\"audio\""), &in));
	assert_string_equal(in.audio_codec, "unknown");
	assert_true(parse(VIDEO("0") AUDIO("1") AUDIO("2") ST("2", "codec_name", "\"ac4\""), &in));
	assert_int_equal(in.audio, 1);
	assert_string_equal(in.audio_codec, "aac");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probe_of_a_phone),
		cmocka_unit_test(test_probe_picks_streams),
		cmocka_unit_test(test_probe_shapes),
		cmocka_unit_test(test_probe_refuses),
		cmocka_unit_test(test_probe_times),
		cmocka_unit_test(test_codecs),
		cmocka_unit_test(test_probe_names_what_it_passes_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
