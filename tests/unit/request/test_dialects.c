/* dialects: recognition, folding, JSON as read, texts of errors (savemms-api(7), Dialects) */
#include "unit.h"

#include "base/buf.h"
#include "model/dialect.h"
#include "model/fold.h"
#include "request/build.h"
#include "request/json_tree.h"
#include "request/xmlscan.h"
#include "request/xmltree.h"
#include "set_up.h"

static struct request *
at(enum dialect home, const char *type, const char *body)
{
	const struct request_bytes in = { .post = true,
		.home = home,
		.query = "",
		.content_type = type,
		.body = body,
		.len = strlen(body) };

	return request_read(arena, &in, &failure);
}

static void
test_accept(void **state)
{
	static const char *const yes[] = { "text/xml", "TEXT/XML", "a/b, application/xml;q=0.9",
		"*/*,text/xml ;q=1", "text/html,application/xhtml+xml,application/xml" };
	static const char *const no[] = { "", "*/*", "text/*", "text/xmlx", "application/xhtml+xml",
		"xtext/xml", ",;" };

	for (size_t i = 0; i < COUNT(yes); i++)
		assert_true(dialect_accepts_xml(yes[i]));
	for (size_t i = 0; i < COUNT(no); i++)
		assert_false(dialect_accepts_xml(no[i]));
	assert_false(dialect_accepts_xml(NULL));
}

static void
test_folding(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} t[] = {
		{ "API_KEY", "api-key", true },
		{ "FALLBACKSMSTEXT", "fallback-sms-text", true },
		{ "save_mms", "saveMMS", true },
		{ "-a_", "A", true },
		{ "", "-", true },
		{ "a", "ab", false },
		{ "a b", "ab", false },
		{ "", "a", false },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(fold_same(t[i].a, t[i].b), t[i].same);
		assert_int_equal(fold_same(t[i].b, t[i].a), t[i].same);
	}
	assert_string_equal(fold_after("Slide_1_text", "SLIDE"), "_1_text");
	assert_string_equal(fold_after("custom-text-1", "CUSTOMTEXT"), "-1");
	assert_null(fold_after("slid", "SLIDE"));
	assert_string_equal(build_field("message-subject")->element, "SUBJECT");
	assert_string_equal(build_field("fallback-sms-link-expiration")->element,
	    "MMSLINKEXPIRATION");
	assert_string_equal(build_field("to_display_only")->element, "TODISPLAYONLY");
	assert_null(build_field("nmae"));
	assert_int_equal(build_part("message_text"), PART_TEXT);
	assert_int_equal(build_part("personalized-image"), PART_IMAGE_TEMPLATE);
}

static void
test_recognition(void **state)
{
	static const char a[] = "<REQUEST><API_KEY>k</API_KEY></REQUEST>",
			  b[] = "<x:request><x:api-key>k</x:api-key></x:request>";
	static const struct {
		enum dialect home, dialect;
		const char *type, *body;
	} t[] = {
		{ DIALECT_A, DIALECT_A, "", a },
		{ DIALECT_A, DIALECT_B, "", b },
		{ DIALECT_B, DIALECT_B, "", a },
		{ DIALECT_C, DIALECT_B, "text/plain", b },
		{ DIALECT_A, DIALECT_C, "text/xml", "\xef\xbb\xbf \n{\"api-key\":\"k\"}" },
		{ DIALECT_B, DIALECT_C, "", "{\"apikey\":\"k\"}" },
		{ DIALECT_A, DIALECT_A, "application/x-www-form-urlencoded", "api-key=k" },
		{ DIALECT_B, DIALECT_B, "application/x-www-form-urlencoded",
		    "XML=%3Crequest%3E%3Capi-key%3Ek%3C/api-key%3E%3C/request%3E" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct request *r = at(t[i].home, t[i].type, t[i].body);

		assert_non_null(r);
		assert_int_equal(r->dialect, t[i].dialect);
		assert_string_equal(r->api_key, "k");
	}
	assert_null(at(DIALECT_B, "application/x-www-form-urlencoded", "api-key=k"));
	assert_int_equal(failure.code, E100);
	assert_null(at(DIALECT_C, "", "x"));
	assert_int_equal(failure.code, E108);
}

static void
test_bare_ampersands(void **state)
{
	static const struct {
		const char *in, *out; /* NULL: nothing to mend */
	} t[] = {
		{ "a & b", "a &amp; b" },
		{ "&", "&amp;" },
		{ "&&amp;&", "&amp;&amp;&amp;" },
		{ "&a;&#1;&#x1F;", NULL },
		{ "&#;&#x;&;&a", "&amp;#;&amp;#x;&amp;;&amp;a" },
		{ "<![CDATA[&]]>&<!--&--><?&?>", "<![CDATA[&]]>&amp;<!--&--><?&?>" },
		{ "<![CDATA[&", NULL },
		{ "", NULL },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		size_t len;
		char *out;

		assert_true(xmlscan_mend(arena, t[i].in, strlen(t[i].in), &out, &len));
		if (t[i].out == NULL) {
			assert_null(out);
			continue;
		}
		assert_string_equal(out, t[i].out);
		assert_int_equal(len, strlen(t[i].out));
	}
}

/* Memory that is short is our own fault (E503), at whatever step of the second reading. */
static void
test_bare_ampersand_without_memory(void **state)
{
	static char body[20000];
	const struct request_bytes in = { .post = true,
		.home = DIALECT_B,
		.query = "",
		.content_type = "",
		.body = body,
		.len = sizeof body - 1 };
	static const char head[] = "<request><name>", tail[] = "</name></request>";
	int short_of = 0, read = 0;

	memset(body, '&', in.len);
	memcpy(body, head, sizeof head - 1);
	memcpy(body + in.len - (sizeof tail - 1), tail, sizeof tail - 1);
	for (size_t cap = 1000; cap < 500000; cap += 1000) {
		struct arena *a = arena_new(cap);
		struct failure f;

		assert_non_null(a);
		if (request_read(a, &in, &f) != NULL) {
			read++;
		} else {
			short_of++;
			assert_string_equal(error_code(f.code), "E503");
		}
		arena_free(&a);
	}
	assert_true(short_of > 5 && read > 5);
}

static void
test_json_refused(void **state)
{
	static const char *const bad[] = { "{\"a\":1,}", "{'a':1}", "{\"a\":NaN}", "{\"a\":012}",
		"{\"a\":1}x", "{\"a\":1}{}", "{/**/\"a\":1}", "{\"a\":1,\"a\":2}",
		"{\"a-b\":1,\"A_B\":2}", "{\"x\":{\"ab\":1,\"a-b\":2}}",
		"{\"x\":[[{\"ab\":1,\"a-b\":2}]]}", "{\"x\":{\"data\":{\"a\":1,\"A\":2}}}",
		"{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}", "{\"a\":\"\xed\xa0\x80\"}",
		"{\"a\":\"\\ud83d\"}", "{\"a\":\"\\u0000\"}", "{\"\\u0000\":1}", "{\"a\":\"x\ny\"}",
		"{\"a\":9223372036854775808}", "{\"a\":-9223372036854775809}", "{\"a\":1e999}", "{",
		"{\"a\":\"" };

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_null(at(DIALECT_C, "", bad[i]));
		assert_int_equal(failure.code, E108);
		assert_true(failure.detail != NULL && failure.detail[0] != '\0');
	}
	assert_non_null(at(DIALECT_C, "", "{\"data\":{\"a-b\":1,\"A_B\":2}}"));
	assert_null(at(DIALECT_C, "", "[]"));
	assert_int_equal(failure.code, E100);
}

/* Makes an object whose member is an array nested so that there are this many levels in all. */
static const char *
nested(struct buf *b, int levels)
{
	buf_reset(b);
	buf_adds(b, "{\"s\":\"[[{\\\"{{\",\"a\":");
	for (int i = 1; i < levels; i++)
		buf_addc(b, '[');
	for (int i = 1; i < levels; i++)
		buf_addc(b, ']');
	buf_addc(b, '}');
	return buf_str(b);
}

static void
test_json_bounds(void **state)
{
	struct buf b;

	buf_init(&b, 1 << 20);
	assert_non_null(at(DIALECT_C, "", nested(&b, JSON_TREE_DEPTH)));
	assert_null(at(DIALECT_C, "", nested(&b, JSON_TREE_DEPTH + 1)));
	assert_int_equal(failure.code, E108);
	for (int extra = 0; extra < 2; extra++) {
		buf_reset(&b);
		buf_adds(&b, "{\"a\":[1");
		for (int i = 2; i < JSON_TREE_VALUES + extra; i++)
			buf_adds(&b, ",1");
		buf_adds(&b, "]}");
		buf_adds(&b, " ");
		assert_int_equal(at(DIALECT_C, "", buf_str(&b)) != NULL, extra == 0);
	}
	buf_free(&b);
}

static void
test_json_values(void **state)
{
	const struct request *r = at(DIALECT_C, "",
	    "{\"name\":\" n\\u0001 \",\"to\":15550100123,\"from\":-9223372036854775808,"
	    "\"disable-fallback-sms\":true,\"disable-fallback-sms-link\":null,\"subject\":\"\","
	    "\"client-reference\":12.0,\"mms-id\":[1],\"start-date\":5,\"fallbacksmstext\":[],"
	    "\"data\":{\"a-b\":1,\"t\":true},\"custom-slides\":{\"slide\":2,\"text\":\"x\"},"
	    "\"slide\":[{\"image\":{\"url\":\"u\"},\"duration\":{}},7,null,{\"excel\":\"\"},"
	    "{\"passbook\":{\"url\":\"p\"}}]}");

	assert_non_null(r);
	assert_string_equal(r->name, "n");
	assert_string_equal(r->to, "15550100123");
	assert_string_equal(r->from, "-9223372036854775808");
	assert_string_equal(r->no_fallback, "yes");
	assert_true(r->no_fallback_link == NULL && r->subject == NULL);
	assert_true(request_wrong(r->reference) && request_wrong(r->mmsid) &&
	    request_wrong(r->start_date) && request_wrong(r->fallback));
	assert_true(r->ndata == 2 && !r->data_wrong && r->ncustom == 1);
	assert_string_equal(r->data[0].value, "1");
	assert_string_equal(r->data[1].value, "true");
	assert_string_equal(r->custom[0].slide, "2");
	assert_string_equal(r->custom[0].text, "x");
	assert_int_equal(r->nslide, 5);
	assert_string_equal(r->slide[0].url[KIND_IMAGE], "u");
	assert_true(!r->slide[0].wrong && r->slide[0].duration == NULL);
	assert_true(r->slide[1].wrong && r->slide[2].wrong);
	assert_true(!r->slide[3].foreign && r->slide[4].foreign);
	assert_true(at(DIALECT_C, "", "{\"data\":{\"a\":1.5}}")->data_wrong);
	assert_true(at(DIALECT_C, "", "{\"data\":[{\"a\":\"1\"}]}")->data_wrong);
	assert_int_equal(at(DIALECT_C, "", "{\"slide\":[]}")->nslide, 0);
}

/* What no handset gets counts only if there is something in it. */
static void
test_foreign(void **state)
{
	static const char *const nothing[] = { "null", "false", "0", "-0", "0.0", "-0.0", "\"\"",
		"\" \\t\"", "[]", "{}", "[null,false,0,\"\",{},[]]", "{\"url\":\"\"}",
		"{\"url\":null,\"x\":[{\"y\":false}]}" };
	static const char *const some[] = { "true", "1", "-10", "0.5", "1e-9", "\"0\"", "\"false\"",
		"[0,1]", "[[\"x\"]]", "{\"url\":\"p\"}", "{\"x\":[{\"y\":true}]}" };
	static const char *const names[] = { "passbook", "excel" };

	for (size_t i = 0; i < 2 * (COUNT(nothing) + COUNT(some)); i++) {
		size_t k = i / 2;
		const char *v = k < COUNT(nothing) ? nothing[k] : some[k - COUNT(nothing)];
		const struct request *r = at(DIALECT_C, "",
		    arena_printf(arena, "{\"slide\":{\"%s\":%s}}", names[i % 2], v));

		assert_non_null(r);
		assert_int_equal(r->slide[0].foreign, k >= COUNT(nothing));
	}
	assert_false(at(DIALECT_B, "",
	    "<request><slide><passbook x='1'><url> </url><!--p--></passbook></slide></request>")
			 ->slide[0]
			 .foreign);
	assert_true(at(DIALECT_B, "",
	    "<request><slide><passbook><a><b>0</b></a></passbook></slide></request>")
			->slide[0]
			.foreign);
}

static void
test_error_texts(void **state)
{
	static const struct {
		enum dialect d;
		struct failure f;
		const char *text;
	} t[] = {
		{ DIALECT_A, { .code = E108, .detail = "x at line 1" },
		    "XML Parse error: x at line 1." },
		{ DIALECT_B, { .code = E108, .detail = "x at line 1" },
		    "Invalid XML. XML parsing failed. (x at line 1)" },
		{ DIALECT_C, { .code = E108, .detail = "x at line 1" },
		    "Invalid XML or JSON. XML/JSON parsing failed. (x at line 1)" },
		{ DIALECT_C, { .code = E108 }, "Invalid XML or JSON. XML/JSON parsing failed." },
		{ DIALECT_B, { .code = E100 },
		    "Invalid request, please make a valid XML Post request." },
		{ DIALECT_C, { .code = E100 },
		    "Invalid request, please make a valid Post request." },
		{ DIALECT_C, { .code = E106, .x = 5 },
		    "Time interval between each API call should be at least 5 seconds." },
		{ DIALECT_B, { .code = E228, .x = 64 }, "MMS text cannot exceed 64 characters." },
		{ DIALECT_B, { .code = E115, .x = 50 },
		    "Sender Mask is limited to 50 characters (Australia only)" },
		{ DIALECT_C, { .code = E313, .x = 2 }, "Slide 2 is empty." },
		{ DIALECT_A, { .code = E225 }, "Too many Slides." },
	};
	char out[200];

	for (size_t i = 0; i < COUNT(t); i++) {
		error_info(t[i].d, &t[i].f, out, sizeof out);
		assert_string_equal(out, t[i].text);
	}
}

/* What the manual's tables of names say is what is read. */
static void
test_names_as_the_manual_spells_them(void **state)
{
	static const struct {
		const char *word;
		size_t offset;
	} t[] = {
#define SPELLED(name, a, bc) \
	{ a, offsetof(struct request, name) }, { bc, offsetof(struct request, name) },
#include "model/request.def"
#undef SPELLED
	};
	size_t none = 0;

	assert_true(COUNT(t) > 20);
	for (size_t i = 0; i < COUNT(t); i++)
		if (t[i].word[0] == '\0')
			none++;
		else
			assert_int_equal(build_field(t[i].word)->offset, t[i].offset);
	assert_true(none < COUNT(t) / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accept),
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_recognition),
		cmocka_unit_test(test_bare_ampersands),
		cmocka_unit_test(test_bare_ampersand_without_memory),
		cmocka_unit_test(test_json_refused),
		cmocka_unit_test(test_json_bounds),
		cmocka_unit_test(test_json_values),
		cmocka_unit_test(test_foreign),
		cmocka_unit_test(test_error_texts),
		cmocka_unit_test(test_names_as_the_manual_spells_them),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
