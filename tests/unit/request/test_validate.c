/* validate: rules 4 to 17 of SPEC 3.1, accepted and refused, in their order */
#include "unit.h"

#include "request/validate.h"
#include "set_up.h"

static bool
known(void *ctx, const char *id)
{
	return strcmp(id, "7") == 0;
}

/* s repeated n times, in the arena. */
static const char *
many(const char *s, int n)
{
	char *out = arena_zalloc(arena, strlen(s) * (size_t)n + 1);

	for (int i = 0; i < n; i++)
		memcpy(out + strlen(s) * (size_t)i, s, strlen(s));
	return out;
}

static struct request *
request_of(const char *inner, struct failure *f)
{
	const char *doc = arena_printf(arena, "<REQUEST>%s</REQUEST>", inner);
	const struct request_bytes in = { .post = true,
		.query = "",
		.content_type = "",
		.body = doc,
		.len = strlen(doc) };
	struct request *r = request_read(arena, &in, f);

	assert_non_null(r);
	return r;
}

static struct template *
save(const char *inner, struct failure *f)
{
	struct settings s;
	const struct validate_env env = { .settings = &s, .image_known = known };

	settings_defaults(&s, "/tmp");
	return validate_save(arena, request_of(inner, f), &env, f);
}

/* What a sendMMS checks, as cgi/api/save.c calls it: media are fetched before the last check. */
static struct message *
send_new(const char *inner, struct failure *f)
{
	struct account ac = { .id = 5, .senders = "12345", .blacklist = "15550000666" };
	struct settings s;
	const struct validate_env save_env = { .settings = &s,
		.image_known = known,
		.sends = true };
	struct send_env env = { .settings = &s, .account = &ac };
	struct message *m;
	struct request *r;

	settings_defaults(&s, "/tmp");
	r = request_of(inner, f);
	f->to = r->to;
	m = validate_send_ends(arena, r, &env, f);
	if (m == NULL || (env.template = validate_save(arena, r, &save_env, f)) == NULL)
		return NULL;
	return validate_send_rest(arena, r, &env, m, f) && validate_send_mask(&s, m, f) ? m : NULL;
}

#define HEAD "<NAME>n</NAME><SUBJECT>s</SUBJECT>"
#define IMAGE "<IMAGE><URL>http://h/i</URL></IMAGE>"
#define AUDIO "<AUDIO><URL>http://h/a</URL></AUDIO>"
#define VIDEO "<VIDEO><URL>http://h/v</URL></VIDEO>"
#define VCARD "<VCARD><URL>http://h/c</URL></VCARD>"
#define PDF "<PDF><URL>http://h/p</URL></PDF>"
#define PERSONAL(id) "<PERSONALIZED-IMAGE><TEMPLATE-ID>" id "</TEMPLATE-ID></PERSONALIZED-IMAGE>"
#define TEXT "<TEXT>t</TEXT>"
#define SLIDE(x) "<SLIDE>" x "</SLIDE>"

static void
test_refused(void **state)
{
	static const struct {
		const char *inner;
		enum api_error code;
		unsigned long x;
	} t[] = {
		{ SLIDE(TEXT), E311, 0 }, { "<NAME> \t</NAME>", E311, 0 },
		{ "<NAME>n</NAME><DISABLEFALLBACKSMS>maybe</DISABLEFALLBACKSMS>", E652, 0 },
		{ "<NAME>n</NAME><DISABLEFALLBACKSMSLINK>1</DISABLEFALLBACKSMSLINK>", E652, 0 },
		{ "<NAME>n</NAME>" SLIDE(TEXT), E622, 0 },
		{ "<NAME>n</NAME><SUBJECT>\xf0\x9f\x98\x80</SUBJECT>" SLIDE(TEXT), E622, 0 },
		{ "<NAME>n</NAME><DISABLEFALLBACKSMS>no</DISABLEFALLBACKSMS>" SLIDE(TEXT), E622,
		    0 },
		{ HEAD, E312, 0 }, { HEAD SLIDE(TEXT) SLIDE(""), E313, 2 },
		{ HEAD SLIDE("<TEXT> </TEXT>"), E313, 1 },
		{ HEAD SLIDE("<IMAGE><URL> </URL></IMAGE>"), E313, 1 },
		{ HEAD SLIDE("<DURATION>5</DURATION>"), E313, 1 },
		{ HEAD SLIDE(AUDIO VIDEO), E226, 1 },
		{ HEAD SLIDE(TEXT) SLIDE(VIDEO IMAGE), E227, 2 },
		{ HEAD SLIDE(VIDEO PERSONAL("7")), E227, 1 }, { HEAD SLIDE(VCARD AUDIO), E224, 1 },
		{ HEAD SLIDE(PDF VIDEO), E224, 1 }, { HEAD SLIDE(PDF IMAGE), E224, 1 },
		{ HEAD SLIDE(PDF PERSONAL("7")), E224, 1 }, { HEAD SLIDE(VCARD PDF), E223, 1 },
		{ HEAD SLIDE(PERSONAL("8")), E1130, 1 },
		{ HEAD SLIDE(PERSONAL("7")) SLIDE(PERSONAL("7")), E1131, 0 },
		{ HEAD SLIDE(AUDIO VIDEO IMAGE VCARD), E226, 1 }, /* the first rule that fails */
		{ HEAD SLIDE(VCARD PDF) SLIDE(""), E223, 1 },     /* the first slide */
	};
	struct failure f;

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_null(save(t[i].inner, &f));
		assert_string_equal(error_code(f.code), error_code(t[i].code));
		if (t[i].x != 0)
			assert_int_equal(f.x, t[i].x);
	}
}

#define TO "<TO>15550000001</TO>"
#define FROM "<FROM>12345</FROM>"
#define LONG(name) \
	"<" name ">xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx</" name ">"

/* Each row breaks the rule whose code it has and all rules that come later. */
static void
test_send_new_order(void **state)
{
	static const char bad[] = LONG("FROM_MASK"), objects[] = SLIDE(VCARD PDF);
	static const struct {
		const char *inner;
		enum api_error code;
	} t[] = {
		{ "<TO> </TO><FROM>9</FROM>" LONG("OPERATORID") SLIDE(VCARD PDF), E201 },
		{ "<TO>+1555</TO><FROM>9</FROM>" LONG("OPERATORID") SLIDE(VCARD PDF), E110 },
		{ "<TO>15550000666</TO><FROM>9999</FROM>" SLIDE(""), E111 },
		{ "<TO>15550000666</TO>" SLIDE(""), E111 },
		{ "<TO>15550000666</TO>" FROM LONG("CLIENT_REFERENCE"), E114 },
		{ TO FROM LONG("CLIENT_REFERENCE") LONG("DISABLEFALLBACKSMS"), E228 },
		{ TO FROM LONG("OPERATORID") LONG("DISABLEFALLBACKSMS"), E228 },
		{ TO FROM LONG("DISABLEFALLBACKSMS"), E652 },
		{ TO FROM, E622 },
		{ TO FROM "<SUBJECT>s</SUBJECT>", E312 },
		{ TO FROM "<SUBJECT>s</SUBJECT>" SLIDE(""), E313 },
		{ TO FROM "<SUBJECT>s</SUBJECT>" SLIDE(VCARD PDF), E223 },
		{ TO FROM "<SUBJECT>s</SUBJECT>" SLIDE(TEXT), E115 },
	};
	struct failure f;

	for (size_t i = 0; i < COUNT(t); i++) {
		bool slides = strstr(t[i].inner, "SLIDE") != NULL || t[i].code == E312;

		assert_null(
		    send_new(arena_printf(arena, "%s%s%s", t[i].inner, slides ? "" : objects, bad),
			&f));
		assert_string_equal(error_code(f.code), error_code(t[i].code));
		assert_int_equal(f.to == NULL, t[i].code == E201);
	}
}

static void
test_send_new(void **state)
{
	struct failure f;
	struct message *m = send_new(TO FROM
	    "<FALLBACKSMSTEXT>f</FALLBACKSMSTEXT><CLIENT_REFERENCE>r</CLIENT_REFERENCE>"
	    "<FROM_MASK>me</FROM_MASK><OPERATORID>7</OPERATORID><DATA><b>2</b><A>1</A></DATA>"
	    "<DISABLEFALLBACKSMSLINK>yes</DISABLEFALLBACKSMSLINK>" SLIDE(TEXT),
	    &f);

	assert_non_null(m);
	assert_int_equal(m->account, 5);
	assert_string_equal(m->to, "15550000001");
	assert_string_equal(m->from, "12345");
	assert_string_equal(m->from_mask, "me");
	assert_string_equal(m->operator_id, "7");
	assert_string_equal(m->reference, "r");
	assert_true(m->no_fallback_link);
	assert_false(m->no_fallback);
	assert_int_equal(m->nvar, 2);
	assert_string_equal(m->var[0].name, "A");
	assert_true(m->expires == INT64_MAX); /* the page lasts as long as one can */
}

static void
test_limits_count_characters(void **state)
{
	static const struct {
		const char *before, *after;
		int max;
		enum api_error code;
	} t[] = {
		{ "<SUBJECT>s</SUBJECT><NAME>", "</NAME>" SLIDE(TEXT), 255, E228 },
		{ HEAD "<CLIENT_REFERENCE>", "</CLIENT_REFERENCE>" SLIDE(TEXT), 64, E228 },
		{ HEAD "<FALLBACKSMSTEXT>", "</FALLBACKSMSTEXT>" SLIDE(TEXT), 1600, E228 },
		{ HEAD "<SLIDE><TEXT>", "</TEXT></SLIDE>", 5000, E334 },
	};
	const char *full, *over;
	struct failure f;

	for (size_t i = 0; i < COUNT(t); i++) {
		full = many("\xf0\x9f\x98\x80", t[i].max);
		over = many("x", t[i].max + 1);
		full = arena_printf(arena, "%s%s%s", t[i].before, full, t[i].after);
		over = arena_printf(arena, "%s%s%s", t[i].before, over, t[i].after);
		assert_non_null(save(full, &f));
		assert_null(save(over, &f));
		assert_int_equal(f.code, t[i].code);
		assert_int_equal(f.x, t[i].code == E334 ? 1 : t[i].max);
	}
	assert_non_null(save(arena_printf(arena, HEAD "%s", many(SLIDE(TEXT), 9)), &f));
	assert_null(save(arena_printf(arena, HEAD "%s", many(SLIDE(TEXT), 10)), &f));
	assert_int_equal(f.code, E225);
	assert_null(save(arena_printf(arena, HEAD "%s", many(SLIDE(TEXT), 500)), &f));
	assert_int_equal(f.code, E225);
}

static void
test_accepted(void **state)
{
	static const char head[] = "<NAME> n </NAME><DISABLEFALLBACKSMS>YES</DISABLEFALLBACKSMS>"
				   "<CLIENT_REFERENCE>r</CLIENT_REFERENCE>";
	struct failure f;
	static const char first[] = SLIDE(AUDIO IMAGE "<TEXT> a\\nb </TEXT>");
	static const char others[] = SLIDE(PDF TEXT) SLIDE(PERSONAL("7") AUDIO);
	const char *doc = arena_printf(arena, "%s%s%s", head, first, others);
	struct template *t = save(doc, &f);

	assert_non_null(t);
	assert_string_equal(t->name, "n");
	assert_string_equal(t->subject, "");
	assert_string_equal(t->reference, "r");
	assert_true(t->no_fallback);
	assert_false(t->no_fallback_link);
	assert_int_equal(t->nslide, 3);
	assert_string_equal(t->slide[0].text, "a\nb");
	assert_int_equal(t->slide[0].nmedium, 2);
	assert_int_equal(t->slide[0].medium[0].kind, KIND_IMAGE); /* in the order of kinds */
	assert_int_equal(t->slide[0].medium[1].kind, KIND_AUDIO);
	assert_string_equal(t->slide[1].medium[0].url, "http://h/p");
	assert_string_equal(t->slide[2].image_template, "7");
}

static void
test_error_texts(void **state)
{
	static const struct {
		struct failure f;
		const char *text;
	} t[] = {
		{ { .code = E225, .x = 3, .detail = NULL }, "Too many Slides." },
		{ { .code = E228, .x = 255, .detail = NULL }, "Text more than 255 characters." },
		{ { .code = E313, .x = 4, .detail = NULL }, "Slide 4 is empty." },
		{ { .code = E331, .x = 9, .detail = NULL }, "Image in slide 9 is too big." },
		{ { .code = E351, .x = 1, .detail = NULL }, "Could not copy Image in slide 1." },
		{ { .code = E106, .x = 30, .detail = NULL }, "You can call API every 30 seconds." },
		{ { .code = E1130, .x = 2, .detail = NULL },
		    "The personalized image template id in slide 2 is invalid" },
		{ { .code = E108, .x = 0, .detail = "bad at line 2" },
		    "XML Parse error: bad at line 2." },
		{ { .code = E100, .x = 5, .detail = NULL },
		    "Invalid request. Make a valid request via GET/POST/XML with all the required "
		    "variables." },
		{ { .code = E311, .x = 0, .detail = NULL }, "The 'name' is required." },
		{ { .code = E652, .x = 0, .detail = NULL },
		    "Incorrect disablefallbacksms value. It is optional, but accepts only 'yes', "
		    "'no' or '' if set." },
	};
	char out[256];

	for (size_t i = 0; i < COUNT(t); i++) {
		error_info(DIALECT_A, &t[i].f, out, sizeof out);
		assert_string_equal(out, t[i].text);
	}
	error_info(DIALECT_A, &t[2].f, out, 8);
	assert_string_equal(out, "Slide 4");
}

/* A message of B or C has 3 days, or less if its sender says so; A has no such element. */
static void
test_expiry(void **state)
{
#define NOW INT64_C(1795564800000000) /* 2026-11-25T00:00:00Z */
#define DAY (INT64_C(86400) * 1000000)
	static const struct {
		enum dialect dialect;
		const char *expiry; /* as it came */
		int64_t want;       /* -1: refused */
	} row[] = {
		{ DIALECT_A, NULL, 0 },
		{ DIALECT_A, "2020-01-01", 0 },
		{ DIALECT_B, NULL, NOW + 3 * DAY },
		{ DIALECT_C, NULL, NOW + 3 * DAY },
		{ DIALECT_C, "2026-11-25T00:00:01Z", NOW + 1000000 },
		{ DIALECT_B, "2026-11-26", NOW + DAY },
		{ DIALECT_C, "2026-11-28T00:00:00Z", NOW + 3 * DAY },
		{ DIALECT_C, "2026-11-29", NOW + 3 * DAY },
		{ DIALECT_C, "2026-11-25T00:00:00Z", -1 }, /* is past */
		{ DIALECT_B, "soon", -1 },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		const struct template t = { .reference = "", .fallback = "f", .subject = "" };
		const struct account ac = { .senders = "12345" };
		struct settings s;
		const struct send_env env = { .settings = &s,
			.account = &ac,
			.now = NOW,
			.template = &t };
		struct request r = { .dialect = row[i].dialect,
			.to = "15550000001",
			.from = "12345",
			.expiry = row[i].expiry };
		struct message sent = message_empty, *m;
		struct failure f;
		bool ok;

		settings_defaults(&s, "/tmp");
		ok = validate_send_rest(arena, &r, &env, &sent, &f);
		m = validate_send(arena, &r, &env, &f);
		assert_int_equal(ok, row[i].want >= 0);
		assert_int_equal(m != NULL, ok);
		if (!ok)
			assert_int_equal(f.code, E100);
		else
			assert_true(sent.not_after == row[i].want && m->not_after == row[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_send_new_order),
		cmocka_unit_test(test_send_new),
		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_limits_count_characters),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_error_texts),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
