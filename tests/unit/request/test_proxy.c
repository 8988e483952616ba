/* what a trusted proxy says of a request */
#include "unit.h"

#include "request/proxy.h"

static const char proxies[] = "127.0.0.0/8, 10.0.0.0/8, 2001:db8:aaaa::/48";

static struct proxy_seen
seen(const struct proxy_said *said)
{
	struct proxy_seen s;

	assert_true(proxy_read(said, proxies, &s));
	return s;
}

static void
expect_caller(const struct proxy_said *said, const char *caller)
{
	struct proxy_seen s = seen(said);
	char text[NET_TEXT];

	ip_text(&s.caller, text);
	if (strcmp(text, caller) != 0)
		fail_msg("'%s' '%s': %s instead of %s",
		    said->forwarded_for != NULL ? said->forwarded_for : "(none)",
		    said->forwarded != NULL ? said->forwarded : "(none)", text, caller);
	if (s.caller.nobody)
		assert_false(net_list_has("0.0.0.0/0, ::/0", &s.caller));
}

static void
test_only_a_trusted_proxy_counts(void **state)
{
	const struct proxy_said outsider = { .remote = "192.0.2.1",
		.forwarded_for = "10.0.0.1",
		.forwarded_proto = "https",
		.forwarded_host = "mms.example.org",
		.forwarded = "for=10.0.0.1;proto=https;host=mms.example.org" };
	const struct proxy_said nowhere = { .remote = "" };
	struct proxy_seen s = seen(&outsider);

	(void)state;
	expect_caller(&outsider, "192.0.2.1");
	assert_string_equal(s.scheme, "");
	assert_string_equal(s.host, "");
	assert_false(proxy_read(&nowhere, proxies, &s));
	assert_false(net_list_has("0.0.0.0/0, ::/0", &s.caller));
}

static void
test_x_forwarded_for(void **state)
{
	static const struct {
		const char *header, *caller;
	} t[] = {
		{ NULL, "127.0.0.1" }, /* the proxy asks for itself */
		{ "198.51.100.7", "198.51.100.7" },
		{ "1.1.1.1, 198.51.100.7 ,127.0.0.2", "198.51.100.7" },
		{ "evil, 198.51.100.7", "198.51.100.7" },
		{ "10.0.0.2,10.0.0.3", "10.0.0.2" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "::ffff:198.51.100.7", "198.51.100.7" },
		/* as proxies write ports */
		{ "198.51.100.7:4711", "198.51.100.7" },
		{ "[2001:db8::1]:4711", "2001:db8::1" },
		{ "[2001:db8::1]", "2001:db8::1" },
		{ "198.51.100.7:4711, 10.0.0.2:80", "198.51.100.7" },
		{ "198.51.100.7, [2001:db8:aaaa::9]:80", "198.51.100.7" },
		/* nobody */
		{ "", "unknown" },
		{ " ", "unknown" },
		{ "unknown", "unknown" },
		{ "_hidden", "unknown" },
		{ "198.51.100.7, unknown", "unknown" },
		{ "127.0.0.1, ", "unknown" },
		{ "198.51.100.7, ,127.0.0.2", "unknown" },
		{ "unknown, 10.0.0.2", "unknown" },
		{ "[198.51.100.7]", "unknown" },
		{ "[2001:db8::1", "unknown" },
		{ "[2001:db8::1]4711", "unknown" },
		{ "198.51.100.7:", "unknown" },
		{ "198.51.100.7:123456", "unknown" },
		{ "198.51.100.7:80:80", "unknown" },
		{ "fe80::1%eth0", "unknown" },
		{ "198.51.100.007", "unknown" },
		{ "unix:", "unknown" },
		{ "\"198.51.100.7\"", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		expect_caller(&(struct proxy_said){ .remote = "127.0.0.1",
				  .forwarded_for = t[i].header },
		    t[i].caller);
}

static void
test_a_header_that_is_too_long(void **state)
{
	char text[4096];

	(void)state;
	memset(text, '1', sizeof text);
	text[sizeof text - 1] = '\0';
	expect_caller(&(struct proxy_said){ .remote = "127.0.0.1", .forwarded_for = text },
	    "unknown");
	memcpy(text, "for=", 4);
	expect_caller(&(struct proxy_said){ .remote = "127.0.0.1", .forwarded = text }, "unknown");
}

static void
test_forwarded(void **state)
{
	static const struct {
		const char *header, *caller;
	} t[] = {
		{ "for=198.51.100.7", "198.51.100.7" },
		{ "For=198.51.100.7;proto=http;by=10.0.0.2", "198.51.100.7" },
		{ "for=\"198.51.100.7:4711\"", "198.51.100.7" },
		{ "for=198.51.100.7:4711", "198.51.100.7" },
		{ "for=\"[2001:db8::1]:4711\"", "2001:db8::1" },
		{ "for=\"[2001:db8::1]:_port\"", "2001:db8::1" },
		{ "for=\"\\198.51.100.7\"", "198.51.100.7" },
		{ "for=1.1.1.1, for=198.51.100.7;proto=https , for=10.0.0.3", "198.51.100.7" },
		{ "for=_hidden, for=198.51.100.7", "198.51.100.7" },
		{ ";for=198.51.100.7;", "198.51.100.7" },
		{ "secret=\"a,b;for=1.1.1.1\";for=198.51.100.7", "198.51.100.7" },
		/* nobody */
		{ "", "unknown" },
		{ "for=unknown", "unknown" },
		{ "for=_hidden", "unknown" },
		{ "for=\"_gazonk\", for=10.0.0.2", "unknown" },
		{ "proto=https", "unknown" },
		{ "for=127.0.0.1,", "unknown" },
		{ "198.51.100.7", "unknown" },
		{ "for=198.51.100.7;for=1.1.1.1", "unknown" },
		{ "for=198.51.100.7 proto=https", "unknown" },
		{ "for=\"198.51.100.7", "unknown" },
		/* a caller who opens a quote, to swallow what the proxy adds */
		{ "for=1.1.1.1, for=\", for=198.51.100.7", "unknown" },
		{ "for=1.1.1.1;x=\", for=\"[2001:db8::1]:80\"", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		expect_caller(&(struct proxy_said){ .remote = "127.0.0.1",
				  .forwarded = t[i].header },
		    t[i].caller);
}

/* A proxy sets one of the two headers and passes the other on as its caller made it. */
static void
test_both_headers(void **state)
{
	static const struct {
		const char *x, *rfc, *caller;
	} t[] = {
		{ "198.51.100.7", "for=198.51.100.7", "198.51.100.7" },
		{ "198.51.100.7", "for=\"198.51.100.7:80\"", "198.51.100.7" },
		{ "198.51.100.7", "for=127.0.0.1", "unknown" },
		{ "127.0.0.1", "for=198.51.100.7", "unknown" },
		{ "198.51.100.7", "", "unknown" },
		{ "", "for=198.51.100.7", "unknown" },
		{ "::", "for=unknown", "unknown" },
		{ "unknown", "for=unknown", "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		expect_caller(&(struct proxy_said){ .remote = "127.0.0.1",
				  .forwarded_for = t[i].x,
				  .forwarded = t[i].rfc },
		    t[i].caller);
}

static void
test_scheme_and_host(void **state)
{
	static const struct {
		const char *proto, *host, *rfc, *scheme, *name;
	} t[] = {
		{ NULL, NULL, NULL, "", "" },
		{ "https", "mms.example.org", NULL, "https", "mms.example.org" },
		{ "HTTPS", "mms.example.org:8443", NULL, "https", "mms.example.org:8443" },
		{ "https, http", "a.example, b.example", NULL, "https", "a.example" },
		{ "http", NULL, NULL, "http", "" },
		{ "ftp", "a/b", NULL, "", "" },
		{ "httpsx", "", NULL, "", "" },
		{ NULL, NULL, "for=198.51.100.7;proto=https;host=\"a.example:8443\"", "https",
		    "a.example:8443" },
		{ NULL, NULL,
		    "for=198.51.100.7;proto=https;host=a.example, for=10.0.0.2;proto=http", "https",
		    "a.example" },
		{ NULL, NULL, "proto=http;for=1.1.1.1, for=198.51.100.7;PROTO=Https", "https", "" },
		{ "http", "x.example", "for=198.51.100.7;proto=https;host=a.example", "http",
		    "x.example" },
		{ NULL, NULL, "for=198.51.100.7;proto=https;host=\"a b\"", "https", "" },
		{ NULL, NULL, "for=198.51.100.7;proto=https, junk", "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		struct proxy_seen s = seen(&(struct proxy_said){ .remote = "127.0.0.1",
		    .forwarded_proto = t[i].proto,
		    .forwarded_host = t[i].host,
		    .forwarded = t[i].rfc });

		assert_string_equal(s.scheme, t[i].scheme);
		assert_string_equal(s.host, t[i].name);
	}
}

static void
test_request_id(void **state)
{
	char most[PROXY_ID], more[PROXY_ID + 1];
	struct proxy_said said = { .remote = "127.0.0.1", .request_id = "a-1" };
	const struct {
		const char *text;
		bool ok;
	} t[] = {
		{ "", false },
		{ "x", true },
		{ "Root=1-5759e988:ab/c+d@e_f.g", true },
		{ most, true },
		{ more, false },
		{ "a b", false },
		{ "a\"b", false },
		{ "a\r\nb", false },
		{ "\xc3\xa9", false },
	};

	(void)state;
	memset(most, 'a', sizeof most - 1);
	memset(more, 'a', sizeof more - 1);
	most[sizeof most - 1] = more[sizeof more - 1] = '\0';
	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(proxy_id_ok(t[i].text), t[i].ok);
	assert_string_equal(seen(&said).id, "a-1");
	said.request_id = "a b";
	assert_string_equal(seen(&said).id, "");
	said.request_id = "a-1";
	said.remote = "192.0.2.1"; /* nobody that is trusted */
	assert_string_equal(seen(&said).id, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_a_trusted_proxy_counts),
		cmocka_unit_test(test_x_forwarded_for),
		cmocka_unit_test(test_a_header_that_is_too_long),
		cmocka_unit_test(test_forwarded),
		cmocka_unit_test(test_both_headers),
		cmocka_unit_test(test_scheme_and_host),
		cmocka_unit_test(test_request_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
