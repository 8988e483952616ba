/* url_text, http_client_url: URLs as people write them, and those that are refused */
#include "unit.h"

#include "base/buf.h"
#include "model/settings.h"
#include "net/http_client_url.h"
#include "net/url_text.h"

enum { LONG = 8192 };

static struct settings settings;

static int
set_up(void **state)
{
	(void)state;
	settings_defaults(&settings, "/nonexistent");
	return 0;
}

/* Returns the URL as it is called, or "" when it is refused. */
static const char *
checked(const char *url, const char *base, unsigned how)
{
	static char out[LONG];
	struct http_client_url u = { .url = url,
		.base = base,
		.how = how,
		.out = out,
		.size = sizeof out };

	if (!http_client_url_check(&settings, &u)) {
		assert_non_null(u.why);
		out[0] = '\0';
	}
	return out;
}

#define HOST "http://shop.example"

static void
test_as_people_write_them(void **state)
{
	static const struct {
		const char *url, *called;
	} t[] = {
		{ HOST "/a.jpg", HOST "/a.jpg" },
		{ " \r\n" HOST "/a.jpg\t ", HOST "/a.jpg" },
		{ HOST "/my photo.jpg", HOST "/my%20photo.jpg" },
		{ HOST "/a\n b\tc.jpg", HOST "/a%20bc.jpg" },
		{ HOST "/gr\xc3\xbc\xc3\x9f"
		       "e.jpg",
		    HOST "/gr%C3%BC%C3%9Fe.jpg" },
		{ HOST "/\xf0\x9f\x98\x80.png", HOST "/%F0%9F%98%80.png" },
		{ HOST "/a|b[1]\"^`{}<>.jpg", HOST "/a%7Cb%5B1%5D%22%5E%60%7B%7D%3C%3E.jpg" },
		{ HOST "/a\\b.jpg", HOST "/a/b.jpg" },
		{ HOST "/\x01\x7f.jpg", HOST "/%01%7F.jpg" },
		{ HOST "?a b=[\xc3\xa9]|{\\}#end", HOST "/?a%20b=%5B%C3%A9%5D%7C%7B%5C%7D" },
		{ HOST "/?a?b/c", HOST "/?a?b/c" },
		/* what is encoded or allowed stays as it is */
		{ HOST "/a%2fb%2F%20%zz%.jpg", HOST "/a%2fb%2F%20%zz%.jpg" },
		{ HOST "/-._~!$&'()*+,;=:@/x", HOST "/-._~!$&'()*+,;=:@/x" },
		{ HOST "/a/./b/../c.jpg", HOST "/a/c.jpg" },
		{ HOST "/a.jpg#part one", HOST "/a.jpg" },
		{ HOST, HOST "/" },
		{ "HTTP://shop.example:80/a", "http://shop.example:80/a" },
		{ "https://[2001:db8::1]/a b", "https://[2001:db8::1]/a%20b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		char once[LONG];

		(void)snprintf(once, sizeof once, "%s", checked(t[i].url, NULL, 0));
		assert_string_equal(once, t[i].called);
		assert_string_equal(checked(once, NULL, 0), once);
	}
	assert_string_equal(checked(HOST "/a b?x=1#y", NULL, HTTP_CLIENT_BARE), HOST "/a%20b");
}

static void
test_hosts_in_any_script(void **state)
{
	static const struct {
		const char *host, *called;
	} t[] = {
		{ "b\xc3\xbc"
		  "cher.example",
		    "xn--bcher-kva.example" },
		{ "B\xc3\x9c"
		  "CHER.Example",
		    "xn--bcher-kva.example" },
		{ "bu\xcc\x88"
		  "cher.example",
		    "xn--bcher-kva.example" }, /* not composed */
		{ "\xe4\xbe\x8b\xe3\x81\x88.example:80", "xn--r8jz45g.example:80" },
		{ "a\xe3\x80\x82"
		  "b.example",
		    "a.b.example" }, /* the ideographic full stop */
		{ "my_host.example", "my_host.example" },
		/* digits of another width are an address, in whatever form it is written */
		{ "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1", "127.0.0.1" },
		{ "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.1", "127.0.0.1" },
		{ "\xef\xbc\x90x7f.1", "127.0.0.1" },
	};
	char url[256], called[256];

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		(void)snprintf(url, sizeof url, "http://%s/\xc3\xa9.jpg", t[i].host);
		(void)snprintf(called, sizeof called, "http://%s/%%C3%%A9.jpg", t[i].called);
		assert_string_equal(checked(url, NULL, 0), called);
		assert_string_equal(checked(called, NULL, 0), called);
	}
}

static void
test_refused(void **state)
{
	static const char *const t[] = {
		"", " ", "a.jpg", "/a.jpg", "//shop.example/a.jpg", "http:/shop.example/a.jpg",
		"http:\\\\shop.example/a.jpg", "http:///a.jpg", "http://", "http://?x",
		"ftp://shop.example/a", "file:///etc/passwd", "javascript:alert(1)",
		"http://a b/c.jpg", "http://a\tb/c.jpg", "http://who:secret@shop.example/a",
		"http://who@shop.example/a", "http://shop.example\\@evil.example/a",
		"http://%31%32%37.0.0.1/a", "http://[fe80::1%25eth0]/a",
		"http://shop.example:8080/a", "http://shop.example:99999/a",
		"http://\xe2\x84\x80.example/a", /* U+2100, which stands for a/c */
		"http://a\xef\xbc\x8f"
		"b.example/", /* a slash of another width */
		"http://a\xef\xbc\xa0"
		"b.example/", /* an at sign of another width */
		"http://a\xef\xbc\x9a"
		"80/",                                            /* a colon of another width */
		"http://\xff\xfe.example/a", "http://\xc2\xad/a", /* nothing but a soft hyphen */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		assert_string_equal(checked(t[i], NULL, 0), "");
}

static void
test_length(void **state)
{
	char url[LONG];

	(void)state;
	memset(url, 'a', sizeof url);
	memcpy(url, HOST "/", sizeof HOST);
	url[settings.max_url_bytes] = '\0';
	assert_string_equal(checked(url, NULL, 0), url);
	url[settings.max_url_bytes] = 'a';
	url[settings.max_url_bytes + 1] = '\0';
	assert_string_equal(checked(url, NULL, 0), "");
	assert_string_equal(checked(url, NULL, HTTP_CLIENT_ANY_LENGTH), url);
}

static void
test_redirects(void **state)
{
	static const struct {
		const char *location, *called;
	} t[] = {
		{ "b.jpg", HOST "/x/b.jpg" },
		{ "../b c.jpg?q=[1]#top", HOST "/b%20c.jpg?q=%5B1%5D" },
		{ "/\xc3\xa9.jpg", HOST "/%C3%A9.jpg" },
		{ "?id=1", HOST "/x/a.jpg?id=1" },
		{ "//other.example/a b", "http://other.example/a%20b" },
		{ "https://b\xc3\xbc"
		  "cher.example/",
		    "https://xn--bcher-kva.example/" },
		{ "http://who@shop.example/", "" },
		{ "http://shop.example:8080/", "" },
		{ "ftp://shop.example/", "" },
		{ "//", "" },
		{ "//a\\b/", "" },
		{ "http://%31/", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		assert_string_equal(checked(t[i].location, HOST "/x/a.jpg", 0), t[i].called);
}

static void
test_text_has_a_cap(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 24);
	assert_true(url_text(HOST "/\xc3\xa9\xc3\xa9", false, &out));
	assert_false(buf_ok(&out));
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_people_write_them),
		cmocka_unit_test(test_hosts_in_any_script),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_text_has_a_cap),
	};

	return cmocka_run_group_tests(tests, set_up, NULL);
}
