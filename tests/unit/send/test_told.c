/* What the postbacks of a message say in each dialect (savemms-api(7), Delivery postbacks). */
#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "model/doc.h"
#include "send/postback.h"

static struct settings settings;

/* Sets text to what stands between open and close in the body, or to "". */
static void
part(const char *body, const char *open, char close, char text[64])
{
	const char *p = strstr(body, open);

	text[0] = '\0';
	if (p != NULL)
		(void)snprintf(text, 64, "%.*s",
		    (int)strcspn(p + strlen(open), (char[]){ close, 0 }), p + strlen(open));
}

static void
assert_part(const struct buf *b, const char *open, char close, const char *expected)
{
	char text[64];

	part(buf_str(b), open, close, text);
	assert_string_equal(text, expected);
}

enum { NONE = -1 }; /* no report has come */

static void
test_words(void **state)
{
	static const struct {
		int report; /* enum report_kind, or NONE */
		enum message_leg leg;
		enum message_state state;
		const char *code_a, *code_b, *code_c, *status, *word, *details;
	} t[] = {
		{ NONE, LEG_MMS, MESSAGE_SENT, "N101", "N101", "N101", "Message Sent", "Sent",
		    "Message Sent" },
		{ NONE, LEG_SMS, MESSAGE_SENT, "N101", "N101", "N101", "Message Sent", "Sent",
		    "Message Sent" },
		{ NONE, LEG_NONE, MESSAGE_FAILED, "E101", "E101", "E101", "Message Failed",
		    "Failed", "Message Failed: why" },
		{ REPORT_DELIVERED, LEG_MMS, MESSAGE_DELIVERED, "N102", "N102", "N102",
		    "Message Sent/Delivered", "Delivered", "Message Delivered" },
		{ REPORT_DELIVERED, LEG_SMS, MESSAGE_DELIVERED, "N202", "N102", "N102",
		    "Message Sent/Delivered", "Delivered", "Message Delivered" },
		{ REPORT_EXPIRED, LEG_MMS, MESSAGE_UNDELIVERED, "E102", "E102", "N103",
		    "Message Sent/Expired", "Expired", "Message Expired" },
		{ REPORT_REJECTED, LEG_MMS, MESSAGE_UNDELIVERED, "E102", "E102", "E102",
		    "Message Sent/Rejected", "Rejected", "Message Rejected: details" },
		{ REPORT_NOT_SUPPORTED, LEG_MMS, MESSAGE_UNDELIVERED, "E102", "E102", "E102",
		    "Message Sent/NotSupported", "Rejected", "Message Rejected: details" },
		{ REPORT_FAILED, LEG_MMS, MESSAGE_UNDELIVERED, "E102", "E102", "E102",
		    "Message Sent/Failed", "Failed", "Message Failed: details" },
		{ REPORT_FAILED, LEG_SMS, MESSAGE_UNDELIVERED, "E202", "E202", "E202",
		    "Message Sent/Failed", "Failed", "Message Failed: details" },
		{ REPORT_REJECTED, LEG_SMS, MESSAGE_UNDELIVERED, "E202", "E202", "E202",
		    "Message Sent/Rejected", "Failed", "Message Failed: details" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct report r = { .kind = (enum report_kind)(
					      t[i].report == NONE ? 0 : t[i].report),
			.handset = "h",
			.aggregator = "g",
			.details = "details" };
		struct message m = message_empty;
		struct postback_delivery p = { &settings.routing, &m,
			t[i].report == NONE ? NULL : &r, DIALECT_A };
		struct buf b;

		m.leg = t[i].leg;
		m.state = t[i].state;
		m.why = "why";
		buf_init(&b, 4096);
		postback_delivery(&p, &b);
		assert_part(&b, "<CODE>", '<', t[i].code_a);
		assert_part(&b, "<STATUS>", '<', t[i].status);
		buf_reset(&b);
		p.dialect = DIALECT_B;
		postback_delivery(&p, &b);
		assert_part(&b, "<code>", '<', t[i].code_b);
		assert_part(&b, "<status>", '<', t[i].status);
		assert_null(strstr(buf_str(&b), "<AGG"));
		buf_reset(&b);
		p.dialect = DIALECT_C;
		postback_delivery(&p, &b);
		assert_part(&b, "\"code\":\"", '"', t[i].code_c);
		assert_part(&b, "\"status\":\"", '"', t[i].word);
		assert_part(&b, "\"status-details\":\"", '"', t[i].details);
		assert_true(buf_ok(&b));
		buf_free(&b);
	}
}

/* Nothing is told half: a text that does not fit is none. */
static void
test_too_long(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct message m = message_empty;
	struct postback_delivery p = { &settings.routing, &m, NULL, DIALECT_A };
	size_t n;

	for (int d = 0; d < DIALECTS; d++) {
		const char *text;

		p.dialect = (enum dialect)d;
		assert_non_null(text = postback_delivery_text(&p, 4096, a));
		n = strlen(text);
		assert_non_null(postback_delivery_text(&p, n, a));
		assert_null(postback_delivery_text(&p, n - 1, a));
	}
	arena_free(&a);
}

/* Each name that a postback has in XML is an element of both dialects, but for those of A alone. */
static void
test_names(void **state)
{
	assert_string_equal(doc_name(DIALECT_A, ANSWER_SPID), "SPID");
	assert_string_equal(doc_name(DIALECT_B, ANSWER_SPID), "operator-id");
	assert_null(doc_name(DIALECT_B, ANSWER_AGGREGATORID));
	assert_null(doc_name(DIALECT_C, ANSWER_OS));
	assert_int_equal(doc_kind_failed(KIND_AUDIO), ANSWER_AUDIONAME);
	assert_int_equal(doc_kind_failed(KIND_PDF), ANSWER_NAMES);
}

static int
set_up(void **state)
{
	settings_defaults(&settings, "/tmp");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
