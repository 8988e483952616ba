/* The header Idempotency-Key, the fingerprint of a request, and which outcomes are kept. */
#include "unit.h"

#include "request/idempotency.h"

#define TEN "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define MOST HUNDRED HUNDRED TEN TEN TEN TEN TEN "01234"

static void
test_key(void **state)
{
	static const struct {
		const char *header, *key; /* NULL: malformed */
	} row[] = {
		{ "\"k1\"", "k1" },
		{ "k1", "k1" },
		{ " \t\"k1\"\t ", "k1" },
		{ " k1 ", "k1" },
		{ "\"a\\\"b\\\\c\"", "a\"b\\c" },
		{ "\"!#[]~'\"", "!#[]~'" },
		{ "8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324" },
		{ "a\\b;c=d", "a\\b;c=d" },
		{ MOST, MOST },
		{ "\"" MOST "\"", MOST },
		{ MOST "5", NULL },
		{ "\"" MOST "5\"", NULL },
		{ HUNDRED HUNDRED HUNDRED HUNDRED, NULL },
		{ "", NULL },
		{ "  ", NULL },
		{ "\"\"", NULL },
		{ "\"", NULL },
		{ "\"k1", NULL },
		{ "k1\"", NULL },
		{ "k\"1", NULL },
		{ "\"k1\\", NULL },
		{ "\"k1\\\"", NULL },
		{ "\"k\\1\"", NULL },
		{ "\"k1\"x", NULL },
		{ "\"k1\";a=b", "k1" }, /* parameters do not count */
		{ "\"k1\";p", "k1" },
		{ "\"k1\"; p=1;*q-.2=?0;r=:aGk=:;s=-1.5 \t", "k1" },
		{ "\"k1\";p=\"x, \\\"y\\\\\";q=a/b", "k1" },
		{ "\"k1\";", NULL },
		{ "\"k1\";;p", NULL },
		{ "\"k1\";P=1", NULL },
		{ "\"k1\";1=1", NULL },
		{ "\"k1\";p=", NULL },
		{ "\"k1\";p=\"x", NULL },
		{ "\"k1\";p=\"x\\", NULL },
		{ "\"k1\";p=\"x\\\"", NULL },
		{ "\"k1\";p=\"\xc3\"", NULL },
		{ "\"k1\" ;p=1", NULL },
		{ "\"k1\";p=1, \"k2\"", NULL },
		{ "\"k1\";p=1,\"k2\"", NULL },
		{ "\"k1\";p=\"a\"b", NULL },
		{ "\"k1,k2\"", "k1,k2" },
		{ "k1,k1", NULL },
		{ "\"k1\", \"k2\"", NULL }, /* two headers, joined */
		{ "k1, k2", NULL },
		{ "k 1", NULL },
		{ "\"k 1\"", NULL },
		{ "k\x7f", NULL },
		{ "\"k\x01\"", NULL },
		{ "k\xc3\xa4", NULL },
		{ "\"k\xc3\xa4\"", NULL },
	};

	for (size_t i = 0; i < COUNT(row); i++) {
		char out[IDEMPOTENCY_KEY];
		bool ok = idempotency_key(row[i].header, out);

		if (ok != (row[i].key != NULL) || (ok && strcmp(out, row[i].key) != 0))
			fail_msg("%s: %d %s", row[i].header, ok, out);
	}
}

static void
print_of(const char *type, const char *body, char out[SHA256_HEX])
{
	idempotency_print(DIALECT_A, type, body, strlen(body), out);
}

/* The same bytes are another request in another dialect or charset. */
static void
test_print_of_a_body(void **state)
{
	static const struct {
		bool same; /* as the first */
		enum dialect dialect;
		const char *type, *body;
	} row[] = {
		{ true, DIALECT_A, "text/xml", "<a/>" },
		{ true, DIALECT_A, "", "<a/>" },
		{ true, DIALECT_A, "application/xml; version=1", "<a/>" },
		{ true, DIALECT_A, "multipart/form-data; boundary=x", "<a/>" },
		{ false, DIALECT_B, "text/xml", "<a/>" },
		{ false, DIALECT_C, "text/xml", "<a/>" },
		{ false, DIALECT_A, "text/xml; charset=utf-8", "<a/>" },
		{ false, DIALECT_A, "text/xml", "<b/>" },
		{ false, DIALECT_A, "text/xml", "" },
	};
	char first[SHA256_HEX], got[SHA256_HEX], other[SHA256_HEX];

	for (size_t i = 0; i < COUNT(row); i++) {
		idempotency_print(row[i].dialect, row[i].type, row[i].body, strlen(row[i].body),
		    i == 0 ? first : got);
		if (i > 0 && (strcmp(first, got) == 0) != row[i].same)
			fail_msg("row %zu", i);
	}
	print_of("text/xml; charset=utf-8", "<a/>", got);
	print_of("application/xml;Charset=\"UTF-8\"", "<a/>", other);
	assert_string_equal(got, other);
	print_of("text/xml; charset=iso-8859-1", "<a/>", other);
	assert_string_not_equal(got, other);
	print_of("multipart/form-data; boundary=x", "", got);
	idempotency_print(DIALECT_A, "", NULL, 0, other);
	assert_string_equal(got, other);
}

#define PART(name, type, bytes)                                                        \
	"\r\nContent-Disposition: form-data; name=\"" name "\"\r\nContent-Type: " type \
	"\r\n\r\n" bytes "\r\n--B"

static void
test_print_of_parts(void **state)
{
	static const struct {
		bool same; /* as the first */
		const char *boundary, *body;
	} row[] = {
		{ true, "B", "--B" PART("n", "text/plain", "v") PART("m", "a/b", "") "--\r\n" },
		{ true, "other",
		    "--other\r\nContent-Type: text/plain\r\n"
		    "content-disposition: form-data; name=n\r\n\r\nv\r\n--other\r\n"
		    "Content-Disposition: form-data; name=\"m\"\r\nContent-Type: a/b\r\n\r\n"
		    "\r\n--other--" },
		{ false, "B", "--B" PART("n", "text/plain", "v") "--\r\n" },
		{ false, "B", "--B" PART("m", "a/b", "") PART("n", "text/plain", "v") "--\r\n" },
		{ false, "B", "--B" PART("n", "text/html", "v") PART("m", "a/b", "") "--\r\n" },
		{ false, "B", "--B" PART("N", "text/plain", "v") PART("m", "a/b", "") "--\r\n" },
		{ false, "B", "--B" PART("n", "text/plain", "v ") PART("m", "a/b", "") "--\r\n" },
		{ false, "B", "--B" PART("n", "text/plain", "v") PART("m", "a/b", "") "" },
		{ false, "C", "--B" PART("n", "text/plain", "v") PART("m", "a/b", "") "--\r\n" },
	};
	char first[SHA256_HEX], got[SHA256_HEX];

	for (size_t i = 0; i < COUNT(row); i++) {
		char type[64];

		(void)snprintf(type, sizeof type, "multipart/form-data; boundary=%s",
		    row[i].boundary);
		print_of(type, row[i].body, i == 0 ? first : got);
		if (i > 0 && (strcmp(first, got) == 0) != row[i].same)
			fail_msg("row %zu", i);
	}
	idempotency_print(DIALECT_B, "multipart/form-data; boundary=B", row[0].body,
	    strlen(row[0].body), got);
	assert_string_not_equal(first, got);
	print_of("multipart/form-data; boundary=B; charset=utf-8", row[0].body, got);
	assert_string_not_equal(first, got);
}

/* A document that looks like the beginning of a multipart is a document: all of it counts. */
static void
test_print_of_a_document_in_front(void **state)
{
	static const char type[] = "multipart/form-data; boundary=B";
	char one[SHA256_HEX], two[SHA256_HEX];

	print_of(type, "<a/>\r\n--B" PART("n", "text/plain", "v") "--\r\n", one);
	print_of(type, "<b/>\r\n--B" PART("n", "text/plain", "v") "--\r\n", two);
	assert_string_not_equal(one, two);
}

/* Success, and the codes of the checks 4 to 17 (savemms-api(7), Checks); no others. */
static void
test_keeps(void **state)
{
	static const char kept[] =
	    " E311 E228 E652 E622 E312 E225 E313 E334 E226 E227 E224 E223 E1130 E1131 ";

	assert_true(idempotency_keeps(E_NONE));
	for (int e = E_NONE + 1; e < E_COUNT; e++) {
		char word[16];

		(void)snprintf(word, sizeof word, " %s ", error_code((enum api_error)e));
		assert_int_equal(idempotency_keeps((enum api_error)e), strstr(kept, word) != NULL);
		assert_int_equal(error_by_code(error_code((enum api_error)e)), e);
	}
	assert_int_equal(error_by_code("E999"), E_NONE);
	assert_int_equal(error_by_code(""), E_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_key),
		cmocka_unit_test(test_print_of_a_body),
		cmocka_unit_test(test_print_of_parts),
		cmocka_unit_test(test_print_of_a_document_in_front),
		cmocka_unit_test(test_keeps),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests_name("idempotency", tests, NULL, NULL);
}
