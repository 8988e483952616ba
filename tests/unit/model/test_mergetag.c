/* mergetag_fill(): what values become in texts, XML and HTML, and what it costs. */
#include "unit.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/xmlout.h"
#include "model/mergetag.h"
#include "model/message.h"

/* Sorted without regard to case. */
static const struct message_var vars[] = {
	{ "a", "1" },
	{ "ab", "2" },
	{ "B", "x" },
	{ "blank", " \t" },
	{ "empty", "" },
	{ "first_name", "Ann" },
	{ "N1", "n1" },
	{ "z", "last" },
};

static const char *
filled(struct buf *b, const char *text, const struct message_var *var, size_t nvar,
    mergetag_put *put)
{
	buf_reset(b);
	mergetag_fill(b, text, var, nvar, put);
	assert_true(buf_ok(b));
	return buf_str(b);
}

static void
test_values(void **state)
{
	static const struct {
		const char *text, *want;
	} row[] = {
		{ "", "" },
		{ "no tag", "no tag" },
		{ "Hi {$first_name}!", "Hi Ann!" },
		{ "{$FIRST_NAME}{$First_Name|x}", "AnnAnn" },
		{ "{$a}{$ab}{$A}{$AB}", "1212" },
		{ "{$b}{$n1}{$Z}", "xn1last" },
		{ "{$none}", "" },
		{ "{$none|}", "" },
		{ "{$none|friend}", "friend" },
		{ "{$blank|b}{$empty|e}", "be" },
		{ "{$blank}", "" },
		{ "{$abc|no}{$aa|no}{$_|no}", "nonono" },
		{ "{$none|{$a}}", "{$a}" }, /* a default ends at the first brace and is text */
		{ "{a} {$} {$1} {$a-b} {$a", "{a} {$} {$1} {$a-b} {$a" },
		{ "{ $a} {$ a} {{$a}}", "{ $a} {$ a} {1}" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(row); i++)
		assert_string_equal(filled(&b, row[i].text, vars, COUNT(vars), mergetag_plain),
		    row[i].want);
	assert_string_equal(filled(&b, "{$a|d}", NULL, 0, mergetag_plain), "d");
	buf_free(&b);
}

static void
test_hostile(void **state)
{
	static const struct {
		const char *value, *plain, *xml, *html;
	} row[] = {
		{ "<b>&amp;\"'", "<b>&amp;\"'", "&lt;b&gt;&amp;amp;&quot;'",
		    "&lt;b&gt;&amp;amp;&quot;&#39;" },
		{ "]]>", "]]>", "]]&gt;", "]]&gt;" },
		{ "&lt;", "&lt;", "&amp;lt;", "&amp;lt;" },
		{ "{$a}", "{$a}", "{$a}", "{$a}" },
		{ "{$x}", "{$x}", "{$x}", "{$x}" },
		{ "}{$a|", "}{$a|", "}{$a|", "}{$a|" },
		{ "1\r\n2\r3\n4", "1\n2\n3\n4", "1&#13;\n2&#13;3\n4", "1&#13;\n2&#13;3\n4" },
		{ "a\x01\x1b\177b\tc", "ab\tc", "a\xef\xbf\xbd\xef\xbf\xbd\177b\tc",
		    "a\xef\xbf\xbd\xef\xbf\xbd\177b\tc" },
		{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
		{ "\xef\xbf\xbf", "\xef\xbf\xbf", "\xef\xbf\xbd", "\xef\xbf\xbd" },
		{ "nul\0after", "nul", "nul", "nul" },
		{ "<par/><img src=\"x\" onerror='y'>", "<par/><img src=\"x\" onerror='y'>",
		    "&lt;par/&gt;&lt;img src=&quot;x&quot; onerror='y'&gt;",
		    "&lt;par/&gt;&lt;img src=&quot;x&quot; onerror=&#39;y&#39;&gt;" },
	};
	char want[300], def[200];
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(row); i++) {
		const struct message_var v = { "x", row[i].value };
		const struct {
			mergetag_put *put;
			const char *want;
		} as[] = {
			{ mergetag_plain, row[i].plain },
			{ xml_bytes, row[i].xml },
			{ html_bytes, row[i].html },
		};

		for (size_t k = 0; k < COUNT(as); k++) {
			(void)snprintf(want, sizeof want, "(%s)", as[k].want);
			assert_string_equal(filled(&b, "({$x|d})", &v, 1, as[k].put), want);
			if (strchr(row[i].value, '}') != NULL)
				continue;
			/* a default is as hostile */
			(void)snprintf(def, sizeof def, "({$none|%s})", row[i].value);
			assert_string_equal(filled(&b, def, &v, 1, as[k].put), want);
		}
	}
	buf_free(&b);
}

static void
test_cap(void **state)
{
	const struct message_var v = { "x", "0123456789" };
	struct buf b;

	buf_init(&b, 25);
	mergetag_fill(&b, "{$x}{$x}{$x}{$x}", &v, 1, mergetag_plain);
	assert_true(b.failed && b.full && b.len == 20);
	buf_free(&b);
}

/* Times the filling of the text n bytes long, the best of several. */
static int64_t
cost(const char *unit, size_t n)
{
	char *text = malloc(n + 1);
	int64_t best = INT64_MAX;
	struct buf b;

	assert_non_null(text);
	for (size_t i = 0; i < n; i++)
		text[i] = unit[i % strlen(unit)];
	text[n] = '\0';
	buf_init(&b, 100 * n);
	for (int i = 0; i < 15; i++) {
		int64_t from = clock_mono();

		(void)filled(&b, text, vars, COUNT(vars), mergetag_plain);
		best = clock_mono() - from < best ? clock_mono() - from : best;
	}
	buf_free(&b);
	free(text);
	return best > 0 ? best : 1;
}

/* Quadratic would be a hundred times. */
static void
test_linear(void **state)
{
	static const char *const unit[] = { "{$a}", "{$a|", "{$aaaaaaaaa", "{$none|d}", "{", "{$",
		"{$a|{$b}" };

	for (size_t i = 0; i < COUNT(unit); i++) {
		int64_t one = cost(unit[i], 5000), ten = cost(unit[i], 50000);

		if (ten > 40 * one)
			fail_msg("%s: %lld us for 5,000 characters, %lld for ten times that",
			    unit[i], (long long)one, (long long)ten);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_cap),
		cmocka_unit_test(test_linear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
