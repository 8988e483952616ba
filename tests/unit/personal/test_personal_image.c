/* The texts of a personal image: filled, kept to themselves, carried to the child and back. */
#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/message.h"
#include "model/text.h"
#include "personal/personal_image.h"
#include "personal/render_session.h"
#include "personal/render_session_values.h"

static struct arena *a;

static int
set_up(void **state)
{
	return (a = arena_new(16 << 20)) != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	arena_free(&a);
	return 0;
}

static struct image_area area[2] = { { .font = "", .text = "{$a}|{$b|dflt}" },
	{ .font = "", .text = "fixed" } };
static struct image_barcode code = { .caption = "", .text = "{$c|x}" };
static const struct image_template it = { .name = "n", .area = area, .narea = 2, .barcode = &code };

static bool
fill(const char *value, struct render_values *v, char why[TRANSCODE_WHY])
{
	const struct message_var var[] = { { "a", value }, { "C", value } };
	const struct personal_image_want w = { .it = &it, .var = var, .nvar = 2 };

	return personal_image_fill(&w, a, v, why);
}

static void
test_fill(void **state)
{
	static const struct {
		const char *value, *text, *code;
	} row[] = {
		{ "Ann", "Ann|dflt", "Ann" },
		{ " Ann ", " Ann |dflt", "Ann" },
		{ "<b>&amp;", "<b>&amp;|dflt", "<b>&amp;" },
		{ "{$b|no}", "{$b|no}|dflt", "{$b|no}" },
		{ "a\r\nb\x07\x1b[0m", "a\nb[0m|dflt", "a\r\nb\x07\x1b[0m" },
		/* Overrides and isolates end with the value. Stray ends are left out. A barcode
		 * holds all of them. */
		{ "\u202ex", "\u202ex\u202c|dflt", "\u202ex" },
		{ "\u2066\u202bx", "\u2066\u202bx\u202c\u2069|dflt", "\u2066\u202bx" },
		{ "x\u202c\u2069y", "xy|dflt", "x\u202c\u2069y" },
		{ "\u2067x\u2069y", "\u2067x\u2069y|dflt", "\u2067x\u2069y" },
		{ "\u202ax\u2069", "\u202ax\u202c|dflt", "\u202ax\u2069" },
	};
	const struct personal_image_want defaults = { .it = &it };
	char why[TRANSCODE_WHY];
	struct render_values v;

	for (size_t i = 0; i < COUNT(row); i++) {
		assert_true(fill(row[i].value, &v, why));
		assert_string_equal(v.text[0], row[i].text);
		assert_null(v.text[1]);
		assert_string_equal(v.code, row[i].code);
		assert_null(v.caption);
	}
	assert_true(personal_image_fill(&defaults, a, &v, why));
	assert_string_equal(v.text[0], "|dflt");
	assert_string_equal(v.code, "x");
}

static void
test_fill_limits(void **state)
{
	char *big = arena_zalloc(a, 20001), why[TRANSCODE_WHY];
	struct render_values v;

	assert_non_null(big);
	for (size_t i = 0; i < 20000; i += 2)
		memcpy(big + i, "\xc3\xa9", 2);
	assert_false(fill(big, &v, why));
	assert_string_equal(why, "qr barcode: the value is empty or longer than 4096 bytes");
	assert_true(strlen(v.text[0]) <= RENDER_TEXT && strlen(v.text[0]) > RENDER_TEXT - 20);
	assert_true(text_valid(v.text[0], strlen(v.text[0])));
	for (size_t i = 0; i + 3 <= 3000; i += 3) /* a thousand overrides in one another */
		memcpy(big + i, "\u202e", 3);
	big[3000] = '\0';
	assert_true(fill(big, &v, why));
	assert_int_equal(strlen(v.text[0]), 60 * 6 + strlen("|dflt"));
	code.text = "{$none}";
	assert_false(fill("x", &v, why));
	assert_string_equal(why, "qr barcode: the value is empty or longer than 4096 bytes");
	code.text = "{$c|x}";
}

static void
test_values(void **state)
{
	const struct render_values v = { .text = { "a\nb\\" }, .code = "" };
	struct render_values back;
	struct image_template none = it;
	struct buf b;

	code.type = CODE_QR;
	buf_init(&b, RENDER_ASK);
	render_values_encode(&v, &b);
	assert_true(buf_ok(&b));
	assert_true(render_values_decode(a, b.p, b.len, &it, &back));
	assert_string_equal(back.text[0], "a\nb\\");
	assert_string_equal(back.code, "");
	assert_true(back.text[1] == NULL && back.caption == NULL);
	for (size_t n = 0; n < b.len; n++)
		assert_false(render_values_decode(a, b.p, n, &it, &back));
	none.barcode = NULL; /* a value too many */
	assert_false(render_values_decode(a, b.p, b.len, &none, &back));
	code.caption = "{$d}"; /* a value too few */
	assert_false(render_values_decode(a, b.p, b.len, &it, &back));
	code.caption = "";
	buf_free(&b);
}

static void
test_ask(void **state)
{
	static const struct {
		struct render_ask ask;
		const char *why;
	} row[] = {
		{ { 1, RENDER_OPEN, 5, 0, 0 }, NULL },
		{ { 1, RENDER_DRAW, 5, 100, 1000 }, NULL },
		{ { 2, RENDER_OPEN, 5, 0, 0 }, "the request is from another version of savemms" },
		{ { 1, 2, 5, 1, 1 }, "the request is of an unknown kind" },
		{ { 1, RENDER_OPEN, 0, 0, 0 }, "the request has no text, or too much" },
		{ { 1, RENDER_DRAW, RENDER_ASK + 1, 1, 1 },
		    "the request has no text, or too much" },
		{ { 1, RENDER_DRAW, 5, 0, 1 }, "the request has no box or no size" },
		{ { 1, RENDER_DRAW, 5, 1, 0 }, "the request has no box or no size" },
		{ { 1, RENDER_DRAW, 5, 1, RENDER_IMAGE + 1 }, "the request has no box or no size" },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		const char *why = render_ask_bad(&row[i].ask);

		assert_string_equal(why != NULL ? why : "", row[i].why != NULL ? row[i].why : "");
	}
	assert_int_equal(render_sessions(1), 3);
	assert_int_equal(render_sessions(100), 64);
}

static void
test_is_a_personal_image(void **state)
{
	struct medium m[] = { { .kind = KIND_IMAGE, .url = "" },
		{ .kind = KIND_IMAGE, .url = "http://h/i" }, { .kind = KIND_AUDIO, .url = "" } };

	assert_true(medium_is_personal_image(&m[0]));
	assert_false(medium_is_personal_image(&m[1]));
	assert_false(medium_is_personal_image(&m[2]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fill, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fill_limits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_is_a_personal_image),
	};

	code.type = CODE_QR;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
