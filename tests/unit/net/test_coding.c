/* http_client_coding, gunzip_flow: lists of encodings, and bodies in pieces */
#include "unit.h"

#include "net/http_client_coding.h"
#include "request/gunzip.h"

static enum http_client_coding
coding_of(const char *one, const char *two)
{
	struct http_client_codings c = { 0 };

	http_client_coding_add(&c, one);
	http_client_coding_add(&c, two);
	return http_client_coding(&c);
}

static void
test_codings(void **state)
{
	static const struct {
		const char *one, *two;
		enum http_client_coding want;
	} cases[] = {
		{ "", "", CODING_LIBCURL },
		{ "gzip", "", CODING_LIBCURL },
		{ "identity, none", "", CODING_LIBCURL },
		{ "gzip, br", "zstd", CODING_LIBCURL },
		{ "aws-chunked", "", CODING_PLAIN },
		{ "binary,UTF-8", "identity", CODING_PLAIN },
		{ "gzip, aws-chunked", "", CODING_ZIPPED },
		{ "aws-chunked,GZIP", "", CODING_ZIPPED },
		{ "aws-chunked", "X-Gzip", CODING_ZIPPED },
		{ "deflate , , identity, utf-8", "", CODING_ZIPPED },
		{ "gzip, gzip, aws-chunked", "", CODING_LOST },
		{ "gzip, aws-chunked", "deflate", CODING_LOST },
		{ "br, aws-chunked", "", CODING_LOST },
		{ "gzip, br", "aws-chunked", CODING_LOST },
		{ "zstd, aws-chunked", "", CODING_LOST },
		{ "aws-chunked", "zstd", CODING_LOST },
		{ "x-nonsense, BR", "", CODING_LOST },
		{ "gzipped", "", CODING_PLAIN },
		{ "compress", "", CODING_LOST },
		{ "x-compress, gzip", "", CODING_LOST },
		{ "gzip", "aes128gcm, aws-chunked", CODING_LOST },
		{ "compressed", "", CODING_PLAIN },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		if (coding_of(cases[i].one, cases[i].two) != cases[i].want)
			fail_msg("row %zu", i);
}

/* "hello" as gzip and as deflate. */
static const char hello[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07"
			    "\x00\x86\xa6\x10\x36\x05\x00\x00\x00";
static const char zlib[] = "\x78\x9c\xcb\x48\xcd\xc9\xc9\x07\x00\x06\x2c\x02\x15";
enum { HELLO = sizeof hello - 1, ZLIB = sizeof zlib - 1, MOST = 4096 };

struct taken {
	char text[MOST];
	size_t n, most;
};

static bool
take(void *ctx, const void *p, size_t n)
{
	struct taken *t = ctx;

	assert_true(n > 0 && n <= MOST - t->n);
	memcpy(t->text + t->n, p, n);
	t->n += n;
	return t->n <= t->most;
}

/* Unpacks n bytes in pieces. Returns GUNZIP_BAD, too, when they are not whole. */
static enum gunzip_rc
flow(const char *p, size_t n, size_t piece, struct taken *out)
{
	struct gunzip_flow *f = gunzip_flow_new();
	const struct gunzip_sink to = { take, out };
	enum gunzip_rc rc = GUNZIP_OK;

	assert_non_null(f);
	out->n = 0;
	for (size_t i = 0; rc == GUNZIP_OK && i < n; i += piece)
		rc = gunzip_flow_add(f, p + i, piece < n - i ? piece : n - i, &to);
	if (rc == GUNZIP_OK && !gunzip_flow_whole(f))
		rc = GUNZIP_BAD;
	gunzip_flow_free(&f);
	assert_null(f);
	gunzip_flow_free(&f);
	return rc;
}

static void
test_flow(void **state)
{
	char two[2 * HELLO], bad[HELLO];
	struct taken out = { .most = MOST };

	memcpy(two, hello, HELLO);
	memcpy(two + HELLO, hello, HELLO);
	for (size_t piece = 1; piece <= sizeof two; piece++) {
		assert_int_equal(flow(hello, HELLO, piece, &out), GUNZIP_OK);
		assert_true(out.n == 5 && memcmp(out.text, "hello", 5) == 0);
		assert_int_equal(flow(zlib, ZLIB, piece, &out), GUNZIP_OK);
		assert_true(out.n == 5 && memcmp(out.text, "hello", 5) == 0);
		assert_int_equal(flow(two, sizeof two, piece, &out), GUNZIP_OK);
		assert_true(out.n == 10 && memcmp(out.text, "hellohello", 10) == 0);
		assert_int_equal(flow(two, HELLO + 1, piece, &out), GUNZIP_BAD);
		memcpy(bad, hello, HELLO);
		bad[HELLO - 5] ^= 1; /* of the CRC or the length */
		assert_int_equal(flow(bad, HELLO, piece, &out), GUNZIP_BAD);
		assert_int_equal(flow("hello", 5, piece, &out), GUNZIP_BAD);
	}
	for (size_t cut = 1; cut < HELLO; cut++)
		assert_int_equal(flow(hello, cut, 7, &out), GUNZIP_BAD);
	assert_int_equal(flow("", 0, 1, &out), GUNZIP_OK);
	out.most = 4;
	assert_int_equal(flow(hello, HELLO, 1, &out), GUNZIP_STOPPED);
}

static bool
count(void *ctx, const void *p, size_t n)
{
	(void)p;
	*(size_t *)ctx += n;
	return *(size_t *)ctx < 1000000;
}

/* What becomes more than one piece is given piece by piece, until the sink wants no more. */
static void
test_much_of_little(void **state)
{
	/* one stored block of 65535 bytes (RFC 1951, 3.2.4), again and again */
	static char block[5 + 65535] = { 0, '\xff', '\xff', 0, 0 };
	struct gunzip_flow *f = gunzip_flow_new();
	size_t n = 0;
	const struct gunzip_sink to = { count, &n };
	enum gunzip_rc rc;

	assert_non_null(f);
	assert_int_equal(gunzip_flow_add(f, "\x78\x9c", 2, &to), GUNZIP_OK);
	for (size_t i = 1; i <= 15; i++) {
		assert_int_equal(gunzip_flow_add(f, block, sizeof block, &to), GUNZIP_OK);
		assert_int_equal(n, i * 65535);
	}
	rc = gunzip_flow_add(f, block, sizeof block, &to);
	assert_int_equal(rc, GUNZIP_STOPPED);
	assert_true(n >= 1000000 && n < 1000000 + 65535);
	gunzip_flow_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codings),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_much_of_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
