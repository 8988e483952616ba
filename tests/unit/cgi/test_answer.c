/* answer: the header lines of an answer, also when memory is short. */
#include "unit.h"

#include <strings.h>

#include "cgi/answer.h"
#include "cgi/answer_doc.h"
#include "cgi/http.h"
#include "model/settings.h"

static char sent[4096]; /* what was written last */
static const char *uri;

static const char *
param(void *ctx, const char *name)
{
	return strcmp(name, "REQUEST_URI") == 0 ? uri :
	    strcmp(name, "REQUEST_METHOD") == 0 ? "POST" :
						  NULL;
}

static bool
keep(void *ctx, const char *p, size_t n)
{
	assert_true(n < sizeof sent);
	memcpy(sent, p, n);
	sent[n] = '\0';
	return true;
}

static bool
has(const char *text)
{
	return strstr(sent, text) != NULL;
}

/* Checks what every refusal has, in this dialect. */
static void
check(enum dialect d, const char *document)
{
	const char *id = strstr(sent, "X-Request-Id: ");

	assert_int_equal(strncmp(sent, "Status: 503 ", 12), 0);
	assert_non_null(id);
	assert_int_equal(strcspn(id + 14, "\r\n"), HTTP_OWN_ID);
	assert_true(has("X-Content-Type-Options: nosniff\r\n"));
	assert_true(has("Cache-Control: no-store\r\n"));
	assert_true(has("Retry-After: "));
	assert_int_equal(has("Vary: Accept\r\n"), d != DIALECT_C);
	assert_int_equal(has("Content-Type: application/json; charset=utf-8\r\n"), d == DIALECT_C);
	assert_true(has(document));
}

static void
test_refusals(void **state)
{
	static const struct {
		const char *uri;
		enum dialect dialect;
		const char *document;
	} t[] = {
		{ "/API/wxml/1.3/", DIALECT_A, "<ERRORCODE>E503</ERRORCODE>" },
		{ "/mms/ep/v1/", DIALECT_B, "<error-code>E503</error-code>" },
		{ "/ep/v2/", DIALECT_C, "\"error-code\":\"E503\"" },
	};
	static const struct failure busy = { .code = E503 };
	static struct settings s;

	for (size_t i = 0; i < COUNT(t); i++) {
		struct http h = { .param = param, .write = keep };
		struct answer a;

		uri = t[i].uri;
		answer_refuse(&h, &s);
		check(t[i].dialect, t[i].document);

		/* the same with no memory for the document */
		answer_init(&a);
		http_open(&h);
		answer_identify(&a, &h, &s);
		answer_speak(&a, &h, t[i].dialect, "plain");
		answer_failure(&a, 503, &busy);
		a.body.failed = true;
		assert_true(answer_send(&a, &h));
		check(t[i].dialect, t[i].document);
		answer_end(&a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
