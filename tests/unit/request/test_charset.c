/* charsets: which one a text is in, and what becomes of it (SPEC 1.3) */
#include "unit.h"

#include "request/mime_read.h"
#include "set_up.h"

static void
test_encodings(void **state)
{
	static const char utf16[] = "\xff\xfe<\0R\0E\0Q\0U\0E\0S\0T\0>\0"
				    "<\0N\0A\0M\0E\0>\0\x3d\xd8\x00\xde<\0/\0N\0A\0M\0E\0>\0"
				    "<\0/\0R\0E\0Q\0U\0E\0S\0T\0>";
	static const char utf8[] = "\xef\xbb\xbf<REQUEST><NAME>\xc3\xa9</NAME></REQUEST>";
	struct request *r;

	r = post("text/xml", utf8, sizeof utf8 - 1);
	assert_string_equal(r->name, "\xc3\xa9");
	/* the literal's NUL is the last unit's high byte */
	r = post("text/xml", utf16, sizeof utf16);
	assert_non_null(r);
	assert_string_equal(r->name, "\xf0\x9f\x98\x80");
	assert_null(post("text/xml", utf16, sizeof utf16 - 1));
	assert_int_equal(failure.code, E108);
}

/* Reads <NAME>BYTES</NAME> with these Content-Type and declaration ("": none). Returns the name, or
 * NULL when it was refused, with E108. */
static const char *
name_in(const char *type, const char *declared, const char *bytes)
{
	char doc[512];
	struct request *r;

	(void)snprintf(doc, sizeof doc, "%s%s%s<REQUEST><NAME>%s</NAME></REQUEST>",
	    declared[0] != '\0' ? "\n<?xml version='1.0' encoding = \"" : "", declared,
	    declared[0] != '\0' ? "\"?>" : "", bytes);
	if ((r = post(type, doc, strlen(doc))) != NULL)
		return r->name;
	assert_int_equal(failure.code, E108);
	return NULL;
}

static void
test_charsets(void **state)
{
	static const struct {
		const char *charset, *bytes, *text;
	} t[] = {
		{ "UTF-8", "\xc3\xa9", "é" },
		{ "us-ascii", "a", "a" },
		{ "ISO-8859-1", "\xe9", "é" },
		{ "latin1", "\xe9", "é" },
		{ "iso_8859-2", "\xb1", "ą" },
		{ "iso-8859-5", "\xb6", "Ж" },
		{ "iso-8859-6", "\xc7", "ا" },
		{ "iso-8859-7", "\xe1", "α" },
		{ "iso-8859-8", "\xe0", "א" },
		{ "iso-8859-9", "\xfd", "ı" },
		{ "iso-8859-15", "\xa4", "€" },
		{ "iso-8859-16", "\xaa", "Ș" },
		{ "windows-1250", "\xb9", "ą" },
		{ "cp1251", "\xc6", "Ж" },
		{ "windows-1252", "\x80", "€" },
		{ "windows-1253", "\xe1", "α" },
		{ "windows-1255", "\xe0", "א" },
		{ "windows-1256", "\xc7", "ا" },
		{ "windows-1258", "e\xec", "é" },
		{ "windows-874", "\xa1", "ก" },
		{ "KOI8-R", "\xf6", "Ж" },
		{ "koi8-u", "\xa4", "є" },
		{ "Shift_JIS", "\x93\xfa\x96{\\~", "日本\\~" },
		{ "shift-jis", "\xb1", "ｱ" },
		{ "EUC-JP", "\xc6\xfc\xcb\xdc", "日本" },
		{ "GB18030", "\xd6\xd0\x94\x39\xfc\x36", "中😀" },
		{ "gb2312", "\xd6\xd0", "中" },
		{ "Big5", "\xa4\xa4\xb3\x5c",
		    "中許" }, /* the second byte of the last is a backslash */
		{ "EUC-KR", "\xc7\xd1", "한" },
		/* UTF-16 said of 8-bit bytes */
		{ "utf-16", "\xc3\xa9", "é" },
		{ "UTF-16LE", "\xc3\xa9", "é" },
	};
	char type[64];

	for (size_t i = 0; i < COUNT(t); i++) {
		const char *declared = name_in("text/xml", t[i].charset, t[i].bytes), *given;

		(void)snprintf(type, sizeof type, "text/xml; charset=%s", t[i].charset);
		given = name_in(type, "", t[i].bytes);
		if (declared == NULL || given == NULL || strcmp(declared, t[i].text) != 0 ||
		    strcmp(given, t[i].text) != 0)
			fail_msg("%s: declared %s, given %s, not %s", t[i].charset,
			    declared != NULL ? declared : "nothing",
			    given != NULL ? given : "nothing", t[i].text);
	}
}

/* A byte order mark, else the header, else the declaration, else UTF-8. */
static void
test_which_charset(void **state)
{
	static const struct {
		const char *type, *declared, *bytes, *name;
	} t[] = {
		{ "text/xml; charset=iso-8859-1", "utf-8", "\xe9", "é" },
		{ "text/xml; charset=\"UTF-8\"", "iso-8859-1", "\xc3\xa9", "é" },
		{ "text/xml; charset=\"UTF-8\"", "nonsense", "\xc3\xa9", "é" },
		{ "text/xml; charset=", "iso-8859-1", "\xe9", "é" },
		{ "text/xml; charset=nonsense", "iso-8859-1", "\xe9", NULL },
		{ "text/xml; charset=utf-8", "", "\xe9", NULL },
		{ "text/xml; charset=us-ascii", "", "\xc3\xa9", NULL },
		{ "text/xml; charset=shift_jis", "", "\x81", NULL },
		{ "text/xml; charset=windows-1252", "", "\x81", NULL },
		{ "text/xml; charset=utf-7", "", "+AOk-", NULL },
		{ "text/xml; charset=iso-2022-jp", "", "x", NULL },
		{ "text/xml; charset=UTF-8//IGNORE", "", "\xc3", NULL },
		/* parameters inside quotes are no parameters */
		{ "text/xml; x=\"; charset=koi8-r\"; charset=iso-8859-1", "", "\xe9", "é" },
		{ "text/xml; x=\"\\\"; charset=koi8-r; \"", "iso-8859-1", "\xe9", "é" },
		{ "text/xml; xcharset=koi8-r", "iso-8859-1", "\xe9", "é" },
		/* raw XML in any type */
		{ "application/x-www-form-urlencoded; charset=iso-8859-1", "", "\xe9", "é" },
		{ "text/plain", "iso-8859-1", "\xe9", "é" },
	};

	static const char marked[] = "\xef\xbb\xbf<REQUEST><NAME>\xc3\xa9</NAME></REQUEST>";
	static const char big[] = "\0<\0R\0E\0Q\0U\0E\0S\0T\0>\0<\0N\0A\0M\0E\0>\0\xe9"
				  "\0<\0/\0N\0A\0M\0E\0>\0<\0/\0R\0E\0Q\0U\0E\0S\0T\0>";

	for (size_t i = 0; i < COUNT(t); i++) {
		const char *name = name_in(t[i].type, t[i].declared, t[i].bytes);

		if ((name == NULL) != (t[i].name == NULL) ||
		    (name != NULL && strcmp(name, t[i].name) != 0))
			fail_msg("%s, %s: %s", t[i].type, t[i].declared,
			    name != NULL ? name : "nothing");
	}
	assert_string_equal(post("text/xml; charset=koi8-r", marked, sizeof marked - 1)->name, "é");
	assert_string_equal(post("text/xml; charset=utf-16", big, sizeof big - 1)->name, "é");
}

#define PART "--b\r\nContent-Disposition: form-data; name=\""
#define DOC(name) "<REQUEST><NAME>" name "</NAME></REQUEST>"
#define DECLARED "<?xml version='1.0' encoding='iso-8859-1'?>"

/* The fields of a form are in the charset of their part, else of the form, and decoded when they
 * are read: an XML declaration in one does not count, except in a file's own bytes. */
static void
test_charsets_of_forms(void **state)
{
	static const char form[] = "application/x-www-form-urlencoded";
	static const char latin1[] = "application/x-www-form-urlencoded; charset=ISO-8859-1";
	static const char multi[] = "multipart/form-data; boundary=b";
	static const char multi1[] = "multipart/form-data; charset=iso-8859-1; boundary=b";
	static const struct {
		const char *type, *body, *name;
	} t[] = {
		{ latin1, "name=%E9", "é" },
		{ latin1, "name=\xe9", "é" },
		{ form, "name=%C3%A9", "é" },
		{ form, "name=%E9", NULL },
		{ "application/x-www-form-urlencoded; charset=utf-16", "name=%C3%A9", "é" },
		{ "application/x-www-form-urlencoded; charset=nonsense", "name=x", NULL },
		{ latin1, "xml=%3CREQUEST%3E%3CNAME%3E%E9%3C/NAME%3E%3C/REQUEST%3E", "é" },
		{ form, "xml=" DECLARED DOC("%C3%A9"), "é" },
		{ form, "xml=" DECLARED DOC("%E9"), NULL },
		{ multi,
		    PART "name\"\r\nContent-Type: text/plain; charset=windows-1251\r\n\r\n"
			 "\xc6\r\n--b--\r\n",
		    "Ж" },
		{ multi1, PART "name\"\r\n\r\n\xe9\r\n--b--\r\n", "é" },
		{ multi1,
		    PART
		    "name\"\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xc3\xa9\r\n--b--\r\n",
		    "é" },
		{ multi, PART "name\"\r\n\r\n\xe9\r\n--b--\r\n", NULL },
		{ multi,
		    PART "xml\"\r\nContent-Type: text/xml; charset=koi8-r\r\n\r\n" DOC(
			"\xf6") "\r\n--b--\r\n",
		    "Ж" },
		{ multi, PART "xml\"\r\n\r\n" DECLARED DOC("\xc3\xa9") "\r\n--b--\r\n", "é" },
		{ multi,
		    PART "xml\"; filename=\"a.xml\"\r\n\r\n" DECLARED DOC("\xe9") "\r\n--b--\r\n",
		    "é" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct request *r = post(t[i].type, t[i].body, strlen(t[i].body));

		if ((r == NULL) != (t[i].name == NULL) || (r == NULL && failure.code != E108) ||
		    (r != NULL && strcmp(r->name, t[i].name) != 0))
			fail_msg("row %zu: %s", i, r != NULL ? r->name : "nothing");
	}
}

static void
test_parameters(void **state)
{
	static const struct {
		const char *value, *name, *got;
	} t[] = {
		{ "form-data; name=a; filename=\"b;c\"", "filename", "b;c" },
		{ "form-data; filename=\"x; name=evil\"; name=good", "name", "good" },
		{ "form-data; filename=\"x\\\"; name=evil; y=\\\"\"; name=good", "name", "good" },
		{ "form-data; filename=\"C:\\dir\\f\"", "filename", "C:\\dir\\f" },
		{ "form-data; filename=\"a\\\"b\\\\c\"", "filename", "a\"b\\c" },
		{ "x;NAME=a", "name", "a" }, { "x; name=\"a", "name", NULL },
		{ "x; other=\"a; name=b", "name", NULL }, { "x; name", "name", NULL },
		{ "x; name=", "name", "" }, { "x; ;; name=a ; b=c", "b", "c" }, { "x", "x", NULL },
		{ "", "x", NULL },
		{ "x; name=\"0123456789012345678\"", "name", "0123456789012345678" },
		{ "x; name=\"01234567890123456789\"", "name", NULL }, /* does not fit */
	};
	char out[20];

	for (size_t i = 0; i < COUNT(t); i++) {
		bool got = mime_parameter(t[i].value, strlen(t[i].value), t[i].name, out,
		    sizeof out);

		if (got != (t[i].got != NULL) || (got && strcmp(out, t[i].got) != 0))
			fail_msg("%s: %s", t[i].value, got ? out : "nothing");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_charsets),
		cmocka_unit_test(test_which_charset),
		cmocka_unit_test(test_charsets_of_forms),
		cmocka_unit_test(test_parameters),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
