/* mend: what is completed and what is not; nothing is written beyond the room there is */
#include "unit.h"

#include "transcode/image/mend.h"

#define B(s) (const unsigned char *)(s), sizeof(s) - 1

#define GIF_HEAD "GIF89a\x02\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff"
#define GIF_CONTROL "\x21\xf9\x04\x01\x0a\x00\x00\x00"
#define GIF_COMMENT "\x21\xfe\x02hi\x00"
#define GIF_FRAME "\x2c\x00\x00\x00\x00\x02\x00\x01\x00\x00\x02\x02\x44\x0a\x00"
#define GIF_TWO GIF_HEAD GIF_CONTROL GIF_FRAME GIF_CONTROL GIF_FRAME
#define PNG_HEAD "\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0CRC!"
#define IDAT "\0\0\0\4IDATabcd\x26\xe5\xf5\x0a" /* with its checksum */
#define IEND "\0\0\0\0IEND\xae\x42\x60\x82"
#define JPEG \
	"\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\x20\1\1\x11\0\xff\xda\0\x08\1\1\0\0\x3f\0scan\xff\0"
#define VP8 "VP8 \x0a\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x00"
#define EXIF "EXIF\x06\0\0\0abcdef"
#define ANIM                                                   \
	"VP8X\x0a\0\0\0\x12\0\0\0\x3f\1\0\xef\0\0"             \
	"ANMF\x10\0\0\0\0\0\0\0\0\0\x3f\1\0\xef\0\0\x64\0\0\0" \
	"ANMF\x10\0\0\0\0\0\0\0\0\0\x3f\1\0\xef\0\0\x64\0\0\0"

static const struct row {
	const char *what;
	enum format f;
	const unsigned char *p;
	size_t n;
	const unsigned char *mended; /* NULL: it is not */
	size_t nmended;
} rows[] = {
	{ "jpeg", FORMAT_JPEG, B(JPEG), B(JPEG "\xff\xd9") },
	{ "jpeg, half a mark", FORMAT_JPEG, B(JPEG "\xff"), B(JPEG "\xff\xd9") },
	{ "jpeg, zeros for the mark", FORMAT_JPEG, B(JPEG "x\0\0\0\0\0"), B(JPEG "x\xff\xd9") },
	{ "jpeg, in a segment", FORMAT_JPEG,
	    B(JPEG "\xff\xfe\0\x09"
		   "abc"),
	    NULL, 0 },
	{ "jpeg, before its scan", FORMAT_JPEG, (const unsigned char *)JPEG, 17, NULL, 0 },
	{ "png", FORMAT_PNG, B(PNG_HEAD IDAT), B(PNG_HEAD IDAT IEND) },
	{ "png, part of its end", FORMAT_PNG, B(PNG_HEAD IDAT "\0\0\0\0IE"),
	    B(PNG_HEAD IDAT IEND) },
	{ "png, zeros for its end", FORMAT_PNG, B(PNG_HEAD IDAT "\0\0\0\0\0\0\0\0\0\0\0\0"),
	    B(PNG_HEAD IDAT IEND) },
	{ "png, part of a checksum", FORMAT_PNG, B(PNG_HEAD "\0\0\0\4IDATabcd\x26\xe5"),
	    B(PNG_HEAD IDAT IEND) },
	{ "png, part of the pixels", FORMAT_PNG, B(PNG_HEAD "\0\0\1\0IDATabcd"),
	    B(PNG_HEAD IDAT IEND) },
	{ "png, in a text behind", FORMAT_PNG, B(PNG_HEAD IDAT "\0\0\0\4tEXtab"),
	    B(PNG_HEAD IDAT IEND) },
	{ "png, in a text's head", FORMAT_PNG, B(PNG_HEAD IDAT "\0\0\0\4tE"),
	    B(PNG_HEAD IDAT IEND) },
	{ "png, in a text before", FORMAT_PNG, B(PNG_HEAD "\0\0\0\4tEXtab"), NULL, 0 },
	{ "png without pixels", FORMAT_PNG, B(PNG_HEAD), NULL, 0 },
	{ "gif", FORMAT_GIF, B(GIF_TWO), B(GIF_TWO ";") },
	{ "gif, zeros", FORMAT_GIF, B(GIF_TWO "\0\0\0"), B(GIF_TWO ";") },
	{ "gif, other bytes", FORMAT_GIF, B(GIF_TWO "\0x"), NULL, 0 },
	{ "gif, a comment", FORMAT_GIF, B(GIF_TWO GIF_COMMENT), B(GIF_TWO GIF_COMMENT ";") },
	{ "gif, a frame was to come", FORMAT_GIF, B(GIF_TWO GIF_CONTROL), NULL, 0 },
	{ "gif, a frame of nothing", FORMAT_GIF,
	    B(GIF_TWO "\x2c\0\0\0\0\0\0\0\0\0\x02\x02\x44\x0a\0"), NULL, 0 },
	{ "gif, in its table of colours", FORMAT_GIF,
	    B("GIF89a\x02\x00\x01\xf9\xda\x00\x00" GIF_FRAME), NULL, 0 },
	{ "gif without a frame", FORMAT_GIF, B(GIF_HEAD), NULL, 0 },
	{ "webp, metadata missing", FORMAT_WEBP, B("RIFF\x24\0\0\0WEBP" VP8),
	    B("RIFF\x16\0\0\0WEBP" VP8) },
	{ "webp, metadata cut", FORMAT_WEBP, B("RIFF\x24\0\0\0WEBP" VP8 "EXIF\x06\0\0\0abc"),
	    B("RIFF\x22\0\0\0WEBP" VP8 "EXIF\x03\0\0\0abc\0") },
	{ "webp, head of metadata cut", FORMAT_WEBP, B("RIFF\x24\0\0\0WEBP" VP8 "EXI"),
	    B("RIFF\x16\0\0\0WEBP" VP8) },
	{ "webp, picture cut", FORMAT_WEBP,
	    B("RIFF\x18\0\0\0WEBPVP8 \x0c\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x00"), NULL, 0 },
	{ "webp, padding", FORMAT_WEBP,
	    B("RIFF\x18\0\0\0WEBPVP8 \x0b\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x00x"),
	    B("RIFF\x18\0\0\0WEBPVP8 \x0b\0\0\0\0\0\0\x9d\x01\x2a\x40\x01\xf0\x00x\0") },
	{ "animated webp, metadata cut", FORMAT_WEBP,
	    B("RIFF\x54\0\0\0WEBP" ANIM "EXIF\x06\0\0\0a"),
	    B("RIFF\x50\0\0\0WEBP" ANIM "EXIF\x01\0\0\0a\0") },
	{ "animated webp, what is missing is unknown", FORMAT_WEBP, B("RIFF\x54\0\0\0WEBP" ANIM),
	    NULL, 0 },
};

/* Returns a copy of the bytes with as much room as mend() needs, and no more. */
static unsigned char *
roomy(const unsigned char *p, size_t n)
{
	unsigned char *copy = malloc(n + MEND_ROOM);

	assert_non_null(copy);
	memcpy(copy, p, n);
	return copy;
}

static void
test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct row *r = &rows[i];
		unsigned char *p = roomy(r->p, r->n);
		size_t n = r->n, zeros;
		struct walk w;
		bool done = walk(r->f, p, n, &w) && !w.whole && mend(r->f, p, &n, &w, &zeros);

		if (done != (r->mended != NULL) ||
		    (done && (n != r->nmended || memcmp(p, r->mended, n) != 0)) ||
		    (done && (!walk(r->f, p, n, &w) || !w.whole)) ||
		    (!done && (n != r->n || memcmp(p, r->p, n) != 0)))
			fail_msg("%s: mended %d, %zu bytes", r->what, done, n);
		free(p);
	}
}

/* Every cut of every row, mended or not, in memory of exactly the room that is promised. */
static void
test_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t cut = 0; cut <= rows[i].n; cut++) {
			unsigned char *p = roomy(rows[i].p, cut);
			size_t n = cut, zeros;
			struct walk w;

			if (walk(rows[i].f, p, n, &w) && !w.whole &&
			    mend(rows[i].f, p, &n, &w, &zeros)) {
				assert_true(n <= cut + MEND_ROOM && n + zeros <= cut + MEND_ROOM);
				if (!walk(rows[i].f, p, n, &w) || !w.whole)
					fail_msg("%s, cut at %zu", rows[i].what, cut);
			}
			free(p);
		}
}

/* The zeros behind the last scan are counted, and any number of them can be put back. */
static void
test_zeros(void **state)
{
	static const struct {
		const unsigned char *p;
		size_t n, zeros;
	} r[] = {
		{ B(JPEG), 0 }, /* a zero behind FF is no end */
		{ B(JPEG "x"), 0 },
		{ B(JPEG "x\0"), 1 },
		{ B(JPEG "\0\0"), 2 },
		{ B(JPEG "x\0\0\xff"), 0 }, /* half a mark: what is before it was the scan's */
		{ B(JPEG "x\0\0\0\0\0"), 5 },
		{ B(PNG_HEAD IDAT "\0\0\0\0\0\0\0\0\0\0\0\0"), 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(r); i++) {
		unsigned char *p = roomy(r[i].p, r[i].n);
		size_t n = r[i].n, zeros = SIZE_MAX, keep[] = { r[i].zeros, 0, 1 };
		enum format f = p[0] == 0xff ? FORMAT_JPEG : FORMAT_PNG;
		struct walk w;

		assert_true(walk(f, p, n, &w) && !w.whole && mend(f, p, &n, &w, &zeros));
		assert_int_equal(zeros, r[i].zeros);
		for (size_t k = 0; zeros > 0 && k < COUNT(keep); k++) {
			size_t with = mend_with_zeros(p, n, keep[k]);

			assert_int_equal(with, n + keep[k]);
			assert_memory_equal(p, r[i].p, with - 2);
			assert_memory_equal(p + with - 2, "\xff\xd9", 2);
		}
		free(p);
	}
}

enum { SIDE = 100, LEAST = 3, ROOM = 65536 };

/* Writes a frame of SIDE x SIDE pixels, each with a code of its own, so that the table of codes
 * becomes full and codes get 12 bits. Sets *needed to the bytes of the data up to the last pixel's
 * code. Returns the bytes. */
static size_t
write_frame(unsigned char *out, size_t *needed)
{
	static unsigned char data[ROOM];
	unsigned width = LEAST + 1, next = (1U << LEAST) + 2, nbits = 0;
	uint64_t bits = 1U << LEAST; /* begins with a clear code */
	size_t n = 0, at = 0;

	nbits = width;
	for (unsigned i = 0; i <= SIDE * SIDE; i++) {
		unsigned code = i < SIDE * SIDE ? i % 7 : (1U << LEAST) + 1; /* at last, the end */

		if (i == SIDE * SIDE)
			*needed = n + (nbits > 0);
		bits |= (uint64_t)code << nbits;
		nbits += width;
		for (; nbits >= 8; nbits -= 8, bits >>= 8)
			data[n++] = (unsigned char)bits;
		if (i > 0 && next < 4096 && ++next == 1U << width && width < 12)
			width++;
	}
	if (nbits > 0)
		data[n++] = (unsigned char)bits;
	memcpy(out, "\x2c\0\0\0\0\0\0\0\0\0", 10);
	out[5] = out[7] = SIDE;
	out[10] = LEAST;
	for (at = 11; n > 0;) {
		static const unsigned char *from;
		size_t k = n < 255 ? n : 255;

		from = at == 11 ? data : from;
		out[at++] = (unsigned char)k;
		memcpy(out + at, from, k);
		from += k;
		at += k;
		n -= k;
	}
	out[at] = 0;
	return at + 1;
}

/* A frame is completed from the byte on that has its last pixel. */
static void
test_frames(void **state)
{
	static unsigned char gif[ROOM];
	size_t head = sizeof GIF_HEAD - 1 + sizeof GIF_FRAME - 1, all, needed = 0, most;

	(void)state;
	memcpy(gif, GIF_HEAD GIF_FRAME, head);
	all = head + write_frame(gif + head, &needed);
	most = head + 11 + needed + (needed + 254) / 255; /* with the bytes of length */
	assert_true(most < all && needed > SIDE * SIDE);
	for (size_t cut = head + 1; cut < all; cut++) {
		unsigned char *p = roomy(gif, cut);
		size_t n = cut, zeros;
		struct walk w;

		assert_true(walk(FORMAT_GIF, p, n, &w) && !w.whole);
		assert_int_equal(mend(FORMAT_GIF, p, &n, &w, &zeros), cut >= most);
		if (cut >= most) {
			assert_true(n <= cut + MEND_ROOM);
			assert_true(walk(FORMAT_GIF, p, n, &w) && w.whole);
			assert_int_equal(w.frames, 2);
		}
		free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_frames),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
