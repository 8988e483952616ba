/* compose() and compose_sms(): parts, names, SMIL, weight; mime_related() in bytes. */
#include "unit.h"

#include "arena.h"
#include "blob.h"
#include "buf.h"
#include "fit.h"
#include "mime.h"
#include "mime_part.h"
#include "mms_sample.h"
#include "sample.h"

static struct settings settings;
static char dir[200];
static struct arena *arena;

static int
setup(void **state)
{
	sample_dir(dir, sizeof dir);
	sample_settings(&settings, dir);
	arena = arena_new(64 << 20);
	return arena != NULL && crypt_init() && blob_init(&settings) == 0 ? 0 : -1;
}

static int
teardown(void **state)
{
	arena_free(&arena);
	sample_rmdir(dir);
	return 0;
}

static const struct composed *
composed(const struct mms_sample *s)
{
	const struct composed *c = compose(arena, &s->in);

	assert_non_null(c);
	for (size_t i = 0; i < c->npart; i++)	/* SMIL first, names each once */
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(c->part[i].id, c->part[k].id);
	assert_string_equal(c->part[0].type, "application/smil");
	return c;
}

static const struct compose_part *
part(const struct composed *c, const char *id)
{
	for (size_t i = 0; i < c->npart; i++)
		if (strcmp(c->part[i].id, id) == 0)
			return &c->part[i];
	fail_msg("no part %s", id);
	return NULL;
}

static bool
has_part(const struct composed *c, const char *id)
{
	for (size_t i = 0; i < c->npart; i++)
		if (strcmp(c->part[i].id, id) == 0)
			return true;
	return false;
}

#define HEAD "<smil xmlns=\"http://www.w3.org/2001/SMIL20/Language\"><head><layout>" \
	"<root-layout width=\"320\" height=\"480\"/>" \
	"<region id=\"Image\" left=\"0\" top=\"0\" width=\"320\" height=\"320\" fit=\"meet\"/>" \
	"<region id=\"Text\" left=\"0\" top=\"320\" width=\"320\" height=\"160\" fit=\"scroll\"/></layout></head><body>"

static void
test_whole(void **state)
{
	struct mms_sample s;
	const struct composed *c;

	mms_sample(&s, &settings, false);
	c = composed(&s);
	assert_int_equal(c->npart, 7);
	assert_string_equal(c->subject, "Hi Ann from K\xc3\xb6ln");
	assert_string_equal(c->part[0].own, HEAD
	    "<par dur=\"5000ms\"><img src=\"slide1.jpg\" region=\"Image\"/><text src=\"slide1.txt\" region=\"Text\"/></par>"
	    "<par dur=\"7000ms\"><audio src=\"slide2.mp3\"/><text src=\"slide2.txt\" region=\"Text\"/></par>"
	    "<par dur=\"8250ms\"><video src=\"slide3.mp4\" region=\"Image\"/><text src=\"slide3.txt\" region=\"Text\"/></par>"
	    "</body></smil>");
	assert_string_equal(part(c, "slide1.txt")->own, "Hello Ann \xf0\x9f\x98\x80");
	assert_string_equal(part(c, "slide2.txt")->own, "From K\xc3\xb6ln: <a href=\"{$name}\">&\n]]>");
	assert_string_equal(part(c, "slide3.txt")->own, "Good bye");
	assert_string_equal(part(c, "slide1.jpg")->type, "image/jpeg");
	assert_int_equal(part(c, "slide1.jpg")->bytes, 20000);
	assert_ptr_equal(part(c, "slide1.jpg")->sha, s.rendition[0].sha);
	assert_string_equal(part(c, "slide2.mp3")->type, "audio/mpeg");
	s.in.class = "XL";	/* nothing was made for it: the sources go */
	c = composed(&s);
	assert_ptr_equal(part(c, "slide1.png")->sha, s.medium[0].sha);
	assert_string_equal(part(c, "slide2.wav")->type, "audio/x-wav");
	assert_int_equal(part(c, "slide3.mov")->bytes, 90000);
}

static void
test_texts(void **state)
{
	struct mms_sample s;
	struct message_text own = { 2, "Mine, {$name}" };
	const struct composed *c;

	mms_sample(&s, &settings, false);
	s.m.text = &own;
	s.m.ntext = 1;
	s.m.subject = " Own\r\nBcc: {$code} {$emoji}";
	s.slide[0].text = "{$none}";	/* nothing is left of it: no part */
	s.slide[2].text = NULL;
	c = composed(&s);
	assert_string_equal(part(c, "slide2.txt")->own, "Mine, Ann");
	assert_false(has_part(c, "slide1.txt") || has_part(c, "slide3.txt"));
	assert_null(strstr(c->part[0].own, "slide1.txt"));
	assert_string_equal(c->subject, "Own Bcc: <a href=\"{$name}\">& ]]>");
	s.in.subject_chars = 7;
	assert_string_equal(composed(&s)->subject, "Own Bcc");
}

static void
test_objects(void **state)
{
	static const struct { enum kind kind; int medium; const char *id, *type; } row[] = {
		{ KIND_VCARD, 2, "slide2.vcf", "text/x-vCard" }, { KIND_PDF, 4, "slide2.pdf", "application/pdf" },
	};
	struct mms_sample s;
	const struct composed *c;

	for (size_t i = 0; i < COUNT(row); i++) {
		mms_sample(&s, &settings, false);
		s.slide[1].medium = &s.medium[row[i].medium];
		s.in.attach = 1U << row[i].kind;
		c = composed(&s);
		assert_string_equal(part(c, row[i].id)->type, row[i].type);
		assert_true(part(c, row[i].id)->attached);
		assert_ptr_equal(part(c, row[i].id)->sha, s.medium[row[i].medium].sha);	/* its bytes as they came */
		assert_null(strstr(c->part[0].own, row[i].id));
		assert_null(strstr(part(c, "slide2.txt")->own, "https:"));
		s.in.attach = ~s.in.attach;
		c = composed(&s);
		assert_false(has_part(c, row[i].id));
		assert_string_equal(part(c, "slide2.txt")->own,
		    "From K\xc3\xb6ln: <a href=\"{$name}\">&\n]]>\nhttps://mms.example.com/m/P1/2");
		s.slide[1].text = NULL;
		assert_string_equal(part(composed(&s), "slide2.txt")->own, "https://mms.example.com/m/P1/2");
	}
}

static void
test_durations(void **state)
{
	static const struct { const char *given; const char *want; } row[] = {
		{ "5", "5000ms" }, { " 12 ", "12000ms" }, { "2.5", "2500ms" }, { "3s", "3000ms" }, { ".25", "250ms" },
		{ "1.23456", "1234ms" }, { "99999999999999999999", "3600000ms" },
		{ "", "5000ms" }, { "0", "5000ms" }, { "-4", "5000ms" }, { "abc", "5000ms" }, { "1.2.3", "5000ms" },
		{ ".", "5000ms" }, { "5\"/><x", "5000ms" }, { NULL, "5000ms" },
	};
	struct mms_sample s;
	char want[64];

	mms_sample(&s, &settings, false);
	for (size_t i = 0; i < COUNT(row); i++) {
		s.slide[0].duration = row[i].given;
		(void)snprintf(want, sizeof want, "<body><par dur=\"%s\"><img", row[i].want);
		assert_non_null(strstr(composed(&s)->part[0].own, want));
	}
	s.rendition[2].ms = UINT32_MAX;
	assert_non_null(strstr(composed(&s)->part[0].own, "<par dur=\"3600000ms\"><video"));
}

static void
test_picture(void **state)
{
	static const char png[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90wS\xde";
	struct compose_picture pic = { png, sizeof png - 1, 1, 1 };
	struct mms_sample s;
	const struct composed *c;

	mms_sample(&s, &settings, false);
	s.slide[0].nmedium = 0;
	s.slide[0].personal_image = "7";
	assert_false(has_part(composed(&s), "slide1.png"));
	s.in.picture = &pic;
	c = composed(&s);
	assert_ptr_equal(part(c, "slide1.png")->own, png);
	assert_string_equal(part(c, "slide1.png")->type, "image/png");
	assert_non_null(strstr(c->part[0].own, "<img src=\"slide1.png\" region=\"Image\"/>"));
	pic.p = "no picture";
	pic.n = 10;
	assert_string_equal(part(composed(&s), "slide1.jpg")->type, "image/jpeg");
	s.slide[0].medium = &s.medium[0];	/* two of a name */
	s.slide[0].nmedium = 1;
	assert_true(has_part(composed(&s), "slide1-2.jpg"));
}

static void
test_too_big(void **state)
{
	char *big = malloc(2000);
	struct mms_sample s;
	char text[5001];

	assert_non_null(big);
	memset(big, 'x', 1999);
	big[1999] = '\0';
	mms_sample(&s, &settings, false);
	for (size_t i = 0; i + 7 < sizeof text; i += 7)
		memcpy(text + i, "{$name}", 8);
	s.var[3].value = big;
	s.slide[0].text = text;
	assert_int_equal(composed(&s)->bytes, UINT64_MAX);
	s.slide[0].text = "{$name}";
	assert_true(composed(&s)->bytes < 1000000);
	s.m.subject = text;
	assert_int_equal(composed(&s)->bytes, UINT64_MAX);
	s.m.subject = "";
	s.m.fallback = text;
	assert_int_equal(strlen(compose_sms(arena, &s.in)), COMPOSE_SMS);
	assert_non_null(strstr(compose_sms(arena, &s.in), "x https://mms.example.com/m/P1"));
	s.var[3].value = "\xf0\x9f\x98\x80\xf0\x9f\x98\x80" "123";
	for (size_t i = 0; i + 7 < sizeof text; i += 7)
		memcpy(text + i, "{$name}", 8);
	s.m.no_fallback_link = true;
	assert_true(strlen(compose_sms(arena, &s.in)) <= COMPOSE_SMS);
	free(big);
}

static void
test_sms(void **state)
{
	static const struct { const char *request, *fallback, *own_subject, *subject; bool no_link; const char *want; } row[] = {
		{ "R {$name}", "T", "", "S", false, "R Ann https://mms.example.com/m/P1" },
		{ " ", "T {$none|d}", "", "S", false, "T d https://mms.example.com/m/P1" },
		{ "", "", "", "S", false, "S https://mms.example.com/m/P1" },
		{ "", "\r\n", "Own", "S", true, "Own" },
		{ "", "", "", "", false, "https://mms.example.com/m/P1" },
		{ "{$none}", "T", "", "S", false, "https://mms.example.com/m/P1" },
		{ "{$code}", "", "", "", true, "<a href=\"{$name}\">&\n]]>" },
	};
	struct mms_sample s;

	mms_sample(&s, &settings, false);
	for (size_t i = 0; i < COUNT(row); i++) {
		s.m.fallback = row[i].request;
		s.m.subject = row[i].own_subject;
		s.m.no_fallback_link = row[i].no_link;
		s.t.fallback = row[i].fallback;
		s.t.subject = row[i].subject;
		assert_string_equal(compose_sms(arena, &s.in), row[i].want);
	}
}

/* --- bytes ------------------------------------------------------------------------ */

static bool
collect(void *ctx, const void *p, size_t n)
{
	buf_add(ctx, p, n);
	return buf_ok(ctx);
}

static void
test_weight(void **state)
{
	struct mms_sample s;
	const struct composed *c;
	struct mime_out out = { collect, NULL };
	struct buf b;

	mms_sample(&s, &settings, true);
	buf_init(&b, 1 << 22);
	out.ctx = &b;
	for (int i = 0; i < 2; i++) {
		s.in.class = i == 0 ? "M" : "";
		s.in.attach = i == 0 ? 0 : ~0U;
		s.slide[2].medium = &s.medium[i == 0 ? 3 : 2];
		c = composed(&s);
		buf_reset(&b);
		assert_true(mime_related(&settings, c, "01234567890123456789012345678901", MIME_EMBED, &out));
		/* more by what a transport puts before it */
		assert_in_range(c->bytes, b.len + 700, b.len + 900);
		buf_reset(&b);
		assert_true(mime_related(&settings, c, "01234567890123456789012345678901", MIME_REFER, &out));
		assert_true(b.len < 6000);
	}
	buf_reset(&b);
	s.medium[2].bytes++;	/* the blob is not as long as the record says */
	assert_false(mime_related(&settings, composed(&s), "b", MIME_EMBED, &out));
	s.medium[2].bytes--;
	(void)blob_remove(&settings, s.medium[2].sha);
	assert_false(mime_related(&settings, composed(&s), "b", MIME_EMBED, &out));
	buf_free(&b);
}

static void
test_encoded(void **state)
{
	assert_int_equal(mime_encoded(0), 0);
	assert_int_equal(mime_encoded(1), 6);
	assert_int_equal(mime_encoded(3), 6);
	assert_int_equal(mime_encoded(4), 10);
	assert_int_equal(mime_encoded(57), 78);
	assert_int_equal(mime_encoded(58), 84);
	assert_int_equal(mime_encoded(570), 780);
}

/* A template of n slides whose media fill what fit_budget() leaves of the class, down to
 * the byte, each slide with a medium, a text and a contact where objects is set. */
static void
fill_class(struct template *t, const struct class *cl, size_t n, bool objects)
{
	struct medium *m = arena_array(arena, n * 2, sizeof *m);
	struct rendition *r = arena_array(arena, n, sizeof *r);
	uint64_t budget;

	assert_true(m != NULL && r != NULL);
	t->nslide = n;
	assert_non_null(t->slide = arena_array(arena, n, sizeof *t->slide));
	for (size_t i = 0; i < n; i++) {
		t->slide[i] = (struct slide){ .text = i % 3 == 0 ? "A line\nand another" : NULL,
		    .medium = &m[2 * i], .nmedium = objects && i % 2 == 0 ? 2 : 1 };
		m[2 * i] = (struct medium){ .kind = KIND_VIDEO, .format = FORMAT_MOV, .bytes = 1, .rendition = &r[i], .nrendition = 1 };
		m[2 * i + 1] = (struct medium){ .kind = i % 4 == 0 ? KIND_VCARD : KIND_ICAL,
		    .format = i % 4 == 0 ? FORMAT_VCF : FORMAT_ICS, .bytes = 1000 + i };
	}
	budget = fit_budget(cl, t);
	assert_true(budget > n);
	for (size_t i = 0; i < n; i++) {
		r[i].bytes = i + 1 < n ? budget / n : budget - budget / n * (n - 1);
		r[i].format = FORMAT_MP4;
		(void)snprintf(r[i].class, sizeof r[i].class, "%s", cl->name);
	}
}

static void
test_fits(void **state)
{
	static const size_t slides[] = { 1, 2, 3, 9, 40, 100 };
	struct mms_sample s;

	mms_sample(&s, &settings, false);
	s.in.attach = 1U << KIND_VCARD;	/* calendars are links, as fit has it */
	s.in.page = "https://mms.example.com/a/somewhat/longer/path/m/0123456789ABCDEF0123456789ABCDEF";
	s.t.subject = "A subject of eighty characters, which is as many as are kept of one, and no more";
	for (unsigned i = 0; i < settings.nclass; i++)
		for (size_t k = 0; k < 2 * COUNT(slides); k++) {
			const struct class *cl = &settings.class[i];
			uint64_t bytes;

			fill_class(&s.t, cl, slides[k / 2], k % 2);
			s.in.class = cl->name;
			bytes = composed(&s)->bytes;
			if (bytes > cl->bytes)
				fail_msg("%s, %zu slides: %llu of %llu", cl->name, slides[k / 2],
				    (unsigned long long)bytes, (unsigned long long)cl->bytes);
			/* and what was reserved for headers is not much more than they take */
			assert_true(bytes + 4096 + slides[k / 2] * 1100 > cl->bytes);
		}
}

static void
test_memory_short(void **state)
{
	struct mms_sample s;
	unsigned failed = 0;

	mms_sample(&s, &settings, false);
	for (size_t cap = 0; cap < 40000; cap += 1000) {
		struct arena *small = arena_new(cap);

		assert_non_null(small);
		failed += compose(small, &s.in) == NULL;
		failed += compose_sms(small, &s.in) == NULL;
		arena_free(&small);
	}
	assert_in_range(failed, 10, 79);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_texts), cmocka_unit_test(test_objects),
		cmocka_unit_test(test_durations), cmocka_unit_test(test_picture), cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_sms), cmocka_unit_test(test_encoded), cmocka_unit_test(test_weight),
		cmocka_unit_test(test_fits), cmocka_unit_test(test_memory_short),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
