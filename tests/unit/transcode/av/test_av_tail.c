/* tail_missing(): only what stands behind the tracks may be missing */
#include "unit.h"

#include <sys/mman.h>
#include <unistd.h>

#include "transcode/av/av_head.h"

#define B(s) (s), sizeof(s) - 1
#define FTYP         \
	"\0\0\0\x0c" \
	"ftypqt  "
#define MDAT         \
	"\0\0\0\x0a" \
	"mdatxx"
#define TRAK         \
	"\0\0\0\x0c" \
	"trakabcd"
#define UDTA         \
	"\0\0\0\x0c" \
	"udtaabcd"

static const struct row {
	const char *what;
	const char *p;
	size_t n;
	size_t from; /* of all cuts, those that leave so many bytes or more are filled up */
} rows[] = {
	{ "facts last",
	    B(FTYP MDAT "\0\0\0\x20"
			"moov" TRAK UDTA),
	    22 + 8 + 12 + 8 },
	{ "meta last",
	    B(FTYP MDAT "\0\0\0\x20"
			"moov" TRAK "\0\0\0\x0c"
			"metaabcd"),
	    22 + 8 + 12 + 8 },
	{ "a long size",
	    B(FTYP "\0\0\0\1"
		   "moov\0\0\0\0\0\0\0\x28" TRAK UDTA),
	    12 + 16 + 12 + 8 },
	{ "tracks last",
	    B(FTYP MDAT "\0\0\0\x20"
			"moov" UDTA TRAK),
	    SIZE_MAX },
	{ "frames last",
	    B(FTYP "\0\0\0\x20"
		   "moov" TRAK UDTA MDAT),
	    SIZE_MAX },
	{ "no boxes", B("hello, world, this is nothing"), SIZE_MAX },
	{ "a box of nothing",
	    B(FTYP "\0\0\0\0"
		   "moov" UDTA),
	    SIZE_MAX },
};

static void
test_cuts(void **state)
{
	int fd = memfd_create("tail", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (size_t n = 0; n <= rows[i].n; n++) {
			size_t want = n >= rows[i].from ? rows[i].n - n : 0;
			/* "frames last": a cut may fall on the index all the same */
			bool index = memcmp(rows[i].what, "frames", 6) == 0 &&
			    n >= 12 + 8 + 12 + 8 && n < 12 + 32;

			assert_int_equal(ftruncate(fd, 0), 0);
			assert_int_equal(pwrite(fd, rows[i].p, n, 0), (ssize_t)n);
			if (index)
				want = 12 + 32 - n;
			if (tail_missing(fd, (int64_t)n) != (int64_t)want)
				fail_msg("%s: %zu of %zu bytes", rows[i].what, n, rows[i].n);
		}
	(void)close(fd);
}

static void
test_too_much_is_missing(void **state)
{
	static const char huge[] = FTYP "\0\x10\0\0"
					"moov" TRAK "\0\x0f\xff\x00"
					"udtaabcd";
	int fd = memfd_create("tail", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, huge, sizeof huge - 1, 0), (ssize_t)sizeof huge - 1);
	assert_int_equal(tail_missing(fd, sizeof huge - 1), 0);
	assert_int_equal(tail_missing(-1, 100), 0);
	(void)close(fd);
}

static void
test_zeros(void **state)
{
	static const struct {
		size_t before, zeros, want;
	} row[] = { { 100, 0, 100 }, { 100, 1, 101 }, { 100, 61, 161 }, { 100, 62, 100 },
		{ 100, 9000, 100 }, { 5000, 4096, 5000 }, { 0, 9000, 0 }, { 0, 0, 0 } };
	int fd = memfd_create("zeros", MFD_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		size_t n = row[i].before + row[i].zeros;

		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(ftruncate(fd, (off_t)n), 0);
		if (row[i].before > 0)
			assert_int_equal(pwrite(fd, "x", 1, (off_t)row[i].before - 1), 1);
		assert_int_equal(size_before_zeros(fd, (int64_t)n), row[i].want);
	}
	assert_int_equal(close(fd), 0);
	assert_int_equal(size_before_zeros(-1, 100), 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cuts),
		cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_too_much_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
