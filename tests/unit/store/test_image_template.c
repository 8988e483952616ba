/* Image templates: limits, record, form, and their place in the store. */
#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "flaky.h"
#include "model/image_template_form.h"
#include "plant.h"
#include "store/store_image.h"

#define SHA "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct arena *a;
static struct image_area area[IMAGE_AREAS + 1];
static struct image_barcode code;

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

/* A good one with two texts and a barcode. */
static struct image_template
sample(void)
{
	area[0] = (struct image_area){ { 40, 60, 560, 90 }, "Noto Sans Bold", 48, 0xffffff,
		IMAGE_CENTER, "Dear {$n|you}" };
	area[1] = (struct image_area){ { 0, 0, 640, 1138 }, "", 6, 0, IMAGE_LEFT,
		"two\nlines \\ and \xf0\x9f\x98\x80" };
	code = (struct image_barcode){ CODE_QR, { 195, 780, 250, 290 }, 0x202020, 0xffffff, "",
		"{$code|0}" };
	return (struct image_template){ .account = 1,
		.created = 5,
		.name = "a",
		.sha = SHA,
		.bytes = 9,
		.width = 640,
		.height = 1138,
		.area = area,
		.narea = 2,
		.barcode = &code };
}

/* --- limits --- */

static struct image_template it;
static char *long_text;

/* clang-format off */
static void none(void) { it.narea = 0; it.barcode = NULL; }
static void only_code(void) { it.narea = 0; }
static void many(void) { for (it.narea = 0; it.narea <= IMAGE_AREAS; it.narea++)
	area[it.narea] = area[0]; }
static void eight(void) { many(); it.narea = 8; }
static void blank_name(void) { it.name = " "; }
static void small(void) { it.width = 63; }
static void huge(void) { it.height = 2049; }
static void no_width(void) { area[1].box.width = 0; }
static void outside(void) { area[0].box.x = 81; }
static void overflow(void) { area[0].box.x = UINT32_MAX; }
static void low(void) { code.box.y = 849; }
static void no_text(void) { area[0].text = " \n"; }
static void no_value(void) { code.text = ""; }
static void tiny(void) { area[1].size = 5; }
static void vast(void) { area[1].size = 401; }
static void no_color(void) { area[1].color = 0x1000000; }
static void utf8(void) { area[1].text = "\xff"; }
static void too_long(void) { area[0].text = long_text; }
static void long_caption(void) { code.caption = long_text; }
static void light(void) { code.color = 0xa0a0a0; }
static void inverse(void) { code.color = 0xffffff; code.background = 0; }
static void colored(void) { code.color = 0x0000ff; code.background = 0xffff80; }
/* clang-format on */

static void
test_check(void **state)
{
	static const struct {
		void (*change)(void);
		const char *why;
	} row[] = {
		{ only_code, NULL },
		{ eight, NULL },
		{ colored, NULL },
		{ none, "there is neither a text area nor a barcode" },
		{ many, "there are 9 text areas; 8 are allowed" },
		{ blank_name, "the name is missing" },
		{ small, "the background has 63x1138 pixels; each side must have 64 to 2048" },
		{ huge, "the background has 640x2049 pixels; each side must have 64 to 2048" },
		{ no_width, "text area 2 needs a width and a height" },
		{ outside,
		    "text area 1 lies outside of the background, which has 640x1138 pixels" },
		{ overflow,
		    "text area 1 lies outside of the background, which has 640x1138 pixels" },
		{ low, "the barcode lies outside of the background, which has 640x1138 pixels" },
		{ no_text, "text area 1 has no text" },
		{ no_value, "the barcode has no text" },
		{ tiny, "text area 2: the size must be 6 to 400 pixels" },
		{ vast, "text area 2: the size must be 6 to 400 pixels" },
		{ no_color, "text area 2: the color must have the form #rrggbb" },
		{ utf8, "the text of text area 2 is not UTF-8" },
		{ too_long, "the text of text area 1 is longer than 1000 characters" },
		{ long_caption, "the barcode's caption is longer than 1000 characters" },
		{ light,
		    "the barcode's color must be darker than its background, by at least 40% of white" },
		{ inverse,
		    "the barcode's color must be darker than its background, by at least 40% of white" },
	};
	char why[IMAGE_WHY];

	long_text = arena_zalloc(a, 1002);
	assert_non_null(long_text);
	memset(long_text, 'x', 1001);
	it = sample();
	assert_true(image_template_check(&it, why));
	for (size_t i = 0; i < COUNT(row); i++) {
		it = sample();
		row[i].change();
		assert_int_equal(image_template_check(&it, why), row[i].why == NULL);
		assert_string_equal(why, row[i].why != NULL ? row[i].why : "");
	}
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		enum image_code is;
	} row[] = {
		{ "Aztec", CODE_AZTEC },
		{ "Code 11", CODE_11 },
		{ "CODE-128", CODE_128 },
		{ "code39", CODE_39 },
		{ "Data Matrix", CODE_DATAMATRIX },
		{ "ean", CODE_EAN },
		{ "Interleaved 2 of 5", CODE_I25 },
		{ "PDF417", CODE_PDF417 },
		{ "QR", CODE_QR },
		{ "UPC-A", CODE_UPCA },
	};
	static const char *const no[] = { "", "q", "qrx", "code", "code1", "upc", "-" };
	enum image_code c;
	enum image_align align;

	assert_int_equal(COUNT(row), IMAGE_CODES);
	for (size_t i = 0; i < COUNT(row); i++) {
		assert_true(image_code_by_name(row[i].name, &c));
		assert_int_equal(c, row[i].is);
		assert_true(image_code_by_name(image_code_name(c), &c));
	}
	for (size_t i = 0; i < COUNT(no); i++)
		assert_false(image_code_by_name(no[i], &c));
	assert_true(image_align_by_name("Right", &align));
	assert_int_equal(align, IMAGE_RIGHT);
	assert_false(image_align_by_name("middle", &align));
}

/* --- record and form --- */

static void
same(const struct image_template *x, const struct image_template *y)
{
	assert_int_equal(x->narea, y->narea);
	for (size_t i = 0; i < x->narea; i++) {
		const struct image_area *p = &x->area[i], *q = &y->area[i];

		assert_memory_equal(&p->box, &q->box, sizeof p->box);
		assert_string_equal(p->font, q->font);
		assert_string_equal(p->text, q->text);
		assert_true(p->size == q->size && p->color == q->color && p->align == q->align);
	}
	assert_int_equal(x->barcode != NULL, y->barcode != NULL);
	if (x->barcode != NULL) {
		const struct image_barcode *p = x->barcode, *q = y->barcode;

		assert_memory_equal(&p->box, &q->box, sizeof p->box);
		assert_string_equal(p->caption, q->caption);
		assert_string_equal(p->text, q->text);
		assert_true(
		    p->type == q->type && p->color == q->color && p->background == q->background);
	}
}

static void
test_record(void **state)
{
	struct image_template one = sample(), *back;
	struct buf b;

	buf_init(&b, 1 << 16);
	image_template_encode(&one, &b);
	assert_true(buf_ok(&b));
	assert_non_null(back = image_template_decode(a, b.p, b.len));
	same(&one, back);
	assert_string_equal(back->name, "a");
	assert_string_equal(back->sha, SHA);
	assert_true(back->account == 1 && back->created == 5 && back->bytes == 9 &&
	    back->width == 640 && back->height == 1138);
	for (size_t n = 0; n < b.len; n++) /* no part of a record is one */
		assert_null(image_template_decode(a, b.p, n));
	one.barcode = NULL;
	buf_reset(&b);
	image_template_encode(&one, &b);
	assert_non_null(back = image_template_decode(a, b.p, b.len));
	same(&one, back);
	one.width = 100; /* over a limit: the areas lie outside */
	buf_reset(&b);
	image_template_encode(&one, &b);
	assert_null(image_template_decode(a, b.p, b.len));
	buf_free(&b);
}

static void
test_form(void **state)
{
	struct image_template one = sample(), back = { .name = "" };
	char why[IMAGE_WHY];
	struct buf b;

	area[1].text = "two\nlines";
	buf_init(&b, 1 << 16);
	image_form_write(&one, &b);
	assert_true(buf_ok(&b));
	assert_true(image_form_read(a, buf_str(&b), &back, why));
	same(&one, &back);
	buf_free(&b);
	assert_true(image_form_read(a, IMAGE_FORM_SAMPLE, &back, why));
	assert_int_equal(back.narea, 1);
	assert_int_equal(back.barcode->type, CODE_QR);
	assert_true(image_form_read(a,
	    "# nothing\n\n[TEXT]\r\n X=1\r\n  text =  a = b # c \r\n[barcode]", &back, why));
	assert_int_equal(back.area[0].box.x, 1);
	assert_string_equal(back.area[0].text, "a = b # c");
	assert_string_equal(back.area[0].font, "Noto Sans");
	assert_int_equal(back.barcode->background, 0xffffff);
}

static void
test_form_faults(void **state)
{
	static const struct {
		const char *form, *why;
	} row[] = {
		{ "x=1", "line 1: [text] or [barcode] must come first" },
		{ "[text]\nx", "line 2: expected 'key = value': 'x'" },
		{ "[text]\nx = -1", "line 2: expected a number of pixels: '-1'" },
		{ "[text]\nx = 65536", "line 2: expected a number of pixels: '65536'" },
		{ "[text]\ncolor = #12345",
		    "line 2: expected a color of the form #rrggbb: '#12345'" },
		{ "[text]\ncolor = # 12345",
		    "line 2: expected a color of the form #rrggbb: '# 12345'" },
		{ "[text]\ncolor = #+12345",
		    "line 2: expected a color of the form #rrggbb: '#+12345'" },
		{ "[text]\nalign = top", "line 2: expected left, center or right: 'top'" },
		{ "[text]\ntype = qr", "line 2: a text has no such key: 'type'" },
		{ "[barcode]\nfont = x", "line 2: a barcode has no such key: 'font'" },
		{ "[barcode]\n[barcode]", "line 2: there is more than one barcode" },
		{ "[text]\ntext = \xc3", "line 2: the text is not UTF-8" },
		{ "[text]\ntext = a\x01", "line 2: the text has a control character" },
		{ "[text", "line 1: expected [text] or [barcode]: '[text'" },
		{ "[text]\n[text]\n[text]\n[text]\n[text]\n[text]\n[text]\n[text]\n[text]",
		    "line 9: there are more than 8 text areas" },
	};
	struct image_template back;
	char why[IMAGE_WHY];

	for (size_t i = 0; i < COUNT(row); i++) {
		assert_false(image_form_read(a, row[i].form, &back, why));
		assert_string_equal(why, row[i].why);
	}
}

/* --- the store --- */

static char found[16][512];
static size_t nfound;

static void
keep_fault(void *ctx, const char *text)
{
	if (nfound < COUNT(found))
		(void)snprintf(found[nfound++], sizeof found[0], "%s", text);
}

static char whose_seen[64];

static int
note_blob(void *ctx, const char *sha, uint64_t bytes, const char *whose)
{
	assert_string_equal(sha, SHA);
	(void)snprintf(whose_seen, sizeof whose_seen, "%s", whose);
	return bytes == 9 ? 0 : 1;
}

static void
check(struct store *st, size_t faults)
{
	struct store_check c = { .fault = keep_fault, .blob = note_blob };

	nfound = 0;
	assert_int_equal(store_check(st, &c), ST_OK);
	assert_int_equal(c.faults, faults);
	assert_int_equal(c.faults, nfound);
}

static bool again; /* the first commit of every step fails */

static struct store *
make_store(struct account ac[2], struct image_template *one)
{
	struct store *st = again ? flaky_open() : store_open_ram();

	assert_non_null(st);
	if (again)
		flaky_always(st);
	for (int i = 0; i < 2; i++) {
		assert_true(account_init(&ac[i], i == 0 ? "one" : "two"));
		assert_int_equal(store_account_put(st, &ac[i]), ST_OK);
	}
	*one = sample();
	one->account = ac[0].id;
	assert_int_equal(store_image_create(st, one), ST_OK);
	assert_int_equal(one->id, 1);
	return st;
}

/* The second of two with the same background gets another one and its own back. */
static void
replaced(struct store *st, const struct account *ac, struct image_template *one)
{
	static const char other[] =
	    "00000000000000000000000000000000000000000000000000000000000000ff";
	char orphan[SHA256_HEX], was[SHA256_HEX];
	int64_t created = one->created;
	struct image_template *back;
	uint64_t refs;

	memcpy(was, one->sha, SHA256_HEX);
	memcpy(one->sha, other, SHA256_HEX);
	one->name = "another";
	one->created = 0;
	assert_int_equal(store_image_replace(st, one, orphan), ST_OK);
	assert_string_equal(orphan, ""); /* the first still has it */
	assert_int_equal(store_image_get(st, ac[0].id, one->id, a, &back), ST_OK);
	assert_string_equal(back->sha, other);
	assert_string_equal(back->name, "another");
	assert_true(back->created == created);
	assert_int_equal(store_blob_refs(st, was, &refs), ST_OK);
	assert_int_equal(refs, 1);
	memcpy(one->sha, was, SHA256_HEX);
	assert_int_equal(store_image_replace(st, one, orphan), ST_OK);
	assert_string_equal(orphan, other);
	assert_int_equal(store_image_replace(st, one, orphan), ST_OK); /* as it is */
	assert_string_equal(orphan, "");
	one->account = ac[1].id;
	assert_int_equal(store_image_replace(st, one, orphan), ST_NOTFOUND);
	one->account = ac[0].id;
	one->id = 77;
	assert_int_equal(store_image_replace(st, one, orphan), ST_NOTFOUND);
	one->id = 2;
	check(st, 0);
}

static void
test_store(void **state)
{
	static struct account ac[2];
	struct image_template one, *back;
	char orphan[SHA256_HEX];
	uint64_t refs, after = 0;
	struct store *st = make_store(ac, &one);

	assert_int_equal(store_image_get(st, ac[0].id, 1, a, &back), ST_OK);
	same(&one, back);
	assert_int_equal(back->id, 1);
	assert_int_equal(store_image_get(st, 0, 1, a, &back), ST_OK);
	assert_int_equal(store_image_get(st, ac[1].id, 1, a, &back), ST_NOTFOUND);
	assert_int_equal(store_image_get(st, 0, 2, a, &back), ST_NOTFOUND);
	assert_int_equal(store_image_create(st, &one), ST_OK);
	assert_int_equal(one.id, 2);
	assert_int_equal(store_blob_refs(st, SHA, &refs), ST_OK);
	assert_int_equal(refs, 2);
	assert_int_equal(store_image_next(st, ac[0].id, &after, a, &back), ST_OK);
	assert_int_equal(back->id, 1);
	assert_int_equal(after, 1);
	assert_int_equal(store_image_next(st, ac[0].id, &after, a, &back), ST_OK);
	assert_int_equal(back->id, 2);
	assert_int_equal(store_image_next(st, ac[0].id, &after, a, &back), ST_NOTFOUND);
	after = 0;
	assert_int_equal(store_image_next(st, ac[1].id, &after, a, &back), ST_NOTFOUND);
	check(st, 0);
	assert_string_equal(whose_seen, "image template 2");
	assert_int_equal(store_account_remove(st, ac[0].id), ST_EXISTS);
	replaced(st, ac, &one);
	assert_int_equal(store_image_remove(st, ac[1].id, 1, orphan), ST_NOTFOUND);
	assert_int_equal(store_image_remove(st, ac[0].id, 1, orphan), ST_OK);
	assert_string_equal(orphan, "");
	assert_int_equal(store_image_remove(st, 0, 2, orphan), ST_OK);
	assert_string_equal(orphan, SHA);
	assert_int_equal(store_image_remove(st, 0, 2, orphan), ST_NOTFOUND);
	check(st, 0);
	assert_int_equal(store_account_remove(st, ac[0].id), ST_OK);
	one.account = 99; /* of nobody */
	assert_int_equal(store_image_create(st, &one), ST_NOTFOUND);
	store_close(&st);
}

static void
test_store_again(void **state)
{
	again = true;
	test_store(state);
	again = false;
}

static void
test_store_faults(void **state)
{
	static struct account ac[2];
	struct image_template one;
	struct store *st = make_store(ac, &one);
	struct key list = image_list_key(ac[0].id, 1), wrong = image_list_key(ac[1].id, 1),
		   gone = image_list_key(ac[0].id, 7);
	struct key record = key_id(TAB_IMAGE, 3), counter = key_of(TAB_COUNTER);

	plant(st, &list, NULL, 0);
	check(st, 1);
	assert_string_equal(found[0], "image template 1 is not in the list of account 1");
	plant(st, &list, "", 0);
	plant(st, &wrong, "", 0);
	plant(st, &gone, "", 0);
	check(st, 2);
	assert_string_equal(found[0],
	    "image template 7 is in the list of account 1, but does not exist");
	assert_string_equal(found[1],
	    "image template 1 is in the list of account 2, but does not belong to it");
	plant(st, &wrong, NULL, 0);
	plant(st, &gone, NULL, 0);
	plant(st, &record, "x", 1);
	check(st, 2);
	assert_string_equal(found[0], "image template 3: its record cannot be read");
	assert_string_equal(found[1], "image template 3 exists, but the last number given is 1");
	plant(st, &record, NULL, 0);
	key_u8(&counter, TAB_IMAGE);
	check(st, 0);
	store_close(&st);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_check, set_up, tear_down),
		cmocka_unit_test(test_names),
		cmocka_unit_test_setup_teardown(test_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_form_faults, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_store, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_store_again, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_store_faults, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
