/* base: the small things everything stands on */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/condition.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/htmlout.h"
#include "base/list.h"
#include "base/md5hex.h"
#include "base/net.h"
#include "base/num.h"
#include "base/text/json.h"
#include "base/xmlout.h"

static void
test_num(void **state)
{
	static const struct {
		const char *s;
		bool ok;
		uint64_t v;
	} t[] = {
		{ "0", true, 0 },
		{ "42", true, 42 },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x10", false, 0 },
		{ "99999999999999999999", false, 0 },
	};
	uint64_t v;

	for (size_t i = 0; i < COUNT(t); i++) {
		v = 7;
		assert_int_equal(num_u64(t[i].s, 0, UINT64_MAX, &v), t[i].ok);
		assert_int_equal(v, t[i].ok ? t[i].v : 7);
	}
	assert_false(num_u64("4", 5, 9, &v));
	assert_false(num_u64("10", 5, 9, &v));
	assert_true(num_u64("9", 5, 9, &v));
}

static void
test_num_bytes(void **state)
{
	const unsigned char p[] = { 0x81, 2, 3, 4, 5, 6, 7, 0xf8 };

	assert_true(num_big(p, 8) == UINT64_C(0x81020304050607f8));
	assert_true(num_little(p, 8) == UINT64_C(0xf807060504030281));
	assert_true(num_big(p, 3) == 0x810203 && num_little(p, 3) == 0x30281);
	assert_true(num_big(p, 0) == 0 && num_little(p, 0) == 0);
	assert_true(num_big32(p) == 0x81020304 && num_little32(p) == 0x4030281);
}

static void
test_ascii(void **state)
{
	static const struct {
		const char *text, *set;
		bool only;
	} t[] = {
		{ "", ASCII_DIGITS, true },
		{ "0123456789", ASCII_DIGITS, true },
		{ "12a", ASCII_DIGITS, false },
		{ "azAZ09", ASCII_ALNUM, true },
		{ "a b", ASCII_ALNUM, false },
		{ "\xc3\xa9", ASCII_ALNUM, false },
		{ "09afAF", ASCII_HEX, true },
		{ "g", ASCII_HEX, false },
		{ "09af", ASCII_HEX_LOWER, true },
		{ "A", ASCII_HEX_LOWER, false },
		{ "AZ", ASCII_UPPER, true },
		{ "Az", ASCII_UPPER, false },
		{ "az", ASCII_LOWER, true },
		{ "aZ", ASCII_LOWER, false },
	};
	static const char hex[] = "0123456789abcdef", before_and_behind[] = "/:@G`g\xc3";

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++)
		if (ascii_only(t[i].text, t[i].set) != t[i].only)
			fail_msg("'%s' of '%s'", t[i].text, t[i].set);
	for (int i = 0; i < 16; i++) {
		assert_int_equal(ascii_hex_value(hex[i]), i);
		assert_int_equal(ascii_hex_value(i < 10 ? hex[i] : (char)(hex[i] - 32)), i);
	}
	for (size_t i = 0; i < sizeof before_and_behind; i++) { /* the NUL is one of them */
		assert_int_equal(ascii_hex_value(before_and_behind[i]), -1);
		assert_int_equal(ascii_lower(before_and_behind[i]),
		    before_and_behind[i] == 'G' ? 'g' : before_and_behind[i]);
	}
	assert_int_equal(ascii_lower('A'), 'a');
	assert_int_equal(ascii_lower('Z'), 'z');
	assert_int_equal(ascii_lower('['), '[');
}

static void
test_buf_keeps_its_cap_and_its_error(void **state)
{
	struct buf b;

	buf_init(&b, 8);
	buf_adds(&b, "12345678");
	assert_true(buf_ok(&b));
	buf_addc(&b, '9');
	assert_false(buf_ok(&b));
	buf_reset(&b);
	buf_printf(&b, "%d-%s", 12, "ab");
	assert_true(buf_ok(&b));
	assert_string_equal(buf_str(&b), "12-ab");
	buf_printf(&b, "%s", "toolong");
	assert_false(buf_ok(&b));
	assert_string_equal(buf_str(&b), "12-ab");
	buf_free(&b);
	assert_string_equal(buf_str(&b), "");
}

static void
test_arena(void **state)
{
	struct arena *a = arena_new(100000);
	char *p = arena_zalloc(a, 50000);

	assert_non_null(p);
	for (int i = 0; i < 50000; i++)
		assert_int_equal(p[i], 0);
	assert_null(arena_zalloc(a, 90000));
	assert_true(arena_failed(a));
	assert_string_equal(arena_printf(a, "%s %d", "x", 5), "x 5");
	assert_null(arena_array(a, SIZE_MAX / 2, 8));
	assert_null(arena_strdup(a, NULL));
	arena_free(&a);
	assert_null(a);
}

static void
test_clock(void **state)
{
	static const struct {
		const char *s;
		int64_t us;
	} t[] = {
		{ "1970-01-02", 86400000000 },
		{ "2026-11-22T10:20:00Z", 1795342800000000 },
		{ "2026-11-22T12:20:00+02:00", 1795342800000000 },
		{ "2026-11-22 10:20", 1795342800000000 },
		{ "2026-11-22T10:20:00-0130", 1795348200000000 },
		{ "2026-11-22T12:20:00 02:00", 1795342800000000 },
		{ "2026-11-22T12:20:00 ", -1 },
		{ "2026-11-22T12:20:00  02:00", -1 },
		{ "2026-13-01", -1 },
		{ "2026-02-29", -1 },
		{ "2024-02-29", 1709164800000000 },
		{ "2026-11-22T25:00", -1 },
		{ "2026-11-22T10:20:00.123Z", 1795342800000000 },
		{ "2026-11-22T12:20:00,9+02", 1795342800000000 },
		{ "2026-11-22T10:20:00.Z", -1 },
		{ "2026-11-22T10:20:00+2", -1 },
		{ "yesterday", -1 },
		{ "", -1 },
		{ "2026-11-22x", -1 },
		{ "2026-11-22T10:20:00+99:00", -1 },
	};
	char text[CLOCK_TEXT];

	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(clock_parse(t[i].s), t[i].us);
	clock_iso(1795342800000000, text);
	assert_string_equal(text, "2026-11-22T10:20:00+00:00");
}

static void
test_lists_and_networks(void **state)
{
	static const struct {
		const char *list, *ip;
		bool in;
	} t[] = {
		{ "10.0.0.0/8", "10.255.0.1", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.8", false },
		{ "1.1.1.1, 2001:db8::/32", "2001:db8:ffff::1", true },
		{ "::1", "::1", true },
		{ "10.0.0.0/8", "::ffff:10.1.2.3", true },
		{ "0.0.0.0/0", "8.8.8.8", true },
		{ "0.0.0.0/0", "2001:db8::1", false },
		{ "", "1.2.3.4", false },
		{ "nonsense", "1.2.3.4", false },
	};
	char bad[NET_TEXT + 4];
	struct net n;
	struct ip ip;

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_true(ip_parse(t[i].ip, &ip));
		assert_int_equal(net_list_has(t[i].list, &ip), t[i].in);
	}
	assert_false(net_parse("10.0.0.1/8", &n)); /* host bits */
	assert_false(net_parse("10.0.0.0/33", &n));
	assert_false(ip_parse("010.0.0.1", &ip));
	assert_false(ip_parse("1.2.3", &ip));
	assert_false(net_list_ok("10.0.0.0/8, x", bad));
	assert_string_equal(bad, "x");
	assert_true(list_has(" a , bc", "BC"));
	assert_false(list_has("abc", "b"));
}

static void
test_xml_values_are_escaped(void **state)
{
	struct buf b;

	buf_init(&b, 1000);
	xml_elem(&b, "N", "a<b>&\"c'\x01\r\n\xc3\xa9");
	assert_string_equal(buf_str(&b),
	    "<N>a&lt;b&gt;&amp;&quot;c'\xef\xbf\xbd&#13;\n\xc3\xa9</N>");
	buf_reset(&b);
	xml_elem(&b, "N", "\xef\xbf\276a\xef\xbf\xbf\xef\xbf\xbd\xef\xbf");
	assert_string_equal(buf_str(&b), "<N>\xef\xbf\275a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf</N>");
	xml_elem(&b, "NULL", NULL);
	assert_null(strstr(buf_str(&b), "NULL"));
	buf_free(&b);
}

static void
test_html_values_are_escaped(void **state)
{
	static const struct {
		const char *text, *out;
	} t[] = {
		{ "a<b>&\"'\x01\t", "a&lt;b&gt;&amp;&quot;&#39;\xef\xbf\xbd\t" },
		{ "\xef\xbf\276a\xef\xbf\xbf\xef\xbf", "\xef\xbf\275a\xef\xbf\xbd\xef\xbf" },
		{ "\xc3\xa9 \xf0\x9f\x98\x80", "\xc3\xa9 \xf0\x9f\x98\x80" },
		{ "", "" },
		{ NULL, "" },
	};
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(t); i++) {
		buf_reset(&b);
		html_text(&b, t[i].text);
		assert_string_equal(buf_str(&b), t[i].out);
	}
	buf_reset(&b);
	html_lines(&b, "a\r\n<b>\n\rc\n");
	assert_string_equal(buf_str(&b), "a<br>\n&lt;b&gt;<br>\n<br>\nc<br>\n");
	buf_reset(&b);
	html_open(&b, "img", "alt", "", "title", "\"><script>", "class", NULL, NULL);
	html_elem(&b, "b", "<i>");
	html_elem(&b, "b", NULL);
	html_elem_u64(&b, "td", 7);
	assert_string_equal(buf_str(&b),
	    "<img alt=\"\" title=\"&quot;&gt;&lt;script&gt;\"><b>&lt;i&gt;</b><td>7</td>");
	buf_free(&b);
}

static void
test_html_links_run_nothing(void **state)
{
	static const struct {
		const char *url;
		bool kept;
	} t[] = {
		{ "x/1.jpg", true },
		{ "/m/x?a=b:c", true },
		{ "#a:b", true },
		{ "http://h/", true },
		{ "HTTPS://h/", true },
		{ "//h/x", true },
		{ "./a:b", true },
		{ "?x:y", true },
		{ "", true },
		{ "javascript:alert(1)", false },
		{ "JavaScript:alert(1)", false },
		{ " javascript:alert(1)", false },
		{ "java\nscript:alert(1)", false },
		{ "\x01javascript:alert(1)", false },
		{ "data:text/html,x", false },
		{ "vbscript:x", false },
		{ "http:", false },
		{ "a:b", false },
	};
	char want[200];
	struct buf b;

	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(t); i++) {
		buf_reset(&b);
		html_open(&b, "a", "href", t[i].url, NULL);
		(void)snprintf(want, sizeof want, "<a href=\"%s\">", t[i].kept ? t[i].url : "#");
		assert_string_equal(buf_str(&b), want);
	}
	buf_free(&b);
}

static void
test_parts_of_a_body(void **state)
{
	static const struct {
		const char *none_match, *range, *if_range;
		int status;
		uint64_t from, n;
	} t[] = {
		{ NULL, NULL, NULL, 200, 0, 1000 },
		{ NULL, "bytes=0-0", NULL, 206, 0, 1 },
		{ NULL, "bytes=0-999", NULL, 206, 0, 1000 },
		{ NULL, "bytes=0-5000", NULL, 206, 0, 1000 },
		{ NULL, "bytes=500-", NULL, 206, 500, 500 },
		{ NULL, "bytes=999-", NULL, 206, 999, 1 },
		{ NULL, "bytes=-1", NULL, 206, 999, 1 },
		{ NULL, "bytes=-5000", NULL, 206, 0, 1000 },
		{ NULL, "Bytes= 10-19 ", NULL, 206, 10, 10 },
		/* beyond the end */
		{ NULL, "bytes=1000-", NULL, 416, 0, 0 },
		{ NULL, "bytes=1000-2000", NULL, 416, 0, 0 },
		{ NULL, "bytes=-0", NULL, 416, 0, 0 },
		/* not ranges, or several: the whole body */
		{ NULL, "bytes=5-4", NULL, 200, 0, 1000 },
		{ NULL, "bytes=", NULL, 200, 0, 1000 },
		{ NULL, "bytes=-", NULL, 200, 0, 1000 },
		{ NULL, "bytes=a-b", NULL, 200, 0, 1000 },
		{ NULL, "bytes=0-1,5-6", NULL, 200, 0, 1000 },
		{ NULL, "lines=0-1", NULL, 200, 0, 1000 },
		{ NULL, "bytes=0-1-2", NULL, 200, 0, 1000 },
		{ NULL, "bytes=+1-2", NULL, 200, 0, 1000 },
		{ NULL, "bytes=99999999999999999999-", NULL, 200, 0, 1000 },
		{ NULL, "", NULL, 200, 0, 1000 },
		/* only if it is this body still */
		{ NULL, "bytes=0-1", "\"tag\"", 206, 0, 2 },
		{ NULL, "bytes=0-1", "\"other\"", 200, 0, 1000 },
		{ NULL, "bytes=0-1", "W/\"tag\"", 200, 0, 1000 },
		{ NULL, "bytes=0-1", "tag", 200, 0, 1000 },
		{ NULL, "bytes=0-1", "Wed, 25 Nov 2026 02:00:00 GMT", 200, 0, 1000 },
		{ NULL, "bytes=2000-", "\"other\"", 200, 0, 1000 },
		/* only if it is another one */
		{ "\"tag\"", NULL, NULL, 304, 0, 0 },
		{ "\"a\", W/\"tag\"", "bytes=0-1", NULL, 304, 0, 0 },
		{ "*", NULL, NULL, 304, 0, 0 },
		{ "\"other\"", "bytes=0-1", NULL, 206, 0, 2 },
		{ "tag", NULL, NULL, 200, 0, 1000 },
		{ "\"tagg\"", NULL, NULL, 200, 0, 1000 },
	};
	const struct condition nothing = { .get = true, .range = "bytes=0-", .etag = "t" };

	for (size_t i = 0; i < COUNT(t); i++) {
		struct condition c = { .get = true,
			.if_none_match = t[i].none_match,
			.range = t[i].range,
			.if_range = t[i].if_range,
			.etag = "tag",
			.size = 1000 };
		struct part p = condition_part(&c);

		assert_int_equal(p.status, t[i].status);
		assert_int_equal(p.from, t[i].from);
		assert_int_equal(p.n, t[i].n);
		c.get = false;
		assert_int_equal(condition_part(&c).status, t[i].status == 304 ? 304 : 200);
	}
	assert_int_equal(condition_part(&nothing).status, 416);
}

static void
test_crypt(void **state)
{
	char hex[SHA256_HEX], md5[MD5_HEX], text[33], b64[16];
	unsigned char mac[SHA256_BYTES], out[8];

	assert_true(crypt_init());
	crypt_sha256_hex("abc", 3, hex); /* FIPS 180-2, B.1 */
	assert_string_equal(hex,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_true(crypt_is_sha256_hex(hex));
	assert_false(crypt_is_sha256_hex("ABC"));
	md5_hex("abc", 3, md5); /* RFC 1321, A.5 */
	assert_string_equal(md5, "900150983cd24fb0d6963f7d28e17f72");
	crypt_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, mac); /* RFC 4231, 4.3 */
	assert_int_equal(mac[0], 0x5b);
	assert_int_equal(mac[31], 0x43);
	crypt_random_text(text, 32);
	assert_int_equal(strspn(text, ASCII_ALNUM), 32);
	assert_int_equal(crypt_base64("foob", 4, b64, sizeof b64), 8);
	assert_string_equal(b64, "Zm9vYg==");
	assert_int_equal(crypt_unbase64("Zm9vYg==", out, sizeof out), 4);
	assert_int_equal(crypt_unbase64("Zm9v!", out, sizeof out), -1);
	assert_true(crypt_equal("abc", "abc"));
	assert_false(crypt_equal("abc", "abd"));
	assert_false(crypt_equal("abc", "ab"));
}

static void
test_files(void **state)
{
	char dir[] = "/tmp/savemms-test-XXXXXX", path[64];
	struct arena *a = arena_new(10000);
	int fd;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/a/b", dir);
	assert_int_equal(file_mkdirs(path), 0);
	assert_int_equal(file_mkdirs(path), 0);
	fd = file_temp(path);
	assert_true(fd >= 0);
	assert_int_equal(file_write(fd, "hello", 5), 0);
	(void)snprintf(path, sizeof path, "%s/a/b/c", dir);
	assert_int_equal(file_publish(fd, path), 0);
	assert_int_equal(file_publish(fd, path), 0); /* there already: fine */
	file_close(&fd);
	assert_string_equal(file_slurp(a, path, 100, NULL), "hello");
	assert_null(file_slurp(a, path, 4, NULL));
	assert_int_equal(file_replace(path, "bye", 3), 0);
	assert_string_equal(file_slurp(a, path, 100, NULL), "bye");
	assert_int_equal(unlink(path), 0);
	(void)snprintf(path, sizeof path, "%s/a/b", dir);
	assert_int_equal(rmdir(path), 0); /* nothing was left behind */
	(void)snprintf(path, sizeof path, "%s/a", dir);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(rmdir(dir), 0);
	arena_free(&a);
}

static bool
third_time(void *ctx)
{
	return ++*(int *)ctx == 3;
}

/* Nobody waits for a lock longer than until the deadline. */
static void
test_file_locks(void **state)
{
	char path[] = "/tmp/savemms-test-XXXXXX";
	int holder = mkstemp(path), fd = open(path, O_RDWR | O_CLOEXEC), asked = 0;
	int64_t began = clock_mono();

	assert_true(holder >= 0 && fd >= 0);
	assert_int_equal(file_lock_try(holder, LOCK_SH), 0);
	assert_int_equal(file_lock_wait(fd, LOCK_SH, began, NULL, NULL), 0);
	assert_int_equal(file_lock_try(fd, LOCK_EX), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_int_equal(file_lock_wait(fd, LOCK_EX, began + 50000, NULL, NULL), -1);
	assert_int_equal(errno, EWOULDBLOCK);
	assert_true(clock_mono() >= began + 50000);
	assert_int_equal(file_lock_wait(fd, LOCK_EX, INT64_MAX, third_time, &asked), 1);
	assert_int_equal(flock(holder, LOCK_UN), 0);
	assert_int_equal(file_lock_wait(fd, LOCK_EX, clock_mono() + 50000, NULL, NULL), 0);
	file_close(&holder);
	assert_int_equal(file_lock_wait(holder, LOCK_EX, INT64_MAX, NULL, NULL), -1);
	assert_int_equal(errno, EBADF);
	file_close(&fd);
	assert_int_equal(unlink(path), 0);
}

static void
test_json(void **state)
{
	static const struct {
		const char *text, *want;
	} t[] = {
		{ "", "\"\"" },
		{ "plain", "\"plain\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"" },
		{ "\n\t\x1b\x7f", "\"\\u000a\\u0009\\u001b\\u007f\"" },
		{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"" },
		{ "\xff\xc3", "\"\\ufffd\\ufffd\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	};
	char out[JSON_ROOM(16)];

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_int_equal(json_quote(out, sizeof out, t[i].text), strlen(t[i].want));
		assert_string_equal(out, t[i].want);
	}
	/* cut behind a whole character */
	assert_int_equal(json_quote(out, 6, "a\xc3\xbc\xc3\xbc"), 5);
	assert_string_equal(out, "\"a\xc3\xbc\"");
	assert_int_equal(json_quote(out, 3, "a"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_num),
		cmocka_unit_test(test_num_bytes),
		cmocka_unit_test(test_ascii),
		cmocka_unit_test(test_buf_keeps_its_cap_and_its_error),
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_lists_and_networks),
		cmocka_unit_test(test_xml_values_are_escaped),
		cmocka_unit_test(test_html_values_are_escaped),
		cmocka_unit_test(test_html_links_run_nothing),
		cmocka_unit_test(test_parts_of_a_body),
		cmocka_unit_test(test_crypt),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_file_locks),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
