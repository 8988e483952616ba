/* gif: widths by table and the order of targets */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "transcode/image.h"

static void
test_base_width(void **state)
{
	static const struct {
		uint32_t w, h, box, want;
	} t[] = {
		{ 1000, 500, 1280, 480 }, { 1000, 500, 1600, 640 }, { 1000, 500, 640, 480 },
		{ 400, 400, 1280, 400 }, { 400, 400, 200, 200 }, { 640, 480, 2048, 640 },
		{ 400, 4000, 1280, 128 }, { 1, 16384, 320, 1 }, { 16384, 1, 320, 320 },
	};

	for (size_t i = 0; i < sizeof t / sizeof t[0]; i++)
		assert_int_equal(gif_base_width(t[i].w, t[i].h, t[i].box), t[i].want);
}

static void
test_steps_never_grow(void **state)
{
	for (uint32_t base = 1; base <= 640; base++)
		for (unsigned s = 0; s < GIF_STEPS; s++) {
			assert_in_range(gif_step_width(base, s), 1, base);
			if (s > 0)
				assert_true(gif_step_width(base, s) <= gif_step_width(base, s - 1));
		}
}

static void
test_target_order(void **state)
{
	struct transcode_request req = { .ntargets = 4, .target = {
		{ 100, 640, 0 }, { 200, 1280, 0 }, { 300, 1280, 0 }, { 400, 1000, 0 } } };
	unsigned order[TRANSCODE_TARGETS];
	static const unsigned want[] = { 2, 1, 3, 0 };

	target_order(&req, order);
	assert_memory_equal(order, want, sizeof want);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base_width),
		cmocka_unit_test(test_steps_never_grow),
		cmocka_unit_test(test_target_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
