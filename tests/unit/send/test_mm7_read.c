/* MM7 as MMSCs really send it: charsets, multiparts, faults, ids, answers that are none; gzip */
#include "unit.h"

#include "base/arena.h"
#include "request/gunzip.h"
#include "request/xmltree.h"
#include "send/mm7.h"

#define ENVELOPE(inside) "<S:Envelope><S:Body>" inside "</S:Body></S:Envelope>"
#define RSP "<SubmitRsp><Status><StatusCode>1000</StatusCode></Status></SubmitRsp>"
#define STATUS(code) "<m:Status><m:StatusCode>" code "</m:StatusCode></m:Status>"
#define FAULT(detail) \
	ENVELOPE("<Fault><faultstring>s</faultstring><detail>" detail "</detail></Fault>")

static struct arena *a;

static const struct mm7 *
read_bytes(const char *type, const char *p, size_t n)
{
	const char *why;
	const struct mm7 *m = mm7_read(a, type, p, n, &why);

	assert_true((m == NULL) == (why != NULL));
	return m;
}

static const struct mm7 *
read_as(const char *type, const char *text)
{
	return read_bytes(type, text, strlen(text));
}

static void
test_charsets_of_messages(void **state)
{
	static const struct {
		const char *type, *text;
	} t[] = {
		{ "text/xml; charset=iso-8859-1", ENVELOPE("<a><Subject>\xe9</Subject></a>") },
		{ "text/xml",
		    "\r\n<?xml version='1.0' encoding='windows-1252'?>" ENVELOPE(
			"<a><Subject>\xe9</Subject></a>") },
		{ "", "\xef\xbb\xbf" ENVELOPE("<a><Subject>\xc3\xa9</Subject></a>") },
		{ "application/soap+xml; charset=\"utf-16\"",
		    ENVELOPE("<a><Subject>\xc3\xa9</Subject></a>") },
		{ "multipart/related; charset=koi8-r; boundary=b",
		    "--b\r\nContent-Type: text/xml; charset=latin1\r\n\r\n" ENVELOPE(
			"<a><Subject>\xe9</Subject></a>") "\r\n--b--\r\n" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct mm7 *m = read_as(t[i].type, t[i].text);

		if (m == NULL || strcmp(m->subject, "é") != 0)
			fail_msg("%s: %s", t[i].type, m != NULL ? m->subject : "nothing");
	}
	assert_null(read_as("text/xml; charset=nonsense", ENVELOPE("<a/>")));
}

/* The root part is the one that start names, however both are written, else the first. */
static void
test_root_parts(void **state)
{
	static const struct {
		const char *start, *id;
		bool second;
	} t[] = {
		{ "; start=\"<env>\"", "<env>", true },
		{ "; start=env", "<env>", true },
		{ "; start=\"<env>\"", "env", true },
		{ "; START='ENV'", "\"env\"", true },
		{ "; start=\"<Env>\"", "<eNV>", true },
		{ "", "<env>", false },
		{ "; start=\"<other>\"", "<env>", false },
		{ "; start=\"\"", "<env>", false },
		{ "; x=\"; start=env\"", "<env>", false },
	};
	char type[128], body[512];

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct mm7 *m;

		(void)snprintf(type, sizeof type, "multipart/related; boundary=\"b\"%s",
		    t[i].start);
		(void)snprintf(body, sizeof body,
		    "--b\r\n\r\n" ENVELOPE("<first/>") "\r\n--b\r\nContent-ID: %s\r\n\r\n" ENVELOPE(
			"<second/>") "\r\n--b--",
		    t[i].id);
		m = read_as(type, body);
		if (m == NULL || strcmp(m->name, t[i].second ? "second" : "first") != 0)
			fail_msg("%s %s: %s", t[i].start, t[i].id, m != NULL ? m->name : "nothing");
	}
}

static void
test_faults(void **state)
{
	static const struct {
		const char *text;
		unsigned code;
	} t[] = {
		{ FAULT("<RSErrorRsp>" STATUS("2002") "</RSErrorRsp>"), 2002 },
		{ FAULT("<x/><RSErrorRsp>" STATUS("2002") "</RSErrorRsp>"), 2002 },
		{ FAULT(STATUS("2002")), 2002 },
		{ FAULT("<x/>" STATUS("2002")), 2002 },
		{ FAULT("<StatusCode>2002</StatusCode><StatusText>t</StatusText>"), 2002 },
		{ FAULT("<x/>"), 0 },
		{ FAULT(""), 0 },
		{ ENVELOPE("<SubmitRsp><StatusCode>1000</StatusCode></SubmitRsp>"), 1000 },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct mm7 *m = read_as("text/xml", t[i].text);

		if (m == NULL || m->code != t[i].code ||
		    (i + 1 < COUNT(t) && m->type != MM7_RS_ERROR))
			fail_msg("%s: %u", t[i].text, m != NULL ? m->code : 1);
	}
}

static void
test_ids(void **state)
{
	static const struct {
		const char *given, *kept;
	} t[] = {
		{ "m1", "m1" },
		{ "<m1@x>", "m1@x" },
		{ " \"<m1>\" ", "m1" },
		{ "'m1'", "m1" },
		{ "m<1>x", "m<1>x" },
		{ "", "" },
		{ "<>", "" },
	};
	char id[MM7_ID], other[MM7_ID], text[400];

	for (size_t i = 0; i < COUNT(t); i++) {
		mm7_id(t[i].given, id);
		assert_string_equal(id, t[i].kept);
	}
	memset(text, 'x', MM7_ID - 1);
	text[MM7_ID - 1] = '\0';
	mm7_id(text, id);
	assert_string_equal(id, text);
	/* longer ones: alike with brackets, different where one differs at its end only */
	(void)snprintf(text, sizeof text, "<%0300d1>", 0);
	mm7_id(text, id);
	assert_int_equal(strncmp(id, "sha256:", 7), 0);
	(void)snprintf(text, sizeof text, "%0300d1", 0);
	mm7_id(text, other);
	assert_string_equal(id, other);
	(void)snprintf(text, sizeof text, "%0300d2", 0);
	mm7_id(text, other);
	assert_string_not_equal(id, other);
}

static void
test_bodies(void **state)
{
	static const struct {
		const char *type, *text;
		enum mm7_body body;
	} t[] = {
		{ "", "", MM7_BODY_NONE },
		{ "text/xml", " \r\n", MM7_BODY_NONE },
		{ "text/html", "<!-- nothing -->", MM7_BODY_NONE },
		{ "text/xml", "<a", MM7_BODY_XML },
		{ "", "<?xml version='1.0'?><!-- x --><S:Envelope", MM7_BODY_XML },
		{ "", "<!DOCTYPE a><a/>", MM7_BODY_XML },
		{ "text/html", "<S:Envelope>", MM7_BODY_XML },
		{ "text/xml; charset=nonsense", "\x01\x02", MM7_BODY_XML },
		{ "application/soap+xml", "what", MM7_BODY_XML },
		{ "multipart/related; boundary=b", "--x", MM7_BODY_XML },
		{ "multipart/related; boundary=b", "", MM7_BODY_NONE },
		{ "multipart/related; boundary=b", "--b\r\n\r\n<html/>\r\n--b--", MM7_BODY_OTHER },
		{ "text/xml", "<html>", MM7_BODY_OTHER },
		{ "application/xhtml+xml", "what", MM7_BODY_OTHER },
		{ "", "<?xml version='1.0'?>\n<!doctype HTML PUBLIC ''><html/>", MM7_BODY_OTHER },
		{ "text/html", "<p>no</p>", MM7_BODY_OTHER },
		{ "text/plain", "OK", MM7_BODY_OTHER },
		{ "", "< b", MM7_BODY_OTHER },
		{ "application/json", "{}", MM7_BODY_OTHER },
	};
	static const char page[] = "\xff\xfe<\0h\0t\0m\0l\0>";

	for (size_t i = 0; i < COUNT(t); i++)
		if (mm7_body_of(a, t[i].type, t[i].text, strlen(t[i].text)) != t[i].body)
			fail_msg("%s: %s", t[i].type, t[i].text);
	assert_int_equal(mm7_body_of(a, "text/xml", page, sizeof page), MM7_BODY_OTHER);
}

static void
test_gunzip(void **state)
{
	static const char hello[] =
	    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07"
	    "\x00\x86\xa6\x10\x36\x05\x00\x00\x00";
	enum { N = sizeof hello - 1 };
	char two[2 * N], bad[N];
	size_t n;

	assert_string_equal(gunzip(a, hello, N, 100, &n), "hello");
	assert_int_equal(n, 5);
	assert_string_equal(gunzip(a, hello, N, 5, &n), "hello");
	assert_null(gunzip(a, hello, N, 4, &n));
	memcpy(two, hello, N);
	memcpy(two + N, hello, N);
	assert_string_equal(gunzip(a, two, sizeof two, 10, &n), "hellohello");
	assert_null(gunzip(a, two, sizeof two, 9, &n));
	for (size_t cut = 0; cut < N; cut++)
		assert_null(gunzip(a, hello, cut, 100, &n));
	assert_null(gunzip(a, two, N + 1, 100, &n));
	memcpy(bad, hello, N);
	bad[N - 5] ^= 1; /* of the CRC or the length */
	assert_null(gunzip(a, bad, N, 100, &n));
	assert_null(gunzip(a, "hello", 5, 100, &n));
	assert_false(arena_failed(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_charsets_of_messages),
		cmocka_unit_test(test_root_parts),
		cmocka_unit_test(test_faults),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_bodies),
		cmocka_unit_test(test_gunzip),
	};
	int rc;

	xmltree_init();
	if ((a = arena_new(64 << 20)) == NULL)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&a);
	return rc;
}
