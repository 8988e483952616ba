/* rules that stand alone: authorise, guard, fit, postbacks, records, settings */
#include "unit.h"

#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/record.h"
#include "model/account.h"
#include "model/job.h"
#include "model/mergetag.h"
#include "model/settings.h"
#include "model/settings_value.h"
#include "model/template.h"
#include "net/address_policy.h"
#include "request/authorise.h"
#include "send/postback.h"

static void
test_authorise_in_order(void **state)
{
	struct account ac;
	struct ip ip;

	assert_true(account_init(&ac, "a"));
	assert_true(ip_parse("192.0.2.1", &ip));
	assert_int_equal(authorise(&ac, &ip, "saveMMS"), E_NONE);
	(void)snprintf(ac.actions, sizeof ac.actions, "getMmsIds, deletemmsid");
	assert_int_equal(authorise(&ac, &ip, "deleteMMSID"), E_NONE);
	assert_int_equal(authorise(&ac, &ip, "saveMMS"), E107);
	(void)snprintf(ac.ip_whitelist, sizeof ac.ip_whitelist, "192.0.2.0/28");
	assert_int_equal(authorise(&ac, &ip, "saveMMS"), E107);
	assert_int_equal(authorise_caller(&ac, &ip), E_NONE);
	(void)snprintf(ac.ip_whitelist, sizeof ac.ip_whitelist, "192.0.3.0/28");
	assert_int_equal(authorise(&ac, &ip, "saveMMS"), E112);
	assert_int_equal(authorise_caller(&ac, &ip), E112);
	ac.rights = false;
	assert_int_equal(authorise(&ac, &ip, "saveMMS"), E105);
	ac.api = false;
	assert_int_equal(authorise(&ac, &ip, "saveMMS"), E109);
}

/* First and last address of each range are refused, their neighbours outside of
 * all ranges are not. */
static void
test_guard(void **state)
{
	static const char *const refused[] = { "0.0.0.0", "0.255.255.255", "10.0.0.0",
		"10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1", "127.255.255.255",
		"169.254.0.0", "169.254.169.254", "172.16.0.0", "172.31.255.255", "192.0.0.0",
		"192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0", "192.168.255.255",
		"198.18.0.0", "198.19.255.255", "198.51.100.1", "203.0.113.255", "224.0.0.0",
		"239.255.255.255", "240.0.0.0", "255.255.255.255", "168.63.129.16", "::", "::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:1ff:ffff::1", "2001:db8::1",
		"2002:7f00:1::1", "2620:4f:8000::1", "3ffe::1", "3fff:fff::1", "5f00::1", "fc00::1",
		"fdff::1", "fe80::1", "fec0::1", "ff02::1", "1fff::1", "4000::1" };
	static const char *const open[] = { "1.0.0.0", "9.255.255.255", "11.0.0.0",
		"100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255",
		"169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0",
		"192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255",
		"93.184.216.34", "::ffff:93.184.216.34", "2000::1", "2001:200::1", "2001:db7::1",
		"2001:db9::1", "2003::1", "2606:4700::1", "3fff:1000::1", "3fef::1" };
	struct settings s;
	char err[256];
	struct ip ip;

	settings_defaults(&s, "/tmp");
	for (size_t i = 0; i < COUNT(refused); i++) {
		assert_true(ip_parse(refused[i], &ip));
		if (address_policy_allows(&s, &ip) == NULL)
			fail_msg("%s is let through", refused[i]);
	}
	for (size_t i = 0; i < COUNT(open); i++) {
		assert_true(ip_parse(open[i], &ip));
		if (address_policy_allows(&s, &ip) != NULL)
			fail_msg("%s is refused: %s", open[i], address_policy_allows(&s, &ip));
	}
	assert_int_equal(settings_set(&s, "outgoing-allow", "127.0.0.0/8", err, sizeof err), 0);
	assert_true(ip_parse("127.0.0.1", &ip));
	assert_null(address_policy_allows(&s, &ip));
	assert_null(address_policy_port(&s, 80));
	assert_null(address_policy_port(&s, 443));
	assert_non_null(address_policy_port(&s, 8080));
	assert_int_equal(settings_set(&s, "outgoing-ports", "any", err, sizeof err), 0);
	assert_null(address_policy_port(&s, 8080));
}

static void
test_merge_tags(void **state)
{
	static const struct {
		const char *text, *pieces; /* tags as <name=default>, text in quotes */
	} t[] = {
		{ "", "" },
		{ "plain", "'plain'" },
		{ "{$a}", "<a=>" },
		{ "{$a|b c}", "<a=b c>" },
		{ "{$a|}", "<a=>" },
		{ "Hello {$first_name1|you}!", "'Hello '<first_name1=you>'!'" },
		{ "{$_x}{$Y}", "<_x=><Y=>" },
		{ "{$1a}", "'{$1a}'" },
		{ "{$}", "'{$}'" },
		{ "{ $a}", "'{ $a}'" },
		{ "{$a", "'{$a'" },
		{ "{$a|b", "'{$a|b'" },
		{ "{$a b}", "'{$a b}'" },
		{ "{$a|{$b}", "<a={$b>" },
		{ "{{$a}}", "'{'<a=>'}'" },
		{ "{$a|x{$b", "'{$a|x''{$b'" },
		{ "{$\xc3\xa9}", "'{$\xc3\xa9}'" },
		{ "$a}", "'$a}'" },
		{ "{$a|b}}", "<a=b>'}'" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct mergetag_reader r;
		struct mergetag_piece p;
		struct buf out;

		buf_init(&out, 1000);
		mergetag_start(&r, t[i].text);
		while (mergetag_next(&r, &p))
			if (p.tag)
				buf_printf(&out, "<%.*s=%.*s>", (int)p.namelen, p.name,
				    (int)p.deflen, p.def);
			else
				buf_printf(&out, "'%.*s'", (int)p.n, p.p);
		assert_string_equal(buf_str(&out), t[i].pieces);
		buf_free(&out);
	}
}

/* A megabyte of tags that are begun and never end is read in no time. */
static void
test_merge_tags_in_linear_time(void **state)
{
	enum { N = 1 << 20 };
	struct mergetag_reader r;
	struct mergetag_piece p;
	char *text = malloc(N + 1);
	size_t n = 0;
	clock_t begun = clock();

	assert_non_null(text);
	for (size_t i = 0; i < N; i++)
		text[i] = "{$a|"[i % 4];
	text[N] = '\0';
	for (mergetag_start(&r, text); mergetag_next(&r, &p); n += p.n)
		assert_false(p.tag);
	assert_int_equal(n, N);
	assert_true(clock() - begun < CLOCKS_PER_SEC);
	free(text);
}

/* A template with one of everything. */
static struct template *
sample(struct arena *a)
{
	struct template *t = arena_zalloc(a, sizeof *t);
	struct slide *s = t->slide = arena_array(a, 2, sizeof *s);

	t->account = 3;
	t->created = 1795342800000000;
	t->nslide = 2;
	t->name = "n\\1\nline \xc3\xa9";
	t->subject = "";
	t->fallback = " blank at both ends ";
	t->reference = "r";
	t->no_fallback_link = t->transcoding = true;
	memcpy(t->link_class[t->nlink++], "S", 2);
	s[0].text = "\r\ntext\\n";
	s[0].duration = "5";
	s[1].image_template = "p";
	s[1].nmedium = 1;
	s[1].medium = arena_array(a, 1, sizeof *s[1].medium);
	s[1].medium[0] = (struct medium){ .kind = KIND_VIDEO,
		.state = MEDIUM_FAILED,
		.format = FORMAT_MP4,
		.url = "http://h/a b&<",
		.mime = "video/mp4",
		.bytes = 99,
		.width = 4,
		.height = 3,
		.ms = 1500,
		.why = "w",
		.nrendition = 1,
		.rendition = arena_array(a, 1, sizeof(struct rendition)) };
	crypt_sha256_hex("x", 1, s[1].medium[0].sha);
	s[1].medium[0].rendition[0] = (struct rendition){ .class = "M",
		.format = FORMAT_MP4,
		.bytes = 7,
		.quality = 5 };
	crypt_sha256_hex("y", 1, s[1].medium[0].rendition[0].sha);
	return t;
}

static int
count_blob(void *ctx, const char *sha)
{
	++*(int *)ctx;
	return 0;
}

static void
test_template_record(void **state)
{
	struct arena *a = arena_new(10 << 20);
	struct template *t = sample(a), *back;
	struct buf one, two;
	int blobs = 0;

	buf_init(&one, 10000);
	buf_init(&two, 10000);
	template_encode(t, &one);
	assert_true(buf_ok(&one));
	back = template_decode(a, one.p, one.len);
	assert_non_null(back);
	template_encode(back, &two);
	assert_string_equal(one.p, two.p);
	assert_string_equal(back->name, t->name);
	assert_string_equal(back->slide[0].text, t->slide[0].text);
	assert_int_equal(template_state(back), TEMPLATE_FAILED);
	assert_int_equal(template_size(back), 99 + strlen(t->slide[0].text));
	assert_int_equal(template_blobs(back, count_blob, &blobs), 0);
	assert_int_equal(blobs, 2);
	/* no shorter record is taken, and no changed one makes it fall over */
	for (size_t n = 0; n < one.len; n++)
		assert_null(template_decode(a, one.p, n));
	for (size_t i = 0; i < one.len; i++) {
		char keep = one.p[i];

		one.p[i] = (char)(keep ^ 0x15);
		(void)template_decode(a, one.p, one.len);
		one.p[i] = keep;
	}
	buf_free(&one);
	buf_free(&two);
	arena_free(&a);
}

static void
test_account_record(void **state)
{
	struct arena *a = arena_new(10 << 20);
	static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
	struct account ac, *back;
	struct buf out;
	char err[256];

	assert_true(account_init(&ac, "shop.1"));
	assert_false(account_init(&ac, "a b"));
	assert_true(account_init(&ac, "shop.1"));
	assert_int_equal(account_set(&ac, "throughput", "5", err, sizeof err), 0);
	assert_int_equal(account_set(&ac, "api", "off", err, sizeof err), 0);
	assert_int_equal(account_set(&ac, "postback-url", "https://h/p?x=1", err, sizeof err), 0);
	assert_int_equal(account_set(&ac, "api", "perhaps", err, sizeof err), -1);
	assert_int_equal(account_set(&ac, "postback-url", "ftp://h", err, sizeof err), -1);
	assert_int_equal(account_set(&ac, "ip-whitelist", "10.0.0.1/8", err, sizeof err), -1);
	assert_int_equal(account_set(&ac, "postback-secret", secret, err, sizeof err), 0);
	assert_int_equal(account_set(&ac, "postback-secret", "whsec_no!", err, sizeof err), -1);
	assert_int_equal(account_set(&ac, "nonsense", "1", err, sizeof err), -1);
	assert_true(account_set_password(&ac, "secret"));
	assert_true(account_password_ok(&ac, "secret"));
	/* md5 of secret */
	assert_true(account_password_ok(&ac, "5EBE2294ecd0e0f08eab7690d2a6ee69"));
	assert_false(account_password_ok(&ac, "Secret"));
	buf_init(&out, 10000);
	account_encode(&ac, &out);
	back = account_decode(a, out.p, out.len);
	assert_non_null(back);
	assert_string_equal(back->key, ac.key);
	assert_int_equal(back->throughput, 5);
	assert_false(back->api);
	assert_true(account_password_ok(back, "secret"));
	assert_null(account_decode(a, out.p, out.len - 1));
	buf_free(&out);
	arena_free(&a);
}

static void
test_job_record(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct job j = { .token = 4,
		.account = 1,
		.mmsid = 2,
		.kind = JOB_ENCODE,
		.slide = 1,
		.attempt = 3,
		.created = 5,
		.due = 6,
		.owner = "h:1",
		.why = "a\nb",
		.permille = 12 };
	struct job *back;
	struct buf out;

	buf_init(&out, 1000);
	job_encode(&j, &out);
	back = job_decode(a, out.p, out.len);
	assert_non_null(back);
	assert_string_equal(back->why, "a\nb");
	assert_int_equal(back->due, 6);
	assert_int_equal(back->slide, 1);
	assert_int_equal(back->permille, 12);
	assert_string_equal(back->owner, "h:1");
	buf_free(&out);
	arena_free(&a);
}

/* Is a job's record, with this line in the place of the one that begins with its key, taken? */
static bool
job_taken(struct arena *a, const struct job *j, const char *line)
{
	size_t key = strcspn(line, " ") + 1;
	struct buf out, other;
	bool taken, seen = false;

	buf_init(&out, 2000);
	buf_init(&other, 2000);
	job_encode(j, &out);
	for (const char *p = buf_str(&out), *next; *p != '\0'; p = next) {
		bool it = strncmp(p, line, key) == 0;

		next = p + strcspn(p, "\n") + 1;
		if (it)
			buf_printf(&other, "%s\n", line);
		else
			buf_add(&other, p, (size_t)(next - p));
		seen = seen || it;
	}
	assert_true(seen && buf_ok(&other));
	taken = job_decode(a, other.p, other.len) != NULL;
	buf_free(&out);
	buf_free(&other);
	return taken;
}

static void
test_job_record_faults(void **state)
{
	static const char *const bad[] = { "faults -1", "faults 4294967296", "faults x", "faults ",
		"dead 2", "dead -1", "lane 2", "attempt 4294967296", "body a\\x", "kind none" };
	static const char *const good[] = { "faults 0", "faults 4294967295", "dead 0", "dead 1",
		"body ", "lane 1" };
	struct arena *a = arena_new(1 << 20);
	struct job j = { .kind = JOB_ENCODE,
		.faults = UINT32_MAX,
		.lost = 10,
		.dead = 1,
		.why = "w",
		.body = "S:10\nM:20" };
	struct job *back;
	struct buf out;

	buf_init(&out, 1000);
	job_encode(&j, &out);
	assert_non_null(back = job_decode(a, out.p, out.len));
	assert_int_equal(back->faults, UINT32_MAX);
	assert_int_equal(back->lost, 10);
	assert_int_equal(back->dead, 1);
	assert_string_equal(back->body, "S:10\nM:20");
	for (size_t n = 0; n < out.len; n++)
		assert_null(job_decode(a, out.p, n));
	for (size_t i = 0; i < COUNT(bad); i++)
		if (job_taken(a, &j, bad[i]))
			fail_msg("'%s' is taken", bad[i]);
	for (size_t i = 0; i < COUNT(good); i++)
		if (!job_taken(a, &j, good[i]))
			fail_msg("'%s' is refused", good[i]);
	buf_free(&out);
	j.faults = j.lost = 0; /* are not written, as an older record has none */
	buf_init(&out, 1000);
	job_encode(&j, &out);
	assert_null(strstr(buf_str(&out), "faults"));
	assert_null(strstr(buf_str(&out), "lost"));
	assert_non_null(back = job_decode(a, out.p, out.len));
	assert_int_equal(back->faults, 0);
	buf_free(&out);
	arena_free(&a);
}

/* What more bytes would do for a rendition comes back; nothing but the two words that are written
 * is taken, and only behind a rendition. */
static void
test_rendition_size_record(void **state)
{
	static const char *const words[] = { "bound", "least" };
	static const char *const bad[] = { "best", "more", "", "bound ", "2" };
	struct arena *a = arena_new(10 << 20);
	struct template *t = sample(a), *back;
	char line[64], text[4096];
	struct buf out;

	for (int i = SIZE_BEST; i <= SIZE_LEAST; i++) {
		t->slide[1].medium[0].rendition[0].size = (enum rendition_size)i;
		buf_init(&out, sizeof text);
		template_encode(t, &out);
		assert_non_null(back = template_decode(a, out.p, out.len));
		assert_int_equal(back->slide[1].medium[0].rendition[0].size, i);
		assert_int_equal(strstr(buf_str(&out), "\nsize ") != NULL, i != SIZE_BEST);
		if (i == SIZE_BEST)
			(void)snprintf(text, sizeof text, "%s", buf_str(&out));
		else
			assert_non_null(strstr(buf_str(&out), words[i - 1]));
		buf_free(&out);
	}
	for (int i = SIZE_BEST; i <= SIZE_LEAST; i++) { /* without a line of its own */
		struct rendition *r = &t->slide[1].medium[0].rendition[0];

		r->size = (enum rendition_size)i;
		buf_init(&out, sizeof text);
		template_encode_layout1(t, &out);
		assert_null(strstr(buf_str(&out), "\nsize "));
		assert_non_null(back = template_decode(a, out.p, out.len));
		assert_int_equal(back->slide[1].medium[0].rendition[0].size, i);
		assert_int_equal(back->slide[1].medium[0].rendition[0].quality, r->quality);
		buf_free(&out);
	}
	for (size_t i = 0; i < COUNT(bad) + 2; i++) {
		/* the last: after its rendition */
		const char *at = strstr(text, i == COUNT(bad) ? "medium " : "end\n");
		const char *word = i < COUNT(bad) ? bad[i] : words[0];

		assert_non_null(at);
		(void)snprintf(line, sizeof line, "size %s\n", word);
		buf_init(&out, sizeof text);
		buf_add(&out, text, (size_t)(at - text));
		buf_adds(&out, line);
		buf_adds(&out, at);
		back = template_decode(a, out.p, out.len);
		if ((back != NULL) != (i > COUNT(bad)))
			fail_msg("'size %s' is %s", word, back != NULL ? "taken" : "refused");
		buf_free(&out);
	}
	arena_free(&a);
}

static void
test_postback_bodies(void **state)
{
	struct arena *a = arena_new(1 << 20);
	struct template *t = sample(a);
	struct buf out;

	t->id = 35674;
	buf_init(&out, 1000);
	postback_body(t, DIALECT_A, &out);
	assert_string_equal(buf_str(&out),
	    "<?xml version='1.0'?>\n<POSTBACK><ORIGIN>MMS_MT</ORIGIN><CODE>E003</CODE>"
	    "<MMSID>35674</MMSID><VIDEONAME>http://h/a b&amp;&lt;</VIDEONAME>"
	    "<CLIENT_REFERENCE>r</CLIENT_REFERENCE></POSTBACK>");
	buf_reset(&out);
	postback_body_send(t, DIALECT_A, &out);
	assert_string_equal(buf_str(&out),
	    "<?xml version='1.0'?>\n<POSTBACK><ORIGIN>MMS_MT</ORIGIN><CODE>E013</CODE>"
	    "<MMSID>35674</MMSID><VIDEONAME>http://h/a b&amp;&lt;</VIDEONAME>"
	    "<CLIENT_REFERENCE>r</CLIENT_REFERENCE></POSTBACK>");
	t->slide[1].medium[0].state = MEDIUM_READY;
	t->reference = "";
	buf_reset(&out);
	postback_body_send(t, DIALECT_A, &out);
	assert_string_equal(buf_str(&out),
	    "<?xml version='1.0'?>\n<POSTBACK><ORIGIN>MMS_MT</ORIGIN><CODE>N013</CODE>"
	    "<MMSID>35674</MMSID></POSTBACK>");
	buf_reset(&out);
	postback_body(t, DIALECT_A, &out);
	assert_string_equal(buf_str(&out),
	    "<?xml version='1.0'?>\n<POSTBACK><ORIGIN>MMS_MT</ORIGIN><CODE>N003</CODE>"
	    "<MMSID>35674</MMSID></POSTBACK>");
	buf_free(&out);
	arena_free(&a);
}

#define EXAMPLE "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static void
test_postback_schedule_and_signature(void **state)
{
	struct settings s;
	char err[256], h[3][POSTBACK_HEADER], body[100000];
	uint64_t delay;

	settings_defaults(&s, "/tmp");
	assert_true(postback_retry(&s, 1, 0, &delay));
	assert_int_equal(delay, 300000);
	assert_true(postback_retry(&s, 5, 0, &delay));
	assert_false(postback_retry(&s, 6, 0, &delay));
	assert_int_equal(settings_set(&s, "retry-schedule", "1,2", err, sizeof err), 0);
	assert_true(postback_retry(&s, 2, 0, &delay));
	assert_int_equal(delay, 2000);
	assert_false(postback_retry(&s, 3, 0, &delay));
	assert_true(postback_retry(&s, 2, 1, &delay));
	assert_int_equal(delay, 2000);
	assert_true(postback_retry(&s, 2, 3, &delay));
	assert_int_equal(delay, 3000);
	assert_true(postback_retry(&s, 1, UINT64_MAX, &delay));
	assert_int_equal(delay, 86400000);
	assert_false(postback_retry(&s, 3, 3, &delay));
	/* the example of the Standard Webhooks specification's libraries */
	assert_true(
	    postback_sign((const char *const[]){ EXAMPLE, "" }, "msg_p5jXN8AQM9LWM0D4loKWxJek",
		INT64_C(1614265330) * 1000000, "{\"test\": 2432232314}", h));
	assert_string_equal(h[0], "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek");
	assert_string_equal(h[1], "webhook-timestamp: 1614265330");
	assert_string_equal(h[2],
	    "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	/* of two, each signs as it does alone */
	assert_true(
	    postback_sign((const char *const[]){ "text", EXAMPLE }, "msg_p5jXN8AQM9LWM0D4loKWxJek",
		INT64_C(1614265330) * 1000000, "{\"test\": 2432232314}", h));
	assert_int_equal(strlen(h[2]), strlen("webhook-signature:") + 2 * strlen(" v1,") + 2 * 44);
	assert_non_null(strstr(h[2], "= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
	assert_false(postback_sign((const char *const[]){ "whsec_!", "" }, "i", 0, "", h));
	assert_false(postback_sign((const char *const[]){ EXAMPLE, "whsec_!" }, "i", 0, "", h));
	assert_false(postback_sign((const char *const[]){ "", "" }, "i", 0, "", h));
	memset(body, 'x', sizeof body - 1); /* nine long URLs, escaped */
	body[sizeof body - 1] = '\0';
	assert_true(postback_sign((const char *const[]){ EXAMPLE, "" }, "i", 0, body, h));
}

static void
test_settings(void **state)
{
	char dir[] = "/tmp/savemms-test-XXXXXX", path[64], err[512];
	static const struct {
		const char *text, *want; /* want NULL: it is good */
	} t[] = {
		{ "# c\nthreads = 4\n\nthreads=8\n", NULL },
		{ "outgoing-allow = 10.0.0.0/8,\n  127.0.0.0/8\n", NULL },
		{ "threads = 0\n", "line 1: threads is a number from 1 to 1024, not '0'" },
		{ "\nthread = 4\n", "line 2: there is no setting 'thread'" },
		{ "threads\n", "line 1: expected 'key = value'" },
		{ "[a]\nthreads = 1\n", "line 2: there are no [sections]" },
		{ "classes = S:1\n", "line 1: classes must be" },
		{ "classes = S:100000:640:24000, S:200000:640:24000\n", "line 1: classes must be" },
		{ "classes = S:100000:640:24000:64000:baseline, M:200000:640:24000:64000:main\n",
		    NULL },
		{ "classes = S:100000:640:24000:64000:high\n", "line 1: classes must be" },
		{ "classes = LEGACY, S, M, L, XL, XXL\n", NULL },
		{ "classes = OLD:30000:160:8000:4750, S\n", NULL },
		{ "classes = OLD:30000:160:8000:4749, S\n", "line 1: classes must be" },
		{ "classes = S:100000:640:24000:64000:main:1\n", "line 1: classes must be" },
		{ "base-url = http://h/\n", "line 1: base-url must be" },
		{ "retry-schedule = soon\n", "line 1: retry-schedule must be" },
		{ "transport-x = kind=spool\n", NULL },
		{ "transport-x = kind=mm7 url=https://h/\n", "transport-x (mm7) needs base-url" },
		{ "transport-x = kind=sms-http url=https://h/\n",
		    "transport-x (sms-http) needs base-url" },
		{ "transport-x = kind=mm7 url=https://h/\nbase-url = https://me\n", NULL },
	};
	struct settings s;
	FILE *f;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/savemms.conf", dir);
	for (size_t i = 0; i < COUNT(t); i++) {
		f = fopen(path, "w");
		assert_non_null(f);
		assert_true(fputs(t[i].text, f) >= 0);
		assert_int_equal(fclose(f), 0);
		if (t[i].want == NULL) {
			assert_int_equal(settings_read(&s, dir, err, sizeof err), 0);
			continue;
		}
		assert_int_equal(settings_read(&s, path, err, sizeof err), -1);
		if (strstr(err, t[i].want) == NULL)
			fail_msg("'%s' is not in '%s'", t[i].want, err);
	}
	assert_int_equal(remove(path), 0);
	assert_int_equal(settings_read(&s, dir, err, sizeof err), -1);
	assert_int_equal(remove(dir), 0);
	settings_defaults(&s, dir);
	assert_int_equal(s.nclass, 4);
	assert_string_equal(s.class[1].name, "M");
	assert_int_equal(s.class[1].bytes, 524288);
	assert_int_equal(s.nretry, 5);
}

static void
test_class_parse(void **state)
{
	static const struct {
		const char *text;
		unsigned n;
		struct class_parts want;
	} t[] = {
		{ "", 0, { 0 } },
		{ ":", 0, { 0 } },
		{ "XL", 1, { .name = "XL" } },
		{ ":XL:", 1, { .name = "XL" } }, /* as in strtok_r(), empty parts do not count */
		{ "A:1", 0, { 0 } },
		{ "A:1:2", 0, { 0 } },
		{ "A:1:2:3", 4, { "A", 1, 2, 3, SOUND_MONO, PROFILE_BASELINE } },
		{ "A:1:2:3:", 4, { "A", 1, 2, 3, SOUND_MONO, PROFILE_BASELINE } },
		{ "a/b:1:2:3:4", 5, { "a/b", 1, 2, 3, 4, PROFILE_BASELINE } },
		{ "A:1:2:3:4:baseline", 6, { "A", 1, 2, 3, 4, PROFILE_BASELINE } },
		{ "A:1:2:3:4:main", 6, { "A", 1, 2, 3, 4, PROFILE_MAIN } },
		{ "A:0:0:0:0:main", 6, { "A", 0, 0, 0, 0, PROFILE_MAIN } },
		{ "A:18446744073709551615:2:3", 4,
		    { "A", UINT64_MAX, 2, 3, SOUND_MONO, PROFILE_BASELINE } },
		{ "A:18446744073709551616:2:3", 0, { 0 } },
		{ "A:x:2:3", 0, { 0 } },
		{ "A:1:-2:3", 0, { 0 } },
		{ "A:1:2: 3", 0, { 0 } },
		{ "A:1:2:3:main", 0, { 0 } },
		{ "A:1:2:3:4:high", 0, { 0 } },
		{ "A:1:2:3:4:main:5", 0, { 0 } },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		const struct class_parts *want = &t[i].want;
		struct class_parts got;
		char text[64];

		(void)snprintf(text, sizeof text, "%s", t[i].text);
		if (class_parse(text, &got) != t[i].n)
			fail_msg("'%s' does not have %u parts", t[i].text, t[i].n);
		if (t[i].n > 0)
			assert_string_equal(got.name, want->name);
		if (t[i].n > 1 &&
		    (got.bytes != want->bytes || got.side != want->side ||
			got.film_bps != want->film_bps || got.sound_bps != want->sound_bps ||
			got.profile != want->profile))
			fail_msg("'%s' is read wrong", t[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_authorise_in_order),
		cmocka_unit_test(test_guard),

		cmocka_unit_test(test_merge_tags),
		cmocka_unit_test(test_merge_tags_in_linear_time),
		cmocka_unit_test(test_template_record),
		cmocka_unit_test(test_account_record),
		cmocka_unit_test(test_job_record),
		cmocka_unit_test(test_job_record_faults),
		cmocka_unit_test(test_rendition_size_record),
		cmocka_unit_test(test_postback_bodies),
		cmocka_unit_test(test_postback_schedule_and_signature),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_class_parse),
	};

	if (!crypt_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
