/* compose() and compose_sms(): parts, names, SMIL; the two weights; mime_related() in bytes. */
#include "unit.h"

#include "base/buf.h"
#include "blob/blob.h"
#include "mms_sample.h"
#include "model/text.h"
#include "sample.h"
#include "send/compose_sms.h"
#include "send/mime.h"
#include "send/mime_part.h"
#include "set_up.h"

static const struct composed *
composed(const struct mms_sample *s)
{
	const struct composed *c = compose(arena, &s->in);

	assert_non_null(c);
	for (size_t i = 0; i < c->npart; i++) /* SMIL first, names each once */
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

#define HEAD                                                                                      \
	"<smil xmlns=\"http://www.w3.org/2001/SMIL20/Language\"><head><layout>\n"                 \
	"<root-layout width=\"320\" height=\"480\"/>\n"                                           \
	"<region id=\"Image\" left=\"0\" top=\"0\" width=\"320\" height=\"320\" fit=\"meet\"/>\n" \
	"<region id=\"Text\" left=\"0\" top=\"320\" width=\"320\" height=\"160\" "                \
	"fit=\"scroll\"/>\n"                                                                      \
	"</layout></head><body>\n"

static void
test_whole(void **state)
{
	struct mms_sample s;
	const struct composed *c;

	mms_sample(&s, &settings, false);
	c = composed(&s);
	assert_int_equal(c->npart, 7);
	assert_string_equal(c->subject, "Hi Ann from K\xc3\xb6ln");
	assert_string_equal(c->part[0].own,
	    HEAD "<par dur=\"5000ms\">\n<img src=\"slide1.jpg\" region=\"Image\"/>\n"
		 "<text src=\"slide1.txt\" region=\"Text\"/>\n</par>\n"
		 "<par dur=\"7000ms\">\n<audio src=\"slide2.mp3\"/>\n"
		 "<text src=\"slide2.txt\" region=\"Text\"/>\n</par>\n"
		 "<par dur=\"8250ms\">\n<video src=\"slide3.mp4\" region=\"Image\"/>\n"
		 "<text src=\"slide3.txt\" region=\"Text\"/>\n</par>\n"
		 "</body></smil>");
	assert_string_equal(part(c, "slide1.txt")->own, "Hello Ann \xf0\x9f\x98\x80");
	assert_string_equal(part(c, "slide2.txt")->own,
	    "From K\xc3\xb6ln: <a href=\"{$name}\">&\n]]>");
	assert_string_equal(part(c, "slide3.txt")->own, "Good bye");
	assert_string_equal(part(c, "slide1.jpg")->type, "image/jpeg");
	assert_int_equal(part(c, "slide1.jpg")->bytes, 20000);
	assert_ptr_equal(part(c, "slide1.jpg")->sha, s.rendition[0].sha);
	assert_string_equal(part(c, "slide2.mp3")->type, "audio/mpeg");
	s.in.class = "XL"; /* nothing was made for it: the sources go */
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
	s.slide[0].text = "{$none}"; /* nothing is left of it: no part */
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
	static const struct {
		enum kind kind;
		int medium;
		const char *id, *type;
	} row[] = {
		{ KIND_VCARD, 2, "slide2.vcf", "text/x-vCard" },
		{ KIND_PDF, 4, "slide2.pdf", "application/pdf" },
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
		/* its bytes as they came */
		assert_ptr_equal(part(c, row[i].id)->sha, s.medium[row[i].medium].sha);
		assert_null(strstr(c->part[0].own, row[i].id));
		assert_null(strstr(part(c, "slide2.txt")->own, "https:"));
		s.in.attach = ~s.in.attach;
		c = composed(&s);
		assert_false(has_part(c, row[i].id));
		assert_string_equal(part(c, "slide2.txt")->own,
		    "From K\xc3\xb6ln: <a href=\"{$name}\">&\n]]>\nhttps://mms.example.com/m/P1/2");
		s.slide[1].text = NULL;
		assert_string_equal(part(composed(&s), "slide2.txt")->own,
		    "https://mms.example.com/m/P1/2");
	}
}

static void
test_durations(void **state)
{
	static const struct {
		const char *given;
		const char *want;
	} row[] = {
		{ "5", "5000ms" },
		{ " 12 ", "12000ms" },
		{ "2.5", "2500ms" },
		{ "3s", "3000ms" },
		{ ".25", "250ms" },
		{ "1.23456", "1234ms" },
		{ "99999999999999999999", "3600000ms" },
		{ "", "5000ms" },
		{ "0", "5000ms" },
		{ "-4", "5000ms" },
		{ "abc", "5000ms" },
		{ "1.2.3", "5000ms" },
		{ ".", "5000ms" },
		{ "5\"/><x", "5000ms" },
		{ NULL, "5000ms" },
	};
	struct mms_sample s;
	char want[64];

	mms_sample(&s, &settings, false);
	for (size_t i = 0; i < COUNT(row); i++) {
		s.slide[0].duration = row[i].given;
		(void)snprintf(want, sizeof want, "<body>\n<par dur=\"%s\">\n<img", row[i].want);
		assert_non_null(strstr(composed(&s)->part[0].own, want));
	}
	s.rendition[2].ms = UINT32_MAX;
	assert_non_null(strstr(composed(&s)->part[0].own, "<par dur=\"3600000ms\">\n<video"));
}

static void
test_personal_image(void **state)
{
	static const char png[] =
	    "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\10\2\0\0\0\x90wS\xde";
	struct personal_image pic = { png, sizeof png - 1, 1, 1 };
	struct mms_sample s;
	const struct composed *c;

	mms_sample(&s, &settings, false);
	s.slide[0].nmedium = 0;
	s.slide[0].image_template = "7";
	assert_false(has_part(composed(&s), "slide1.png"));
	s.in.personal_image = &pic;
	c = composed(&s);
	assert_ptr_equal(part(c, "slide1.png")->own, png);
	assert_string_equal(part(c, "slide1.png")->type, "image/png");
	assert_non_null(strstr(c->part[0].own, "<img src=\"slide1.png\" region=\"Image\"/>"));
	pic.p = "no picture";
	pic.n = 10;
	assert_string_equal(part(composed(&s), "slide1.jpg")->type, "image/jpeg");
	s.slide[0].medium = &s.medium[0]; /* two of a name */
	s.slide[0].nmedium = 1;
	assert_true(has_part(composed(&s), "slide1-2.jpg"));
}

static const char *
sms(const struct mms_sample *s)
{
	struct sms out;

	assert_true(compose_sms(arena, &s->in, &out));
	return out.text;
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
	assert_int_equal(composed(&s)->air, UINT64_MAX);
	s.slide[0].text = "{$name}";
	assert_true(composed(&s)->air < 1000000);
	assert_int_equal(composed(&s)->too_big, 0);
	s.slide[1].text = text;
	assert_int_equal(composed(&s)->air, UINT64_MAX);
	assert_int_equal(composed(&s)->wire, UINT64_MAX);
	assert_int_equal(composed(&s)->too_big, 2);
	s.slide[1].text = "";
	s.m.subject = text; /* is cut */
	s.in.subject_chars = 80;
	assert_true(composed(&s)->air < 1000000);
	assert_int_equal(strlen(composed(&s)->subject), 80);
	s.m.subject = "";
	s.m.fallback = text;
	assert_int_equal(strlen(sms(&s)), SMS_BYTES);
	assert_non_null(strstr(sms(&s), "x https://mms.example.com/m/P1"));
	s.var[3].value = "😀😀123";
	for (size_t i = 0; i + 7 < sizeof text; i += 7)
		memcpy(text + i, "{$name}", 8);
	s.m.no_fallback_link = true;
	assert_true(strlen(sms(&s)) <= SMS_BYTES);
	free(big);
}

static void
test_sms(void **state)
{
	static const struct {
		const char *request, *fallback, *own_subject, *subject;
		bool no_link;
		const char *want;
	} row[] = {
		{ "R {$name}", "T", "", "S", false, "R Ann https://mms.example.com/m/P1" },
		{ " ", "T {$none|d}", "", "S", false, "T d https://mms.example.com/m/P1" },
		{ "", "", "", "S", false, "S https://mms.example.com/m/P1" },
		{ "", "\r\n", "Own", "S", true, "Own" },
		{ "", "", "", "", false, "https://mms.example.com/m/P1" },
		{ "{$none}", "T", "", "S", false, "T https://mms.example.com/m/P1" },
		{ "{$none}", " {$none} ", "{$none}", "{$name}", true, "Ann" },
		{ "{$none}", "{$none}", "", "{$none}", false, "https://mms.example.com/m/P1" },
		{ "{$none}", "{$none}", "", "", true, "" }, /* nothing to send */
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
		assert_string_equal(sms(&s), row[i].want);
	}
}

/* A text loses what is beyond 255 pieces or 48 KB of a URL, in whole characters. */
static void
test_sms_limits(void **state)
{
	static const struct {
		const char *c;
		size_t most;
	} row[] = {
		{ "a", 39015 },                         /* 255 pieces of 153 septets */
		{ "~", 19507 },                         /* two septets each */
		{ " ", 16384 },                         /* three bytes of the URL each */
		{ "\u00e9", 8192 },                     /* six */
		{ "\u0436", 8192 }, { "\u597d", 5461 }, /* nine */
		{ "\U0001f600", 4096 },                 /* twelve */
	};
	enum { MANY = 40000 };
	char *text = malloc(4 * MANY + 1);
	struct mms_sample s;
	struct sms out;

	assert_non_null(text);
	mms_sample(&s, &settings, false);
	s.m.fallback = "<{$name}";
	s.m.no_fallback_link = true;
	s.var[3].value = text;
	for (size_t i = 0; i < COUNT(row); i++) {
		size_t n = strlen(row[i].c);

		for (size_t k = 0; k < MANY; k++)
			memcpy(text + k * n, row[i].c, n);
		memcpy(text + (MANY - 1) * n, ".", 2); /* not trimmed */
		assert_true(compose_sms(arena, &s.in, &out));
		assert_in_range(text_count(out.text), row[i].most - 3, row[i].most + 1);
		assert_int_equal(text_count(out.text) + out.cut, MANY + 1);
		s.m.no_fallback_link = false;
		assert_true(compose_sms(arena, &s.in, &out));
		assert_non_null(strstr(out.text, " https://mms.example.com/m/P1"));
		assert_in_range(text_count(out.text), row[i].most - 45, row[i].most + 45);
		s.m.no_fallback_link = true;
	}
	free(text);
}

/* --- bytes ------------------------------------------------------------------------ */

static bool
collect(void *ctx, const void *p, size_t n)
{
	buf_add(ctx, p, n);
	return buf_ok(ctx);
}

#define BOUNDARY MIME_MARK "0123456789abcdefghijklmnopqrstuv"

static void
test_weight(void **state)
{
	struct mms_sample s;
	struct mime m = { .boundary = BOUNDARY };
	struct mime_out out = { collect, NULL };
	struct buf b;

	mms_sample(&s, &settings, true);
	buf_init(&b, 1 << 22);
	out.ctx = &b;
	for (unsigned i = 0; i < 4; i++) {
		s.in.class = i % 2 == 0 ? "M" : "";
		s.in.attach = i % 2 == 0 ? 0 : ~0U;
		s.slide[2].medium = &s.medium[i % 2 == 0 ? 3 : 2];
		m.c = composed(&s);
		m.parts = i < 2 ? PARTS_BASE64 : PARTS_BINARY;
		m.media = MIME_EMBED;
		buf_reset(&b);
		assert_true(mime_related(&settings, &m, &out));
		assert_int_equal(mime_weight(&m), b.len);
		m.media = MIME_REFER;
		assert_int_equal(mime_weight(&m), b.len);
		buf_reset(&b);
		assert_true(mime_related(&settings, &m, &out));
		assert_true(b.len < 6000);
	}
	m.media = MIME_EMBED;
	for (int parts = PARTS_BASE64; parts <= PARTS_BINARY; parts++) {
		m.parts = (enum transport_parts)parts;
		s.medium[2].bytes++; /* the blob is not as long as the record says */
		m.c = composed(&s);
		assert_false(mime_related(&settings, &m, &out));
		s.medium[2].bytes -= 2;
		m.c = composed(&s);
		assert_false(mime_related(&settings, &m, &out));
		s.medium[2].bytes++;
	}
	(void)blob_remove(&settings, s.medium[2].sha);
	assert_false(mime_related(&settings, &m, &out));
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
	assert_int_equal(mime_decoded(77), 0); /* whole lines only */
	assert_int_equal(mime_decoded(78), 57);
	for (uint64_t n = 0; n < 5000; n++)
		assert_true(mime_encoded(mime_decoded(n)) <= n &&
		    mime_decoded(mime_encoded(n)) + MIME_LINE > n);
}

/* How a text travels: its length, a line of 998 and one of 999, bytes above 127, the mark of
 * boundaries; by base64 and by binary transports. */
static void
test_text_encodings(void **state)
{
	static const struct {
		const char *head;
		size_t line;
		const char *tail;
		enum mime_encoding base64, binary;
	} row[] = {
		{ "Hello", 0, "", MIME_7BIT, MIME_7BIT },
		{ "Grüße\n\n", 0, "x", MIME_8BIT, MIME_8BIT },
		{ "", 998, "", MIME_7BIT, MIME_7BIT },
		{ "", 998, "\n\xc3\xa9", MIME_8BIT, MIME_8BIT },
		{ "", 999, "", MIME_BASE64, MIME_BINARY },
		{ "a\n", 999, "\nb", MIME_BASE64, MIME_BINARY },
		{ "", 997, "\xc3\xa9", MIME_BASE64, MIME_BINARY }, /* bytes count, not characters */
		{ "--" BOUNDARY "--", 0, "", MIME_BASE64, MIME_BASE64 },
		{ "a\n--=_savemms_", 0, "", MIME_BASE64, MIME_BASE64 },
		{ "--=_savemms", 0, "", MIME_7BIT, MIME_7BIT },
		{ "\n.\nFrom x\n", 0, "-- ", MIME_7BIT, MIME_7BIT },
		{ "a\rb", 0, "", MIME_BASE64, MIME_BINARY },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		char line[1000], *text;
		struct compose_part p = { .type = "text/plain" };

		memset(line, 'x', sizeof line);
		assert_non_null(text = arena_printf(arena, "%s%.*s%s", row[i].head,
				    (int)row[i].line, line, row[i].tail));
		p.own = text;
		p.len = strlen(text);
		p.bytes = p.len;
		assert_int_equal(mime_encoding(&p, PARTS_BASE64), row[i].base64);
		assert_int_equal(mime_encoding(&p, PARTS_BINARY), row[i].binary);
		p.type = "image/jpeg"; /* a personal image is a medium */
		assert_int_equal(mime_encoding(&p, PARTS_BASE64), MIME_BASE64);
		assert_int_equal(mime_encoding(&p, PARTS_BINARY), MIME_BINARY);
	}
}

static const char *
written(const struct mime *m, struct buf *b)
{
	const struct mime_out out = { collect, b };

	buf_reset(b);
	assert_true(mime_related(&settings, m, &out));
	return buf_str(b);
}

/* The header of the whole says the most that any part needs; a file that media are referred to
 * from needs less. Line breaks are CR LF; what the text has of boundaries is not in the file. */
static void
test_text_written(void **state)
{
	struct mms_sample s;
	struct mime m = { .boundary = BOUNDARY };
	const size_t len = sizeof BOUNDARY - 1;
	const char *at, *end;
	struct buf b;
	size_t n = 0;

	mms_sample(&s, &settings, true);
	s.slide[0].text = s.slide[1].text = s.slide[2].text = "one\n\ntwo";
	m.c = composed(&s);
	buf_init(&b, 1 << 22);
	assert_true(strncmp(written(&m, &b), "Content-Type: multipart/related;", 32) == 0);
	assert_non_null(
	    strstr(b.p, "\r\nContent-Transfer-Encoding: 7bit\r\n\r\none\r\n\r\ntwo\r\n--"));
	assert_non_null(strstr(b.p,
	    "Encoding: 7bit\r\n\r\n<smil xmlns=\"http://www.w3.org/2001/SMIL20/Language\">"
	    "<head><layout>\r\n<root"));
	s.slide[1].text = "\xc3\xa9";
	m.c = composed(&s);
	assert_true(strncmp(written(&m, &b),
			"Content-Transfer-Encoding: 8bit\r\nContent-Type: multipart/", 54) == 0);
	m.parts = PARTS_BINARY;
	assert_true(strncmp(written(&m, &b), "Content-Transfer-Encoding: binary\r\n", 35) == 0);
	m.media = MIME_REFER;
	assert_true(strncmp(written(&m, &b), "Content-Transfer-Encoding: 8bit\r\n", 33) == 0);
	m.media = MIME_EMBED;
	s.slide[0].text = "--" BOUNDARY "--\n";
	m.c = composed(&s);
	written(&m, &b);
	end = b.p + b.len;
	/* bytes of media may be NUL */
	for (at = b.p; (at = memmem(at, (size_t)(end - at), BOUNDARY, len)) != NULL; at++)
		n++;
	assert_int_equal(n, 1 + m.c->npart + 1); /* the parameter, and what stands between parts */
	buf_free(&b);
}

/* What stands around the parts is counted, and not much too much of it. */
static void
test_air(void **state)
{
	struct mms_sample s;
	const struct composed *c;
	uint64_t sum = 0, one;

	mms_sample(&s, &settings, false);
	c = composed(&s);
	for (size_t i = 0; i < c->npart; i++)
		sum += c->part[i].bytes;
	assert_in_range(c->air, sum + 512 + 7 * 60, sum + 600 + 7 * 140);
	one = c->air;
	s.m.from_mask = "0123456789";
	assert_int_equal(composed(&s)->air, one + 10);
	s.m.subject = "Hi Ann from K\xc3\xb6ln and others"; /* 11 more than the template's */
	assert_int_equal(composed(&s)->air, one + 10 + 11);
	s.slide[2].text = "a\nb"; /* five for "Good bye", one for a CR */
	s.m.subject = s.m.from_mask = "";
	assert_int_equal(composed(&s)->air, one - 5 + 1);
	assert_string_equal(composed(&s)->class, "M");
}

static void
test_memory_short(void **state)
{
	struct mms_sample s;
	struct sms out;
	unsigned failed = 0;

	mms_sample(&s, &settings, false);
	for (size_t cap = 0; cap < 40000; cap += 1000) {
		struct arena *small = arena_new(cap);

		assert_non_null(small);
		failed += compose(small, &s.in) == NULL;
		failed += !compose_sms(small, &s.in, &out);
		arena_free(&small);
	}
	assert_in_range(failed, 10, 79);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_personal_image),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_sms),
		cmocka_unit_test(test_sms_limits),
		cmocka_unit_test(test_encoded),
		cmocka_unit_test(test_weight),
		cmocka_unit_test(test_text_encodings),
		cmocka_unit_test(test_text_written),
		cmocka_unit_test(test_air),
		cmocka_unit_test(test_memory_short),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
