/* walk: headers by table, and no walker reads outside or loops on any cut */
#include "unit.h"

#include "transcode/image/walk.h"

#define B(s) (const unsigned char *)(s), sizeof(s) - 1

/* 2x1 GIF with a frame; FRAME can be repeated before the trailer */
#define GIF_HEAD "GIF89a\x02\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
#define GIF_CONTROL "\x21\xf9\x04\x01\x0a\x00\x00\x00"
#define GIF_FRAME "\x2c\x00\x00\x00\x00\x02\x00\x01\x00\x00\x02\x02\x44\x0a\x00"
#define GIF_WIDE "\x2c\x10\x27\x00\x00\x02\x00\x10\x27\x00\x02\x02\x44\x0a\x00"
#define PNG_HEAD "\x89PNG\r\n\x1a\n"
#define IHDR(depth, colour) "\0\0\0\x0dIHDR\0\0\x40\x01\0\0\0\x03" depth colour "\0\0\0CRC!"
#define IEND "\0\0\0\0IENDCRC!"
#define TRNS "\0\0\0\x01tRNS\0CRC!"
#define JFIF "\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
#define SOF(m, comps) "\xff" m "\0\x11\x08\x00\x10\x00\x20" comps "\1\x22\0\2\x11\1\3\x11\1"
#define SCAN "\xff\xda\0\x0c\3\1\0\2\x11\3\x11\0\x3f\0abc\xff\0def\xff\xd0ghi"
#define EXIF "\xff\xe1\0\10Exif\0\0"
#define COMMENT "\xff\xfe\0\x04hi"

static const struct row {
	const char *what;
	enum format f;
	const unsigned char *p;
	size_t n;
	bool ok;
	struct walk w;
} rows[] = {
	{ "still gif", FORMAT_GIF, B(GIF_HEAD GIF_FRAME ";"), true,
	    { .width = 2, .height = 1, .frames = 1, .whole = true, .palette = true } },
	{ "animated gif", FORMAT_GIF, B(GIF_HEAD GIF_CONTROL GIF_FRAME GIF_CONTROL GIF_FRAME ";"),
	    true,
	    { .width = 2,
		.height = 1,
		.frames = 2,
		.ms = 200,
		.animated = true,
		.whole = true,
		.palette = true,
		.alpha = true } },
	{ "gif without its end", FORMAT_GIF, B(GIF_HEAD GIF_FRAME GIF_FRAME), true,
	    { .width = 2, .height = 1, .frames = 2, .animated = true, .palette = true } },
	{ "gif cut in its second frame", FORMAT_GIF, B(GIF_HEAD GIF_FRAME "\x2c\0\0\0\0\2"), true,
	    { .width = 2, .height = 1, .frames = 1, .palette = true, .cut = true } },
	{ "a frame beyond the screen", FORMAT_GIF, B(GIF_HEAD GIF_WIDE ";"), true,
	    { .width = 10002, .height = 10000, .frames = 1, .whole = true, .palette = true } },
	{ "gif of nothing", FORMAT_GIF, B("GIF89a\0\0\0\0\0\0\0;"), false, { .width = 0 } },
	{ "junk in a gif", FORMAT_GIF, B(GIF_HEAD GIF_FRAME "junk;"), true,
	    { .width = 2, .height = 1, .frames = 1, .palette = true } },
	{ "png", FORMAT_PNG, B(PNG_HEAD IHDR("\x08", "\x02") IEND), true,
	    { .width = 0x4001, .height = 3, .frames = 1, .whole = true } },
	{ "png palette with tRNS", FORMAT_PNG, B(PNG_HEAD IHDR("\x04", "\x03") TRNS IEND), true,
	    { .width = 0x4001,
		.height = 3,
		.frames = 1,
		.whole = true,
		.palette = true,
		.alpha = true } },
	{ "png cut", FORMAT_PNG, B(PNG_HEAD IHDR("\x08", "\x06") "\0\0\x10\0IDATxx"), true,
	    { .width = 0x4001, .height = 3, .frames = 1, .alpha = true } },
	{ "no png", FORMAT_PNG, B("<svg xmlns='http://www.w3.org/2000/svg'></svg>"), false,
	    { .width = 0 } },
	{ "plain jpeg", FORMAT_JPEG, B("\xff\xd8" JFIF SOF("\xc0", "\3") SCAN "\xff\xd9"), true,
	    { .width = 32, .height = 16, .frames = 1, .whole = true, .plain = true } },
	{ "progressive jpeg", FORMAT_JPEG, B("\xff\xd8" JFIF SOF("\xc2", "\3") SCAN "\xff\xd9"),
	    true, { .width = 32, .height = 16, .frames = 1, .whole = true } },
	{ "jpeg with EXIF", FORMAT_JPEG, B("\xff\xd8" JFIF EXIF SOF("\xc0", "\3") SCAN "\xff\xd9"),
	    true, { .width = 32, .height = 16, .frames = 1, .whole = true } },
	{ "jpeg with a comment", FORMAT_JPEG,
	    B("\xff\xd8" JFIF COMMENT SOF("\xc0", "\3") SCAN "\xff\xd9"), true,
	    { .width = 32, .height = 16, .frames = 1, .whole = true } },
	{ "comment behind the scan", FORMAT_JPEG,
	    B("\xff\xd8" JFIF SOF("\xc0", "\3") SCAN COMMENT "\xff\xd9"), true,
	    { .width = 32, .height = 16, .frames = 1, .whole = true } },
	{ "bytes behind the end", FORMAT_JPEG,
	    B("\xff\xd8" JFIF SOF("\xc0", "\3") SCAN "\xff\xd9PK"), true,
	    { .width = 32, .height = 16, .frames = 1, .whole = true } },
	{ "junk between segments", FORMAT_JPEG,
	    B("\xff\xd8" JFIF "x" SOF("\xc0", "\3") SCAN "\xff\xd9"), true,
	    { .width = 32, .height = 16, .frames = 1, .whole = true } },
	{ "no JFIF: colours unclear", FORMAT_JPEG, B("\xff\xd8" SOF("\xc0", "\3") SCAN "\xff\xd9"),
	    true, { .width = 32, .height = 16, .frames = 1, .whole = true } },
	{ "jpeg cut", FORMAT_JPEG, B("\xff\xd8" JFIF SOF("\xc0", "\3") SCAN), true,
	    { .width = 32, .height = 16, .frames = 1 } },
	{ "jpeg without a frame", FORMAT_JPEG, B("\xff\xd8" JFIF "\xff\xd9"), false,
	    { .width = 0 } },
	{ "webp lossy", FORMAT_WEBP,
	    B("RIFF\x16\0\0\0WEBPVP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x00"), true,
	    { .width = 320, .height = 240, .frames = 1, .whole = true } },
	{ "webp lossless", FORMAT_WEBP, B("RIFF\x12\0\0\0WEBPVP8L\x05\0\0\0\x2f\x3f\xc1\x3b\x10\0"),
	    true, { .width = 320, .height = 240, .frames = 1, .whole = true, .alpha = true } },
	{ "webp cut", FORMAT_WEBP,
	    B("RIFF\x50\0\0\0WEBPVP8 \x40\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x00"), true,
	    { .width = 320, .height = 240, .frames = 1 } },
	{ "webp animated", FORMAT_WEBP,
	    B("RIFF\x46\0\0\0WEBPVP8X\x0a\0\0\0\x12\0\0\0\x3f\1\0\xef\0\0"
	      "ANMF\x10\0\0\0\0\0\0\0\0\0\x3f\1\0\xef\0\0\x64\0\0\0"
	      "ANMF\x10\0\0\0\xff\0\0\0\0\0\x3f\1\0\xef\0\0\x64\0\0\0"),
	    true,
	    { .width = 830,
		.height = 240,
		.frames = 2,
		.ms = 200,
		.animated = true,
		.whole = true,
		.alpha = true } },
};

static void
test_rows(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		struct walk w;
		bool ok = walk(r->f, r->p, r->n, &w);

		if (ok != r->ok ||
		    (ok &&
			(w.width != r->w.width || w.height != r->w.height ||
			    w.frames != r->w.frames || w.ms != r->w.ms ||
			    w.animated != r->w.animated || w.whole != r->w.whole ||
			    w.palette != r->w.palette || w.alpha != r->w.alpha ||
			    w.plain != r->w.plain || w.cut != r->w.cut)))
			fail_msg("%s: ok %d %ux%u frames %u ms %u animated %d whole %d palette %d "
				 "alpha %d plain %d",
			    r->what, ok, w.width, w.height, w.frames, w.ms, w.animated, w.whole,
			    w.palette, w.alpha, w.plain);
	}
}

/* Every prefix, in memory of exactly that size, so that a checker sees one byte
 * too far; and every byte changed. */
static void
test_cuts_and_changes(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n <= rows[i].n; n++) {
			unsigned char *p = malloc(n > 0 ? n : 1);
			struct walk w;

			memcpy(p, rows[i].p, n);
			if (walk(rows[i].f, p, n, &w) && n < rows[i].n && rows[i].w.plain)
				assert_false(w.plain);
			for (unsigned v = 0; n > 0 && v < 256; v += 15) {
				p[n - 1] = (unsigned char)v;
				(void)!walk(rows[i].f, p, n, &w);
			}
			free(p);
		}
}

/* Delays that add up to more milliseconds than the number can hold come to the largest number. */
static void
test_long_delays(void **state)
{
	static const char control[] = "\x21\xf9\x04\x01\xff\xff\x00\x00";
	enum {
		HEAD = sizeof GIF_HEAD - 1,
		EACH = sizeof control - 1,
		CONTROLS = UINT32_MAX / 655350 + 2
	};
	static const char end[] = GIF_FRAME ";";
	unsigned char *p = malloc(HEAD + CONTROLS * EACH + sizeof end);
	struct walk w;

	assert_non_null(p);
	memcpy(p, GIF_HEAD, HEAD);
	for (size_t i = 0; i < CONTROLS; i++)
		memcpy(p + HEAD + i * EACH, control, EACH);
	memcpy(p + HEAD + CONTROLS * EACH, end, sizeof end - 1);
	assert_true(walk(FORMAT_GIF, p, HEAD + CONTROLS * EACH + sizeof end - 1, &w));
	assert_true(w.whole);
	assert_int_equal(w.ms, UINT32_MAX);
	free(p);
}

static void
test_limits(void **state)
{
	static const struct {
		struct walk w;
		bool ok;
	} t[] = {
		{ { .width = 7000, .height = 7000, .frames = 1 }, true },
		{ { .width = 7100, .height = 7100, .frames = 1 }, false },
		{ { .width = 16384, .height = 1, .frames = 1 }, true },
		{ { .width = 16385, .height = 1, .frames = 1 }, false },
		{ { .width = 1, .height = 16385, .frames = 1 }, false },
		{ { .width = 1000, .height = 1000, .frames = 250, .animated = true }, true },
		{ { .width = 1000, .height = 1000, .frames = 251, .animated = true }, false },
		{ { .width = 10, .height = 10, .frames = 300, .animated = true }, true },
		{ { .width = 10, .height = 10, .frames = 301, .animated = true }, false },
		{ { .width = 4294967295U,
		      .height = 4294967295U,
		      .frames = 4294967295U,
		      .animated = true },
		    false },
	};

	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(walk_over(&t[i].w, 50000000, 300) == NULL, t[i].ok);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cuts_and_changes),
		cmocka_unit_test(test_long_delays),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
