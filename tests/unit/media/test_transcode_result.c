/* transcode_result: nothing that comes over the socket is believed */
#include "media/transcode_made.h"
#include "unit.h"

#include "media/transcode_result.h"
#include "model/settings.h"

static struct settings settings;

static struct transcode_request
request(void)
{
	struct transcode_request r;

	settings_defaults(&settings, "");
	transcode_request_init(&r, &settings, FORMAT_JPEG);
	r.ntargets = 2;
	r.target[0] = (struct transcode_target){ .budget = 1000, .box = 640 };
	r.target[1] = (struct transcode_target){ .budget = 2000, .box = 1280 };
	return r;
}

static struct transcode_result
answer(void)
{
	struct transcode_result r;

	transcode_result_set(&r, TS_OK, "");
	r.out[0] = (struct transcode_output){ .fits = 1, .same_as = 1, .format = FORMAT_JPEG };
	r.out[1] = (struct transcode_output){ .fits = 1, .same_as = 1, .format = FORMAT_JPEG };
	return r;
}

static const uint64_t sizes[TRANSCODE_TARGETS] = { 0, 900 };

static void
test_good(void **state)
{
	struct transcode_request req = request();
	struct transcode_result res = answer();

	assert_null(transcode_request_bad(&req));
	transcode_result_check(&res, sizeof res, &req, sizes);
	assert_int_equal(res.status, TS_OK);
	assert_int_equal(res.out[0].bytes, 900);
	assert_int_equal(res.out[1].bytes, 900);
	assert_int_equal(res.out[7].same_as, 7);
}

static void
test_bad_answers(void **state)
{
	struct transcode_request req = request();

	for (int k = 0; k < 13; k++) {
		struct transcode_result res = answer();
		uint64_t size[TRANSCODE_TARGETS] = { 0, 900 };
		size_t n = sizeof res;

		/* clang-format off */
		switch (k) {
		case 0: n--; break;
		case 1: n = 0; break;
		case 2: res.version++; break;
		case 3: res.status = TS_PROGRESS; break;
		case 4: res.status = 77; break;
		case 5: res.out[0].same_as = 2; break;
		case 6: res.out[0].same_as = 4000000000U; break;
		case 7: res.out[0].same_as = 0; break; /* an empty file */
		case 8: res.out[1].same_as = 0; break; /* each points to the other */
		case 9: size[1] = 1001; break; /* over the budget of 0 */
		case 10: res.out[1].format = FORMAT_COUNT; break;
		case 11: res.out[1].format = FORMAT_NONE; break;
		case 12: res.format = FORMAT_JPEG; break; /* which nobody asked for */
		}
		/* clang-format on */
		memset(res.why, 'x', sizeof res.why);
		transcode_result_check(&res, n, &req, size);
		if (res.status != TS_BROKEN || memchr(res.why, '\0', sizeof res.why) == NULL ||
		    res.why[0] == '\0')
			fail_msg("case %d: status %u", k, res.status);
	}
}

/* What does not fit is kept as the smallest there can be; a target without any file is zero. */
static void
test_over_budget(void **state)
{
	const uint64_t size[TRANSCODE_TARGETS] = { 0, 0, 5000 };
	struct transcode_request req = request();
	struct transcode_result res;

	req.target[req.ntargets++] = (struct transcode_target){ .budget = 4000, .box = 1280 };
	transcode_result_set(&res, TS_OK, "");
	res.out[0] = (struct transcode_output){ .same_as = 2, .format = FORMAT_GIF };
	res.out[1] = (struct transcode_output){ .same_as = 1 };
	res.out[2] = (struct transcode_output){ .same_as = 2, .format = FORMAT_GIF };
	transcode_result_check(&res, sizeof res, &req, size);
	assert_int_equal(res.status, TS_OK);
	assert_int_equal(res.out[0].fits, 0);
	assert_int_equal(res.out[0].bytes, 5000);
	assert_int_equal(res.out[1].bytes, 0);
	assert_int_equal(res.out[2].bytes, 5000);
}

static void
test_failures_carry_no_output(void **state)
{
	struct transcode_request req = request();
	struct transcode_result res = answer();

	res.status = TS_CORRUPT;
	memset(res.why, 'x', sizeof res.why);
	transcode_result_check(&res, sizeof res, &req, sizes);
	assert_int_equal(res.status, TS_CORRUPT);
	assert_int_equal(res.out[0].fits, 0);
	assert_int_equal(strlen(res.why), sizeof res.why - 1);
}

static void
test_identify(void **state)
{
	struct transcode_request req = request();
	struct transcode_result res;

	transcode_request_init(&req, &settings, FORMAT_NONE);
	req.kind = TRANSCODE_IDENTIFY;
	assert_null(transcode_request_bad(&req));
	for (unsigned f = FORMAT_NONE; f <= FORMAT_COUNT; f++) {
		transcode_result_set(&res, TS_OK, "");
		res.format = f;
		transcode_result_check(&res, sizeof res, &req, sizes);
		assert_int_equal(res.status, f < FORMAT_COUNT ? TS_OK : TS_BROKEN);
		assert_int_equal(res.format, f < FORMAT_COUNT ? f : FORMAT_NONE);
	}
	transcode_result_set(&res, TS_LIMIT, "killed");
	res.format = FORMAT_JPEG;
	transcode_result_check(&res, sizeof res, &req, sizes);
	assert_int_equal(res.status, TS_LIMIT);
	assert_int_equal(res.format, FORMAT_NONE);
}

static void
test_bad_requests(void **state)
{
	for (int k = 0; k < 16; k++) {
		struct transcode_request req = request();

		/* clang-format off */
		switch (k) {
		case 0: req.version = 9; break;
		case 1: req.format = FORMAT_NONE; break;
		case 2: req.format = FORMAT_COUNT; break;
		case 3: req.format = FORMAT_VCF; break;
		case 4: req.ntargets = 0; break;
		case 5: req.ntargets = TRANSCODE_TARGETS + 1; break;
		case 6: req.wall_ms = 0; break;
		case 7: req.memory_mb = 0; break;
		case 8: req.target[1].budget = 999; break;
		case 9: req.target[0].box = 0; break;
		case 10: req.target[0].budget = 0; break;
		/* of an image */
		case 11: req.kind = TRANSCODE_PROBE; req.ntargets = 0; break;
		/* with targets */
		case 12: req.kind = TRANSCODE_PROBE; req.format = FORMAT_MP3; break;
		case 13: req.kind = TRANSCODE_KINDS; break;
		/* of a known format, with targets */
		case 14: req.kind = TRANSCODE_IDENTIFY; req.ntargets = 0; break;
		case 15: req.kind = TRANSCODE_IDENTIFY; req.format = FORMAT_NONE; break;
		}
		/* clang-format on */
		if (transcode_request_bad(&req) == NULL)
			fail_msg("case %d was taken", k);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad_answers),
		cmocka_unit_test(test_over_budget),
		cmocka_unit_test(test_failures_carry_no_output),
		cmocka_unit_test(test_identify),
		cmocka_unit_test(test_bad_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
