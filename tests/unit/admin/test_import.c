/* savemms account import: what answers mean, and the order of what files hold. */
#include "unit.h"

#include "admin/import/import.h"
#include "base/arena.h"
#include "request/json_tree.h"
#include "request/xmltree.h"

static struct arena *a;
static struct import_item items[IMPORT_ITEMS];
static struct import im;

static int
set_up(void **state)
{
	xmltree_init();
	json_tree_init();
	a = arena_new(64 << 20);
	im = (struct import){ .a = a, .key = "K", .item = items };
	return a == NULL;
}

static int
tear_down(void **state)
{
	arena_free(&a);
	return 0;
}

#define FAILED(code)                                         \
	"<RESPONSE><STATUS>Failure</STATUS><ERRORCODE>" code \
	"</ERRORCODE><ERRORINFO>i</ERRORINFO></RESPONSE>"

static void
test_answers(void **state)
{
	static const struct {
		long status;
		const char *body;
		enum import_verdict verdict;
		uint64_t mmsid;
		unsigned wait_s;
		const char *text;
	} row[] = {
		{ 200, "<RESPONSE><STATUS>Success</STATUS><MMSID>7</MMSID></RESPONSE>",
		    IMPORT_SAVED, 7, 0, "" },
		{ 200,
		    "<response><status>Success</status><mms-id>18446744073709551615</mms-id></response>",
		    IMPORT_SAVED, UINT64_MAX, 0, "" },
		{ 200, "<RESPONSE><STATUS>Success</STATUS><MMSID>0</MMSID></RESPONSE>", IMPORT_STOP,
		    0, 0, "HTTP 200, which is no answer of savemms" },
		{ 200, FAILED("E351"), IMPORT_REFUSED, 0, 0, "E351: i" },
		{ 200, FAILED("E225"), IMPORT_REFUSED, 0, 0, "E225: i" },
		{ 200, FAILED("E104"), IMPORT_STOP, 0, 0, "E104: i: is this the server" },
		{ 200, FAILED("E105"), IMPORT_STOP, 0, 0, "E105: i: see" },
		{ 200, FAILED("E106"), IMPORT_LATER, 0, 30, "E106: i" },
		{ 200, FAILED("E107"), IMPORT_STOP, 0, 0, "E107: i: allow saveMMS" },
		{ 200, FAILED("E109"), IMPORT_STOP, 0, 0, "E109: i: see" },
		{ 200, FAILED("E112"), IMPORT_STOP, 0, 0, "E112: i: allow" },
		{ 200, FAILED("E113"), IMPORT_LATER, 0, 1, "E113: i" },
		{ 200, FAILED("E120"), IMPORT_STOP, 0, 0, "E120: i: go on tomorrow" },
		{ 503, FAILED("E503"), IMPORT_LATER, 0, 5, "E503: i" },
		{ 503, "busy", IMPORT_LATER, 0, 5, "HTTP 503" },
		{ 409, FAILED("E100"), IMPORT_LATER, 0, 30, "HTTP 409, as an earlier request" },
		{ 200, FAILED("E9\302\2332J"), IMPORT_REFUSED, 0, 0, "an unknown code: i" },
		{ 200, FAILED("E10012345"), IMPORT_REFUSED, 0, 0, "an unknown code: i" },
		{ 200, FAILED("E1001234"), IMPORT_REFUSED, 0, 0, "E1001234: i" },
		{ 404, "<html>", IMPORT_STOP, 0, 0, "HTTP 404, which is no answer" },
		{ 200, "", IMPORT_STOP, 0, 0, "HTTP 200, which is no answer" },
		{ 200, "{\"mms-id\":\"7\"}", IMPORT_STOP, 0, 0, "HTTP 200" },
		{ 200, "<!DOCTYPE x><RESPONSE><MMSID>7</MMSID></RESPONSE>", IMPORT_STOP, 0, 0,
		    "HTTP 200" },
		{ 0, "refused", IMPORT_STOP, 0, 0, "the server does not answer: refused" },
	};
	static struct account ac = { .min_interval = 30 };

	for (size_t i = 0; i < COUNT(row); i++) {
		struct import_answer got;

		import_answer_judge(a, &ac, row[i].status, row[i].body, &got);
		assert_int_equal(got.verdict, row[i].verdict);
		assert_true(got.mmsid == row[i].mmsid);
		assert_true(got.gone == (strstr(row[i].body, "E351") != NULL));
		assert_int_equal(got.wait_s, row[i].wait_s);
		assert_memory_equal(got.text, row[i].text, strlen(row[i].text));
	}
}

static void
test_an_interval_that_is_too_long(void **state)
{
	static const struct {
		uint64_t interval;
		enum import_verdict verdict;
		unsigned wait_s;
	} row[] = { { 0, IMPORT_LATER, 1 }, { 60, IMPORT_LATER, 60 }, { 61, IMPORT_STOP, 61 },
		{ 86400, IMPORT_STOP, 86400 } };

	for (size_t i = 0; i < COUNT(row); i++) {
		static struct account ac;
		struct import_answer got;

		ac.min_interval = row[i].interval;
		import_answer_judge(a, &ac, 200, FAILED("E106"), &got);
		assert_int_equal(got.verdict, row[i].verdict);
		assert_int_equal(got.wait_s, row[i].wait_s);
	}
}

static bool
read_text(const char *text, const char **why)
{
	return import_read(&im, text, strlen(text), why);
}

static void
test_one_item_of_an_id_and_the_oldest_first(void **state)
{
	static const char list[] = "{\"total-results\":7,\"mms-template\":["
				   "{\"mms-id\":\"c\",\"date-created\":\"2026-01-03\"},"
				   "{\"mms-id\":\"b\",\"date-created\":\"2026-01-02T00:00:00Z\"},"
				   "{\"mms-id\":\"y\"},{\"mms-id\":\"x\"},"
				   "{\"mms-id\":\"a\",\"date-created\":\"2026-01-01\"}]}",
			  b[] = "<response><mms-id>b</mms-id><name>n</name>"
				"<date-created>2026-01-02T00:00:00+00:00</date-created>"
				"<slide><message-text>t &amp; u</message-text></slide></response>";
	static const char *const order[] = { "x", "y", "a", "b", "c" };
	const char *why;

	assert_true(read_text(list, &why) && read_text(b, &why) && read_text(list, &why));
	assert_int_equal(im.n, 11);
	assert_int_equal(im.listed, 10);
	assert_int_equal(im.described, 1);
	assert_int_equal(im.total, 7);
	import_items_unite(&im);
	assert_int_equal(im.n, 5);
	assert_true(import_items_find(&im, "b")->described);
	assert_null(import_items_find(&im, "d"));
	import_items_by_age(&im);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(im.item[i].old, order[i]);
	assert_int_equal(im.item[3].dialect, DIALECT_B);
	assert_non_null(strstr(im.item[3].body, "<API_KEY>K</API_KEY>"));
	assert_non_null(strstr(im.item[3].body, "<TEXT>t &amp; u</TEXT>"));
	assert_non_null(strstr(im.item[3].body, "<CLIENT_REFERENCE>b</CLIENT_REFERENCE>"));
	assert_null(im.item[2].body);
	assert_non_null(im.item[2].why);
}

#define IN_TEMPLATE(inside) \
	"<RESPONSE><STATUS>Success</STATUS><MMS_TEMPLATE>" inside "</MMS_TEMPLATE></RESPONSE>"

static void
test_where_the_id_stands_and_the_dialect_of_its_name(void **state)
{
	static const struct {
		const char *text;
		enum dialect dialect;
	} row[] = {
		{ IN_TEMPLATE("<MMSID>77</MMSID><SLIDE><TEXT>x</TEXT></SLIDE>"), DIALECT_A },
		{ IN_TEMPLATE("<mms-id>77</mms-id><SLIDE><TEXT>x</TEXT></SLIDE>"), DIALECT_B },
		{ IN_TEMPLATE("<CONTENT><MMSID>77</MMSID></CONTENT><SLIDE><TEXT>x</TEXT></SLIDE>"),
		    DIALECT_A },
		{ IN_TEMPLATE(
		      "<content><mms-id>77</mms-id></content><SLIDE><TEXT>x</TEXT></SLIDE>"),
		    DIALECT_B },
		{ IN_TEMPLATE("<MMSID/><CONTENT><MMSID>77</MMSID></CONTENT>"
			      "<SLIDE><TEXT>x</TEXT></SLIDE>"),
		    DIALECT_A },
		{ "{\"mms-id\":\"77\",\"slide\":[{\"message-text\":\"x\"}]}", DIALECT_B },
		{ "{\"MMSID\":\"77\",\"slide\":[{\"message-text\":\"x\"}]}", DIALECT_B },
	};
	const char *why;

	for (size_t i = 0; i < COUNT(row); i++) {
		assert_true(read_text(row[i].text, &why));
		assert_int_equal(im.n, i + 1);
		assert_string_equal(im.item[i].old, "77");
		assert_int_equal(im.item[i].dialect, row[i].dialect);
		assert_non_null(im.item[i].body);
	}
	assert_true(read_text(IN_TEMPLATE("<CONTENT><X>77</X></CONTENT>"), &why));
	assert_int_equal(im.unnamed, 1);
}

static void
test_no_part_of_a_slide_is_lost(void **state)
{
	static const struct {
		const char *text, *why; /* NULL: all of it is in the request */
	} row[] = {
		{ IN_TEMPLATE("<MMSID>1</MMSID><SLIDE><TEXT>x</TEXT><ID>3</ID></SLIDE>"), NULL },
		{ IN_TEMPLATE("<MMSID>1</MMSID><SLIDE><TEXT>x</TEXT><SLIDESHOW><URL>u</URL>"
			      "</SLIDESHOW></SLIDE>"),
		    "slide 1 has a medium of an unknown kind" },
		{ IN_TEMPLATE("<MMSID>1</MMSID><SLIDE><TEXT>x</TEXT></SLIDE><SLIDE><X><Y><URL>u"
			      "</URL></Y></X></SLIDE>"),
		    "slide 2 has a medium of an unknown kind" },
		{ IN_TEMPLATE("<MMSID>1</MMSID><SLIDE><PERSONALIZED-IMAGE><URL>u</URL>"
			      "</PERSONALIZED-IMAGE></SLIDE>"),
		    "slide 1 has a medium of an unknown kind" },
		{ IN_TEMPLATE("<MMSID>1</MMSID><SLIDE><TEXT>x</TEXT><TEXT>y</TEXT></SLIDE>"),
		    "slide 1 has two texts" },
		{ IN_TEMPLATE(
		      "<MMSID>1</MMSID><SLIDE><TEXT>x</TEXT><TEXT> <b>y</b></TEXT></SLIDE>"),
		    "slide 1 has two texts" },
		{ IN_TEMPLATE("<MMSID>1</MMSID><SLIDE><TEXT/><TEXT>x</TEXT></SLIDE>"), NULL },
		{ IN_TEMPLATE("<MMSID>1</MMSID><CONTENT><SEQUENCE><SLIDE><TEXT>x</TEXT>"
			      "</SLIDE></SEQUENCE></CONTENT>"),
		    NULL },
		{ IN_TEMPLATE("<MMSID>1</MMSID><CONTENT><SEQUENCE><SLIDE><TEXT>x</TEXT></SLIDE>"
			      "<SLIDE><IMAGE><X>u</X></IMAGE></SLIDE></SEQUENCE></CONTENT>"),
		    "a medium of slide 2 has no URL" },
		{ IN_TEMPLATE("<MMSID>1</MMSID><SLIDE><TEXT>x</TEXT></SLIDE>"
			      "<SLIDES><SLIDE><TEXT>y</TEXT></SLIDE></SLIDES>"),
		    "slides of it stand where none are looked for" },
		{ IN_TEMPLATE("<MMSID>1</MMSID><SLIDE><TEXT>x</TEXT>"
			      "<SLIDE><TEXT>y</TEXT></SLIDE></SLIDE>"),
		    "slides of it stand where none are looked for" },
		{ "{\"mms-id\":\"1\",\"content\":{\"slide\":[{\"message-text\":\"x\"}]}}",
		    "slides of it stand where none are looked for" },
		{ "{\"mms-id\":\"1\",\"slide\":[{\"message-text\":\"x\",\"image\":"
		  "[{\"url\":\"u\"}]}]}",
		    "slide 1 has a part of a wrong type" },
		{ "{\"mms-id\":\"1\",\"slide\":[{\"message-text\":5}]}",
		    "slide 1 has a part of a wrong type" },
		{ "{\"mms-id\":\"1\",\"slide\":[{\"message-text\":\"x\"},{\"pptx\":"
		  "{\"url\":\"u\"}}]}",
		    "slide 2 has a medium of an unknown kind" },
	};
	const char *why;

	for (size_t i = 0; i < COUNT(row); i++) {
		assert_true(read_text(row[i].text, &why));
		if (row[i].why == NULL)
			assert_non_null(strstr(im.item[i].body, "<TEXT>x</TEXT>"));
		else
			assert_string_equal(im.item[i].why, row[i].why);
		assert_true((im.item[i].body == NULL) == (row[i].why != NULL));
	}
}

static void
test_renditions_of_slides_in_a_sequence(void **state)
{
	static const char text[] = IN_TEMPLATE(
	    "<MMSID>1</MMSID><CONTENT><SEQUENCE><SLIDE><TEXT>x</TEXT></SLIDE><SLIDE><IMAGE>"
	    "<URL>http://h/s</URL><RENDITION><URL>http://h/r</URL></RENDITION></IMAGE></SLIDE>"
	    "</SEQUENCE></CONTENT>");
	const char *why;

	assert_true(read_text(text, &why));
	assert_non_null(strstr(im.item[0].body, "http://h/s"));
	assert_non_null(strstr(im.item[0].spare, "http://h/r"));
	assert_null(strstr(im.item[0].spare, "http://h/s"));
}

static void
test_names_as_they_are_stored(void **state)
{
	static const struct {
		const char *name, *stored;
	} row[] = {
		{ "n", "n" },
		{ "Tom & \"Jerry\" <3 ]]> é", "Tom & \"Jerry\" <3 ]]> é" },
		{ "a\xef\xbf\xbe b", "a\xef\xbf\xbd b" },
		{ "a\xef\xbf\xbf b", "a\xef\xbf\xbd b" },
		{ "a\r\nb\rc\td", "a\r\nb\rc\td" },
		{ " \xc2\x85 a \n", "\xc2\x85 a" },
	};

	for (size_t i = 0; i < COUNT(row); i++)
		assert_string_equal(import_name(a, row[i].name), row[i].stored);
}

static void
test_references_and_names(void **state)
{
	static const char t[] =
	    "<RESPONSE><MMSID>5</MMSID>"
	    "<CLIENT_REFERENCE>own</CLIENT_REFERENCE><SLIDE><TEXT>t</TEXT></SLIDE>"
	    "</RESPONSE>";
	const char *why;

	im.own_reference = true;
	assert_true(read_text(t, &why));
	assert_non_null(strstr(im.item[0].body, "<CLIENT_REFERENCE>own<"));
	assert_non_null(strstr(im.item[0].body, "<NAME>5</NAME>"));
	im.own_reference = false;
	assert_true(read_text(t, &why));
	assert_non_null(strstr(im.item[1].body, "<CLIENT_REFERENCE>5<"));
}

static void
test_memory_that_is_short_is_no_fault_of_the_file(void **state)
{
	const char *why = "";

	arena_free(&a);
	a = arena_new(1 << 10);
	assert_non_null(a);
	im.a = a;
	for (int i = 0; i < 100; i++)
		if (!read_text("<R><MMSID>5</MMSID><SLIDE><TEXT>t</TEXT></SLIDE></R>", &why)) {
			assert_null(why);
			return;
		}
	fail();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_an_interval_that_is_too_long, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_one_item_of_an_id_and_the_oldest_first, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(
		    test_where_the_id_stands_and_the_dialect_of_its_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_part_of_a_slide_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_renditions_of_slides_in_a_sequence, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_names_as_they_are_stored, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_references_and_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_memory_that_is_short_is_no_fault_of_the_file,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
