/* MM7 read and written; MIME read; GSM 7 bit; percent encoding */
#include "unit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/percent.h"
#include "request/mime_read.h"
#include "request/xmltree.h"
#include "send/gsm7.h"
#include "send/mm7.h"

#define SPACE5 "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0"
#define SPACE6 "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"
#define SOAP "http://schemas.xmlsoap.org/soap/envelope/"
#define ENVELOPE(inside)                                                                \
	"<S:Envelope xmlns:S=\"" SOAP "\"><S:Header><t:TransactionID xmlns:t=\"" SPACE5 \
	"\" S:mustUnderstand=\"1\">\n id1 </t:TransactionID></S:Header><S:Body>" inside \
	"</S:Body></S:Envelope>"

static struct arena *a;

static const struct mm7 *
read_as(const char *type, const char *text)
{
	const char *why;
	const struct mm7 *m = mm7_read(a, type, text, strlen(text), &why);

	assert_true((m == NULL) == (why != NULL));
	return m;
}

static const struct mm7 *
read_xml(const char *text)
{
	const struct mm7 *m = read_as("text/xml; charset=utf-8", text);

	assert_non_null(m);
	return m;
}

static void
test_submit_req(void **state)
{
	static const struct {
		const char *version, *space, *sender, *sent;
	} t[] = {
		{ "5.3.0", SPACE5, "15550001111",
		    "<SenderAddress><Number>15550001111</Number></SenderAddress>" },
		{ "6.8.0", SPACE6, "12345678",
		    "<SenderAddress><ShortCode>12345678</ShortCode></SenderAddress>" },
		{ "6.8.0", SPACE6, "A&B",
		    "<SenderAddress><ShortCode>A&amp;B</ShortCode></SenderAddress>" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct mm7_submit s = { .version = t[i].version,
			.vasp = "v&p",
			.vas = "",
			.transaction = "T1",
			.sender = t[i].sender,
			.to = "15550002222",
			.subject = "<S> \"é\"",
			.cid = "c@x",
			.report = true };
		const struct mm7 *m;
		struct buf b;

		buf_init(&b, 4096);
		mm7_submit_req(&b, &s);
		assert_true(buf_ok(&b));
		assert_non_null(strstr(buf_str(&b), t[i].sent));
		assert_non_null(strstr(buf_str(&b), "env:mustUnderstand=\"1\""));
		assert_null(strstr(buf_str(&b), "<VASID>"));
		m = read_xml(buf_str(&b));
		assert_int_equal(m->type, MM7_SUBMIT_REQ);
		assert_string_equal(m->space, t[i].space);
		assert_string_equal(m->version, t[i].version);
		assert_string_equal(m->transaction, "T1");
		assert_string_equal(m->vasp, "v&p");
		assert_string_equal(m->sender, t[i].sender);
		assert_string_equal(m->to, "15550002222");
		assert_string_equal(m->subject, "<S> \"é\"");
		assert_string_equal(m->href, "cid:c@x");
		buf_free(&b);
	}
	assert_null(mm7_namespace("5.2.0"));
}

/* The answers of several makers, as they stand in their manuals. */
static void
test_answers_read(void **state)
{
	const struct mm7 *m = read_xml(ENVELOPE(
	    "<mm7:SubmitRsp xmlns:mm7=\"" SPACE5 "\"><MM7Version>5.2.0</MM7Version><Status>"
	    "<StatusCode> 1000</StatusCode><StatusText>Success</StatusText></Status>"
	    "<MessageID>\n  41502a\n</MessageID></mm7:SubmitRsp>"));

	assert_int_equal(m->type, MM7_SUBMIT_RSP);
	assert_int_equal(m->code, 1000);
	assert_string_equal(m->message_id, "41502a");
	assert_string_equal(m->transaction, "id1");
	assert_string_equal(m->space, SPACE5);
	m = read_xml(ENVELOPE(
	    "<S:Fault><faultcode>S:Client</faultcode><faultstring>Client error</faultstring>"
	    "<detail><RSErrorRsp xmlns=\"" SPACE6 "\"><MM7Version>6.8.0</MM7Version>"
	    "<Status><StatusCode>4004</StatusCode><StatusText>Validation error</StatusText>"
	    "<Details><![CDATA[no <Content>]]></Details></Status></RSErrorRsp></detail></S:Fault>"));
	assert_int_equal(m->type, MM7_RS_ERROR);
	assert_int_equal(m->code, 4004);
	assert_string_equal(m->details, "no <Content>");
	assert_string_equal(m->space, SPACE6);
	m = read_xml(ENVELOPE(
	    "<S:Fault><faultcode>S:Server</faultcode><faultstring> down </faultstring></S:Fault>"));
	assert_int_equal(m->type, MM7_RS_ERROR);
	assert_int_equal(m->code, 0);
	assert_string_equal(m->status, "down");
	m = read_xml(
	    ENVELOPE("<SubmitRsp><Status><StatusCode>-1</StatusCode></Status></SubmitRsp>"));
	assert_int_equal(m->code, 0);
	assert_string_equal(m->space, "");
}

static void
test_no_messages(void **state)
{
	static const char *const bad[] = {
		"",
		"x",
		"<a/>",
		"<S:Envelope/>",
		"<S:Envelope><S:Body/></S:Envelope>",
		"<Envelope><Body><a></Body></Envelope>",
		"<!DOCTYPE a><Envelope><Body><a/></Body></Envelope>",
		"<Envelope><Body><a>&x;</a></Body></Envelope>",
		"<Envelope><Body><a>\xff</a></Body></Envelope>",
	};

	for (size_t i = 0; i < COUNT(bad); i++)
		if (read_as("text/xml", bad[i]) != NULL)
			fail_msg("read: %s", bad[i]);
	assert_null(
	    read_as("multipart/related; boundary=b", "--b\r\nContent-Type: text/xml\r\n\r\n<a/>"));
	assert_null(read_as("multipart/related", "--b\r\n\r\n" ENVELOPE("<a/>") "\r\n--b--\r\n"));
	assert_non_null(read_as("Multipart/Related; START=\"<y>\"; Boundary=b",
	    "--b\r\n\r\nx\r\n--b\r\nContent-Id:\r\n <y>\r\n\r\n" ENVELOPE("<a/>") "\r\n--b--\r\n"));
}

static void
test_reports(void **state)
{
	const struct mm7_report r = { .version = "5.3.0",
		.transaction = "t<1>",
		.message_id = "m&1",
		.recipient = "15550002222",
		.sender = "123",
		.date = "2026-01-01T00:00:00+00:00",
		.mm_status = "Retrieved",
		.status_text = "ok",
		.handset = "Apple \"iPhone\" 14" };
	const struct mm7 *m;
	struct buf b;

	buf_init(&b, 4096);
	mm7_report_req(&b, &r);
	m = read_xml(buf_str(&b));
	assert_int_equal(m->type, MM7_REPORT_REQ);
	assert_string_equal(m->transaction, "t<1>");
	assert_string_equal(m->message_id, "m&1");
	assert_string_equal(m->to, "15550002222");
	assert_string_equal(m->sender, "123");
	assert_string_equal(m->mm_status, "Retrieved");
	assert_string_equal(m->status, "ok");
	assert_string_equal(m->handset, "Apple \"iPhone\" 14");
	buf_free(&b);
	m = read_xml(ENVELOPE(
	    "<DeliveryReportReq><MMSRelayServerID>rs1</MMSRelayServerID><Recipient>155</Recipient>"
	    "<UACapabilities>Nokia</UACapabilities></DeliveryReportReq>"));
	assert_string_equal(m->relay, "rs1");
	assert_string_equal(m->to, "155");
	assert_string_equal(m->handset, "Nokia");
	m = read_xml(
	    ENVELOPE("<DeliveryReportReq><UACapabilities "
		     "UAProf=\"http://ua.example/p?a=1&amp;b=2&#38;c\"/></DeliveryReportReq>"));
	assert_string_equal(m->handset, "http://ua.example/p?a=1&b=2&c");
}

static void
test_answers_written(void **state)
{
	static const struct mm7 submit = { .type = MM7_SUBMIT_REQ,
		.space = SPACE5,
		.version = "5.3.0",
		.transaction = "t1" };
	static const struct mm7 report = { .type = MM7_REPORT_REQ,
		.space = SPACE5,
		.version = "5.2.0",
		.transaction = "t1" };
	static const struct mm7 other = { .type = MM7_OTHER,
		.space = "",
		.version = "",
		.transaction = "t1" };
	static const struct {
		struct mm7_answer r;
		enum mm7_type type;
		const char *space, *version;
	} t[] = {
		{ { &submit, true, 1000, "Success", "", "m1" }, MM7_SUBMIT_RSP, SPACE5, "5.3.0" },
		{ { &report, false, 2005, "x", "y", "" }, MM7_REPORT_RSP, SPACE5, "5.2.0" },
		{ { &report, true, 4003, "x", "y", "" }, MM7_RS_ERROR, SPACE5, "6.8.0" },
		{ { &other, false, 4003, "x", "y", "" }, MM7_VASP_ERROR, SPACE6, "6.8.0" },
		{ { NULL, true, 3000, "x", "<y>", "" }, MM7_RS_ERROR, SPACE6, "6.8.0" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct mm7 *m;
		struct buf b;

		buf_init(&b, 4096);
		mm7_answer(&b, &t[i].r);
		m = read_xml(buf_str(&b));
		assert_int_equal(m->type, t[i].type);
		assert_int_equal(m->code, t[i].r.code);
		assert_string_equal(m->space, t[i].space);
		assert_string_equal(m->version, t[i].version);
		assert_string_equal(m->status, t[i].r.text);
		assert_string_equal(m->details, t[i].r.details);
		assert_string_equal(m->message_id, t[i].r.message_id);
		assert_string_equal(m->transaction, t[i].r.req != NULL ? "t1" : "");
		buf_free(&b);
	}
}

static void
test_codes(void **state)
{
	static const struct {
		unsigned code;
		enum transport_rc rc;
	} t[] = {
		{ 1000, TRANSPORT_TAKEN },
		{ 1100, TRANSPORT_TAKEN },
		{ 2000, TRANSPORT_REFUSED },
		{ 2002, TRANSPORT_REFUSED },
		{ 2004, TRANSPORT_TOO_BIG },
		{ 2007, TRANSPORT_REFUSED },
		{ 2560, TRANSPORT_TOO_BIG },
		{ 2999, TRANSPORT_REFUSED },
		{ 3000, TRANSPORT_AGAIN },
		{ 3001, TRANSPORT_REFUSED },
		{ 3510, TRANSPORT_AGAIN },
		{ 4000, TRANSPORT_AGAIN },
		{ 4001, TRANSPORT_REFUSED },
		{ 4005, TRANSPORT_REFUSED },
		{ 4006, TRANSPORT_AGAIN },
		{ 4007, TRANSPORT_REFUSED },
		{ 4999, TRANSPORT_REFUSED },
		{ 0, TRANSPORT_REFUSED },
		{ 9999, TRANSPORT_REFUSED },
	};
	static const struct {
		const char *status;
		bool end;
		enum report_kind kind;
	} s[] = {
		{ "Retrieved", true, REPORT_DELIVERED },
		{ "expired", true, REPORT_EXPIRED },
		{ "Rejected", true, REPORT_REJECTED },
		{ "Unrecognised", true, REPORT_NOT_SUPPORTED },
		{ "SystemError", true, REPORT_FAILED },
		{ "Forwarded", false, 0 },
		{ "Deferred", false, 0 },
		{ "Indeterminate", false, 0 },
		{ "", false, 0 },
	};
	enum report_kind kind;

	for (size_t i = 0; i < COUNT(t); i++)
		assert_int_equal(mm7_outcome(t[i].code), t[i].rc);
	for (size_t i = 0; i < COUNT(s); i++) {
		assert_int_equal(mm7_report_kind(s[i].status, &kind), s[i].end);
		if (s[i].end)
			assert_int_equal(kind, s[i].kind);
	}
}

static void
test_mime_parts(void **state)
{
	static const struct {
		const char *boundary, *body, *parts; /* bodies, "|" behind each; NULL: broken */
	} t[] = {
		{ "b", "--b\r\n\r\none\r\n--b\r\nA: b\r\n\r\ntwo\r\n--b--", "one|two|" },
		{ "b", "pre\r\n--b\r\n\r\none\r\n--b--\r\nepilogue", "one|" },
		{ "b", "--b \t\r\n\r\none\r\n--b--", "one|" },
		{ "b", "--b\r\n\r\n\r\n--b--", "|" },
		{ "b", "--b--", "" },
		/* a longer boundary of a part inside is not ours */
		{ "b", "--b\r\nA: b\r\n\r\n--bb\r\n\r\nin\r\n--bb--\r\n--b--",
		    "--bb\r\n\r\nin\r\n--bb--|" },
		{ "b", "--b\r\n\r\none", NULL },
		{ "b", "--b\r\nA: b\r\n--b--", NULL },
		{ "b", "", NULL },
		{ "b", "--c--", NULL },
		{ "b", "--b", NULL },
		{ "b", "--b\r\n", NULL },
		{ "", "--\r\n\r\nx\r\n----", NULL },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		struct mime_parts r;
		struct mime_part p;
		char type[64];
		struct buf got;
		int rc = -1;

		(void)snprintf(type, sizeof type, "multipart/mixed; boundary=\"%s\"",
		    t[i].boundary);
		buf_init(&got, 4096);
		if (mime_open(&r, type, t[i].body, strlen(t[i].body)))
			while ((rc = mime_next(&r, &p)) > 0) {
				buf_add(&got, p.body, p.nbody);
				buf_addc(&got, '|');
			}
		assert_int_equal(rc, t[i].parts != NULL ? 0 : -1);
		if (t[i].parts != NULL)
			assert_string_equal(buf_str(&got), t[i].parts);
		buf_free(&got);
	}
}

static void
test_mime_fields(void **state)
{
	static const char head[] = "Content-Type:multipart/related;\r\n\tboundary=\"x y\" ; a=b\r\n"
				   "X:\r\nContent-ID : <no>\r\ncontent-id: <1>\r\n";
	const struct mime_part p = { .head = head, .nhead = sizeof head - 1 };
	char v[64], tiny[4];

	assert_true(mime_field(&p, "content-type", v, sizeof v));
	assert_string_equal(v, "multipart/related; boundary=\"x y\" ; a=b");
	assert_true(mime_is(v, "Multipart/Related"));
	assert_false(mime_is(v, "multipart/relate"));
	assert_true(mime_parameter(v, strlen(v), "A", tiny, sizeof tiny));
	assert_string_equal(tiny, "b");
	assert_true(mime_field(&p, "X", v, sizeof v));
	assert_string_equal(v, "");
	assert_true(mime_field(&p, "Content-ID", v, sizeof v));
	assert_string_equal(v, "<1>");
	assert_false(mime_field(&p, "Content", v, sizeof v));
	assert_false(mime_field(&p, "Content-Type", tiny, sizeof tiny));
}

static void
test_gsm7(void **state)
{
	static const struct {
		const char *text;
		bool holds;
	} t[] = {
		{ "", true },
		{ "Hello @ $ _ !\r\n", true },
		{ "^{}[]~\\|€", true },
		{ "äöüßÄÖÜñàéÇ£¥¤", true },
		{ "ΔΦΓΛΩΠΨΣΘΞ", true },
		{ "\f", true },
		{ "à", true },
		{ "`", false },
		{ "ç", false },
		{ "á", false },
		{ "\t", false },
		{ "Ж", false },
		{ "…", false },
		{ "“", false },
		{ "😀", false },
	};

	for (size_t i = 0; i < COUNT(t); i++)
		if (gsm7_holds(t[i].text) != t[i].holds)
			fail_msg("%s", t[i].text);
}

static void
test_percent(void **state)
{
	struct buf b;

	buf_init(&b, 256);
	percent_add(&b, "aZ09-._~ +&=?#%/é\n");
	assert_string_equal(buf_str(&b), "aZ09-._~%20%2B%26%3D%3F%23%25%2F%C3%A9%0A");
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_submit_req),
		cmocka_unit_test(test_answers_read),
		cmocka_unit_test(test_no_messages),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_answers_written),
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_mime_parts),
		cmocka_unit_test(test_mime_fields),
		cmocka_unit_test(test_gsm7),
		cmocka_unit_test(test_percent),
	};
	int rc;

	xmltree_init();
	if ((a = arena_new(16 << 20)) == NULL)
		return 1;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	arena_free(&a);
	return rc;
}
