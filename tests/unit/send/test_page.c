/* page: what hosted pages hold, and which medium a name below one stands for */
#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/media.h"
#include "send/page.h"

/* Slide 1 has an image in two classes and an audio, slide 2 a contact, slide 3 a personal image.
 * Slide 4 has a PDF beside an audio, which no rule allows, to show in which order a bare number
 * chooses. */
struct fixture {
	struct rendition rendition[2];
	struct medium one[2], two[1], four[2];
	struct slide slide[4];
	struct template t;
	struct message_var var[1];
	struct message_text text[1];
	struct message m;
};

static void
fill(struct fixture *f)
{
	*f = (struct fixture){
		.rendition = {
			{ "S", "small", FORMAT_JPEG, 10000, 320, 200, 0, 0, SIZE_BEST },
			{ "L", "large", FORMAT_JPEG, 900000, 1600, 1000, 0, 0, SIZE_BEST },
		},
		.one = {
			{ .kind = KIND_IMAGE, .format = FORMAT_PNG, .sha = "png" },
			{ .kind = KIND_AUDIO, .format = FORMAT_MP3, .sha = "mp3", .ms = 65400 },
		},
		.two = { { .kind = KIND_VCARD, .format = FORMAT_VCF, .sha = "vcf", .bytes = 94 } },
		.four = {
			{ .kind = KIND_AUDIO, .format = FORMAT_AMR, .sha = "amr" },
			{ .kind = KIND_PDF, .format = FORMAT_PDFDOC, .sha = "pdf", .bytes = 3000 },
		},
		.t = { .subject = "For {$n|you}", .nslide = 4 },
		.var = { { "n", "<b>A&\"'" } },
		.text = { { 2, "own\n{$N}" } },
		.m = { .subject = "", .expires = 1795564800000000, .ntext = 1, .nvar = 1 },
	};
	(void)snprintf(f->m.token, sizeof f->m.token, "TOKEN");
	for (size_t i = 0; i < 2; i++)
		f->one[i].url = f->four[i].url = "http://h/";
	f->two[0].url = "http://h/";
	f->one[1].bytes = 2 << 20;
	f->one[0].rendition = f->rendition;
	f->one[0].nrendition = 2;
	f->slide[0] = (struct slide){ .text = "a <i>\n{$x|b}", .medium = f->one, .nmedium = 2 };
	f->slide[1] = (struct slide){ .text = "not this", .medium = f->two, .nmedium = 1 };
	f->slide[2] = (struct slide){ .image_template = "7" };
	f->slide[3] = (struct slide){ .medium = f->four, .nmedium = 2 };
	f->t.slide = f->slide;
	f->m.text = f->text;
	f->m.var = f->var;
}

static void
test_names(void **state)
{
	static const struct {
		const char *name, *sha;
	} t[] = {
		{ "1.jpg", "large" },
		{ "1.mp3", "mp3" },
		{ "1", "large" },
		{ "2.vcf", "vcf" },
		{ "2", "vcf" },
		{ "4", "pdf" },
		{ "4.pdf", "pdf" },
		{ "4.amr", "amr" },
		{ "1.png", NULL },
		{ "1.", NULL },
		{ "1.jpgx", NULL },
		{ "1jpg", NULL },
		{ "0", NULL },
		{ "01", NULL },
		{ "5", NULL },
		{ "3.jpg", NULL },
		{ "3", NULL },
		{ "", NULL },
		{ ".jpg", NULL },
		{ "-1", NULL },
		{ "+1", NULL },
		{ "1/", NULL },
		{ "4294967297", NULL },
		{ "18446744073709551617", NULL },
		{ "1.JPG", NULL },
		{ "x", NULL },
	};
	struct page_medium m;
	struct fixture f;
	char out[PAGE_NAME];

	fill(&f);
	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(page_find(&f.t, t[i].name, &m), t[i].sha != NULL);
		if (t[i].sha != NULL)
			assert_string_equal(m.sha, t[i].sha);
	}
	page_name(12, FORMAT_MP4, out);
	assert_string_equal(out, "12.mp4");
	page_save_name(FORMAT_ICS, out);
	assert_string_equal(out, "event.ics");
}

/* Of several renditions the page has the largest that browsers play. */
static void
test_sound_for_browsers(void **state)
{
	struct rendition r[] = { { "LEGACY", "amr", FORMAT_AMR, 1, 0, 0, 0, 0, SIZE_BEST },
		{ "S", "small", FORMAT_MP3, 2, 0, 0, 0, 0, SIZE_BEST },
		{ "M", "large", FORMAT_MP3, 3, 0, 0, 0, 0, SIZE_BEST },
		{ "N", "speech", FORMAT_AMR, 4, 0, 0, 0, 0, SIZE_BEST } };
	struct medium m = { .kind = KIND_AUDIO, .sha = "own", .rendition = r, .nrendition = 4 };

	assert_string_equal(page_medium(&m).sha, "large");
	m.nrendition = 3;
	assert_string_equal(page_medium(&m).sha, "large");
	m.nrendition = 1; /* nothing else is there */
	assert_string_equal(page_medium(&m).sha, "amr");
	m.nrendition = 0;
	assert_string_equal(page_medium(&m).sha, "own");
}

static bool
has(const struct buf *b, const char *text)
{
	return strstr(buf_str(b), text) != NULL;
}

static void
test_document(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct page_in in = { .a = a, .dir = "TOKEN/", .style = "style.css" };
	struct fixture f;
	struct buf b;

	fill(&f);
	in.t = &f.t;
	in.m = &f.m;
	buf_init(&b, 10000);
	page_html(&b, &in);
	assert_true(buf_ok(&b));
	assert_true(has(&b, "<title>For &lt;b&gt;A&amp;&quot;&#39;</title>"));
	assert_true(has(&b, "<h1 dir=\"auto\">For &lt;b&gt;A&amp;&quot;&#39;</h1>"));
	assert_true(
	    has(&b, "<img src=\"TOKEN/1.jpg\" width=\"1600\" height=\"1000\" alt=\"Image\">"));
	assert_true(
	    has(&b, "<audio src=\"TOKEN/1.mp3\" controls=\"\" preload=\"metadata\"></audio>"));
	assert_true(has(&b,
	    "<a href=\"TOKEN/1.mp3\" type=\"audio/mpeg\">Audio</a> "
	    "<small>MP3, 1:05, 2.0 MB</small>"));
	assert_true(has(&b, ">a &lt;i&gt;<br>\nb</p>"));
	assert_true(has(&b, ">own<br>\n&lt;b&gt;A&amp;&quot;&#39;</p>") && !has(&b, "not this"));
	assert_true(has(&b,
	    "<a href=\"TOKEN/2.vcf\" type=\"text/vcard\">Contact</a> "
	    "<small>VCF, 94 bytes</small>"));
	assert_true(has(&b, "<img src=\"TOKEN/3.jpg\" alt=\"Image\">"));
	assert_true(has(&b, "<small>PDF, 3 KB</small>"));
	assert_true(has(&b, "until 2026-11-25."));
	/* the image with the defaults gives way to the personal one, in its shape */
	f.slide[0].image_template = "7";
	buf_reset(&b);
	page_html(&b, &in);
	assert_true(has(&b,
	    "<img src=\"TOKEN/1.jpg\" width=\"1600\" height=\"1000\" alt=\"Image\"></p>\n"
	    "<p class=\"medium\"><audio"));
	f.slide[0].image_template = NULL;
	/* its own subject; from a folder of its own */
	f.m.subject = "S";
	in.dir = "";
	buf_reset(&b);
	page_html(&b, &in);
	assert_true(has(&b, "<title>S</title>") && has(&b, "<img src=\"1.jpg\""));
	/* none: a title all the same, no heading */
	f.m.subject = f.t.subject = "{$none}";
	buf_reset(&b);
	page_html(&b, &in);
	assert_true(has(&b, "<title>Message</title>") && !has(&b, "<h1"));
	buf_free(&b);
	/* too much: said, not cut */
	buf_init(&b, 500);
	page_html(&b, &in);
	assert_false(buf_ok(&b));
	buf_free(&b);
	arena_free(&a);
}

/* The heading follows the rule of the subject; controls are left out; of values that are too much
 * the page shows the beginning. */
static void
test_large_values(void **state)
{
	static const char controls[] = "a\x01\x7f\tb\r\nc\rd \xe2\x82\xac";
	char *big = malloc((1 << 20) + 1);
	struct arena *a = arena_new(64 << 20);
	struct page_in in = { .a = a, .subject_chars = 80, .dir = "", .style = "s" };
	struct message_var var[] = { { "big", big }, { "c", controls } };
	struct fixture f;
	struct buf b;

	assert_non_null(big);
	memset(big, '&', 1 << 20);
	big[1 << 20] = '\0';
	fill(&f);
	in.t = &f.t;
	in.m = &f.m;
	f.m.var = var;
	f.m.nvar = 2;
	f.m.subject = "{$c}{$c}";
	f.m.ntext = 0;
	f.slide[0].text = "{$c}";
	buf_init(&b, PAGE_BYTES);
	page_html(&b, &in);
	assert_true(has(&b, "<h1 dir=\"auto\">a b c d a b c d</h1>"));
	assert_true(has(&b, ">a\tb<br>\nc<br>\nd \xe2\x82\xac</p>"));
	f.m.subject = "{$big}";
	f.slide[0].text = "<{$big}{$big}{$big}";
	f.slide[1].text = "{$big}";
	buf_reset(&b);
	page_html(&b, &in);
	assert_true(buf_ok(&b));
	assert_true(b.len > 5 * PAGE_TEXT && b.len < 6 * PAGE_TEXT);
	assert_true(has(&b, "&amp;\xe2\x80\xa6</p>")); /* an ellipsis */
	assert_non_null(strstr(buf_str(&b), "<h1 dir=\"auto\">"));
	assert_int_equal(strcspn(strstr(buf_str(&b), "<h1 ") + 15, "<"), 80 * 5);
	buf_free(&b);
	arena_free(&a);
	free(big);
}

static void
test_expiry(void **state)
{
	const struct message m = { .expires = 1000 };

	assert_false(page_expired(&m, 999));
	assert_true(page_expired(&m, 1000));
	assert_true(page_expired(&m, 1001));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_sound_for_browsers),
		cmocka_unit_test(test_document),
		cmocka_unit_test(test_large_values),
		cmocka_unit_test(test_expiry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
