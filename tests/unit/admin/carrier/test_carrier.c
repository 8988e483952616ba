/* the rules of the carrier to test with; what it finds wrong is tested end to end */
#include "unit.h"

#include "admin/carrier/carrier.h"

static struct carrier_rules rules;
static char err[CARRIER_ERR];

static const struct carrier_rule *
first(const char *text)
{
	memset(&rules, 0, sizeof rules);
	assert_int_equal(carrier_rules_read(&rules, text, err), 0);
	return &rules.rule[0];
}

static void
test_words(void **state)
{
	const struct carrier_rule *r = first(
	    "# a comment\n\n  to=15* mms delay=0.25 report=forwarded,delivered report-delay=2 "
	    "handset=\"Apple iPhone 14\" text=\"a # b\" times=3 # more\n");

	assert_int_equal(rules.n, 2);
	assert_string_equal(r->to, "15*");
	assert_true(r->mms && !r->sms);
	assert_int_equal(r->action, ACTION_ACCEPT);
	assert_int_equal(r->delay_ms, 250);
	assert_int_equal(r->report_delay_ms, 2000);
	assert_string_equal(r->report, "forwarded,delivered");
	assert_string_equal(r->handset, "Apple iPhone 14");
	assert_string_equal(r->text, "a # b");
	assert_int_equal(r->times, 3);
	r = first(
	    "refuse\nrefuse=2004\nerror\nerror=500\nlose report=none\ndrop sms\nrefuse-size=300000");
	assert_int_equal(rules.n, 8);
	assert_int_equal(r[0].action, ACTION_REFUSE);
	assert_int_equal(r[0].code, 2001);
	assert_int_equal(r[1].code, 2004);
	assert_true(r[0].mms && r[0].sms && strcmp(r[0].to, "*") == 0);
	assert_int_equal(r[3].action, ACTION_ERROR);
	assert_int_equal(r[3].code, 500);
	assert_int_equal(r[4].action, ACTION_LOSE);
	assert_string_equal(r[4].report, "");
	assert_true(r[5].action == ACTION_DROP && r[5].sms && !r[5].mms);
	assert_int_equal(r[6].max_bytes, 300000);
}

static void
test_no_rules(void **state)
{
	static const struct {
		const char *text, *says;
	} t[] = {
		{ "accept\n\nbogus", "line 3: 'bogus'" },
		{ "delay=1.2345", "line 1" },
		{ "delay=.", "delay=" },
		{ "delay=", "delay=" },
		{ "refuse=1000", "refuse=" },
		{ "error=399", "error=" },
		{ "times=0", "times=" },
		{ "report=delivered,x", "report is" },
		{ "to=1234567890123456789012345678901234567890123456789012345678901234567890",
		    "too long" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		memset(&rules, 0, sizeof rules);
		assert_int_equal(carrier_rules_read(&rules, t[i].text, err), -1);
		if (strstr(err, t[i].says) == NULL)
			fail_msg("%s", err);
	}
}

static void
test_match(void **state)
{
	(void)first("to=155* mms error times=2\nto=155* mms refuse\nto=1 lose\nsms drop");
	assert_int_equal(carrier_rules_match(&rules, true, "15500")->action, ACTION_ERROR);
	assert_int_equal(carrier_rules_match(&rules, false, "15500")->action, ACTION_DROP);
	assert_int_equal(carrier_rules_match(&rules, true, "155")->action, ACTION_ERROR);
	assert_int_equal(carrier_rules_match(&rules, true, "15500")->action, ACTION_REFUSE);
	assert_int_equal(carrier_rules_match(&rules, true, "1")->action, ACTION_LOSE);
	assert_int_equal(carrier_rules_match(&rules, true, "12")->action, ACTION_ACCEPT);
	assert_string_equal(carrier_rules_match(&rules, true, "")->report, "delivered");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_no_rules),
		cmocka_unit_test(test_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
