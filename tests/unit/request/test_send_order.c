/* The order of the checks of both sends and of a save in C (savemms-api(7), Checks of a send,
 * sendMMS and Checks): each row breaks the rule of its code and rules that come later. */
#include "unit.h"

#include "request/validate.h"
#include "set_up.h"

enum way { SAVED, NEW, SAVE };

#define LONG "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" /* 65 */
#define ENDS "\"to\":\"15550000001\",\"from\":12345,"
#define SUBJECT "\"message-subject\":\"s\","
#define SLIDE "\"slide\":{\"message-text\":\"t\"},"
#define GROUP "\"to-displayonly\":\"1\","
#define EXPIRED "\"mms-expiry-timestamp\":\"1999-01-01\","
#define ENDED "\"fallback-sms-link-expiration\":\"1999-01-01\","
#define FLAG "\"disable-fallback-sms\":\"maybe\","

static enum api_error
code_of(enum way way, const char *members)
{
	struct account ac = { .id = 5,
		.senders = "12345",
		.blacklist = "15550000666",
		.service_ids = "s1" };
	struct settings s;
	struct failure f = { .code = E_NONE };
	struct slide slide = { .text = "t" };
	struct template stored = { .id = 1,
		.subject = "",
		.fallback = "",
		.slide = &slide,
		.nslide = 1 };
	const int64_t now = INT64_C(1700000000000000);
	const struct validate_env save = { .settings = &s, .now = now, .sends = way == NEW };
	struct send_env send = { .settings = &s, .account = &ac, .now = now, .template = &stored };
	const char *doc = arena_printf(arena, "{%s\"x\":1}", members);
	const struct request_bytes in = { .post = true,
		.home = DIALECT_C,
		.query = "",
		.content_type = "",
		.body = doc,
		.len = strlen(doc) };
	struct request *r = request_read(arena, &in, &f);
	struct message *m;
	bool ok;

	assert_non_null(r);
	settings_defaults(&s, "/tmp");
	if (way == SAVED) {
		ok = validate_send(arena, r, &send, &f) != NULL;
	} else if (way == SAVE) {
		ok = validate_save(arena, r, &save, &f) != NULL;
	} else {
		m = validate_send_ends(arena, r, &send, &f);
		ok = m != NULL && (send.template = validate_save(arena, r, &save, &f)) != NULL &&
		    validate_send_rest(arena, r, &send, m, &f) && validate_send_mask(&s, m, &f);
	}
	assert_int_equal(ok, f.code == E_NONE);
	return f.code;
}

static void
test_order(void **state)
{
	static const char id[] = "\"service-id\":\"s1\",", mask[] = "\"from-mask\":true,";
	static const struct {
		enum way way;
		const char *members;
		enum api_error code;
	} t[] = {
		{ SAVED, "\"to\":true,\"from\":9,", E100 },
		{ SAVED, "\"to\":\"15550000001\",\"from\":\"9\"," GROUP, E111 },
		{ SAVED, "\"to\":\"15550000666\",\"from\":12345," GROUP EXPIRED, E114 },
		{ SAVED, ENDS GROUP FLAG, E100 },
		{ SAVED, ENDS EXPIRED FLAG, E100 },
		{ SAVED, ENDS ENDED FLAG, E100 },
		{ SAVED, ENDS "\"mms-expiry-timestamp\":5," FLAG, E100 },
		{ SAVED, ENDS FLAG "\"operator-id\":true,\"client-reference\":1.5,", E652 },
		{ SAVED, ENDS "\"operator-id\":true,\"client-reference\":1.5,", E622 },
		{ SAVED, ENDS "\"fallback-sms-text\":5,\"operator-id\":\"" LONG "\",", E100 },
		{ SAVED, ENDS SUBJECT "\"client-reference\":\"" LONG "\",\"operator-id\":true,",
		    E228 },
		{ SAVED, ENDS SUBJECT "\"operator-id\":true,\"data\":[],", E100 },
		{ SAVED, ENDS SUBJECT "\"operator-id\":\"" LONG "\",\"data\":5,", E228 },
		{ SAVED, ENDS SUBJECT "\"data\":5,", E100 },
		{ SAVED, ENDS SUBJECT, E100 },
		{ NEW, "\"to\":\"15550000666\",\"from\":12345,\"operator-id\":true,", E114 },
		{ NEW, ENDS "\"client-reference\":\"" LONG "\",\"operator-id\":true,", E228 },
		{ NEW, ENDS "\"operator-id\":\"" LONG "\"," GROUP, E228 },
		{ NEW, ENDS "\"operator-id\":true," FLAG, E100 },
		{ NEW, ENDS GROUP FLAG, E100 },
		{ NEW, ENDS EXPIRED FLAG, E100 },
		{ NEW, ENDS ENDED FLAG, E100 },
		{ NEW, ENDS SUBJECT GROUP, E100 },
		{ NEW, ENDS FLAG, E652 },
		{ NEW, ENDS, E622 },
		{ NEW, ENDS SUBJECT, E312 },
		{ NEW, ENDS SUBJECT "\"slide\":{},\"data\":5,", E313 },
		{ NEW, ENDS SUBJECT SLIDE "\"custom-subject\":5,\"custom-text\":5,", E100 },
		/* what a save does not know */
		{ SAVE, "\"name\":\"n\"," SUBJECT SLIDE GROUP EXPIRED "\"operator-id\":true,",
		    E_NONE },
		{ SAVE, "\"name\":\"n\",\"client-reference\":\"" LONG "\"," ENDED, E228 },
		{ SAVE, "\"name\":\"n\"," ENDED FLAG, E100 },
		{ SAVE, "\"name\":\"n\"," FLAG, E652 },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		enum api_error code = code_of(t[i].way,
		    arena_printf(arena, "%s%s%s", t[i].members, id, mask));

		if (code != t[i].code)
			print_message("row %zu\n", i);
		assert_int_equal(code, t[i].code);
	}
	/* without the mask, what came last before is good */
	assert_int_equal(code_of(SAVED, arena_printf(arena, ENDS SUBJECT "%s", id)), E_NONE);
	assert_int_equal(code_of(NEW,
			     arena_printf(arena, ENDS SUBJECT SLIDE "\"custom-subject\":5,%s", id)),
	    E_NONE);
}

static void
test_service_id(void **state)
{
	static const struct {
		const char *members;
		enum api_error code;
	} t[] = {
		{ "", E627 },
		{ "\"service-id\":\" \",", E627 },
		{ "\"service-id\":\"s2\",", E627 },
		{ "\"service-id\":\"s1\",", E_NONE },
		{ "\"service_id\":\" s1 \",", E_NONE },
		{ "\"service-id\":true,", E100 },
		{ "\"service-id\":\"s2\"," GROUP, E627 },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(code_of(SAVED,
				     arena_printf(arena, ENDS SUBJECT "%s", t[i].members)),
		    t[i].code);
		assert_int_equal(code_of(NEW,
				     arena_printf(arena, ENDS SUBJECT SLIDE "%s", t[i].members)),
		    t[i].code);
	}
	/* before E114 */
	assert_int_equal(code_of(SAVED, "\"to\":\"15550000666\",\"from\":12345,"), E627);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_service_id),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
