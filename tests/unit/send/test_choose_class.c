/* Which row of the tables a message finds, what is decided from it (SPEC 6.4, 6.5), and which class
 * is chosen within the limits of carrier, handset and transport. */
#include "unit.h"

#include "base/arena.h"
#include "model/routing.h"
#include "model/settings.h"
#include "send/compose_largest.h"
#include "send/mime_part.h"
#include "send/transport.h"

static struct settings s;

static void
set(const char *key, const char *value)
{
	char err[256];

	if (settings_set(&s, key, value, err, sizeof err) != 0)
		fail_msg("%s = %s: %s", key, value, err);
}

static void
refused(const char *key, const char *value, const char *why)
{
	char err[256] = "";

	assert_int_equal(settings_set(&s, key, value, err, sizeof err), -1);
	if (strstr(err, why) == NULL)
		fail_msg("%s = %s: '%s' does not say '%s'", key, value, err, why);
}

static int
setup(void **state)
{
	settings_defaults(&s, "/nonexistent");
	return 0;
}

/* --- objects ------------------------------------------------------------------------ */

enum { LINK, ATTACHED };

/* SPEC 6.4: handset by object. */
static const struct {
	const char *handset;
	int vcard, ical, pdf;
} objects[] = {
	/* clang-format off */
	{ "Apple iPhone 14 Pro", ATTACHED, ATTACHED, ATTACHED },
	{ "iPad", ATTACHED, ATTACHED, ATTACHED },
	{ "Samsung SM-G991B", ATTACHED, LINK, LINK },
	{ "Google Pixel 8", ATTACHED, LINK, LINK },
	{ "Mozilla/5.0 (Linux; Android 13)", ATTACHED, LINK, LINK },
	{ "Nokia 3310", LINK, LINK, LINK },
	{ "BlackBerry9000", LINK, LINK, LINK },
	{ "Windows Phone 8", LINK, LINK, LINK },
	{ "a handset nobody has heard of", LINK, LINK, LINK },
	{ "", ATTACHED, LINK, LINK }, /* unknown */
	/* clang-format on */
};

static void
test_objects(void **state)
{
	const struct message m = { .to = "15551230001", .operator_id = "" };
	const struct template t = { .nslide = 0 };
	struct decision d;

	for (size_t i = 0; i < COUNT(objects); i++) {
		unsigned want = (unsigned)(objects[i].vcard << KIND_VCARD |
		    objects[i].ical << KIND_ICAL | objects[i].pdf << KIND_PDF);

		choose_class(&s, &t, &m, objects[i].handset, &d);
		if (d.attach != want)
			fail_msg("%s: %x, not %x", objects[i].handset, d.attach, want);
	}
}

/* --- classes ------------------------------------------------------------------------- */

static const struct {
	const char *operator_id, *handset, *link; /* link: a class the template does not fit */
	const char *classes;                      /* in the order they are tried */
} classes[] = {
	/* clang-format off */
	{ "", "", "", "MS" }, /* nothing known: M */
	{ "310410", "", "", "MS" }, /* handset not known: M */
	{ "", "iPhone", "", "MS" }, /* carrier not known: M */
	{ "310410", "iPhone", "", "LMS" }, /* 1,048,576 */
	{ "att", "iPhone", "", "LMS" }, /* by its name */
	{ "ATT", "Pixel", "", "LMS" },
	{ "311480", "iPhone", "", "XLMS" }, /* 1,258,291 */
	{ "302610", "iPhone", "", "MS" }, /* 614,400 */
	{ "311480", "Nokia 3310", "", "S" }, /* the handset's 307,200 */
	{ "311480", "iPhone", "X", "LMS" },
	{ "311480", "iPhone", "M", "XLS" },
	{ "311480", "Nokia 3310", "S", "" }, /* none is left: SMS */
	{ "99999", "", "", "MS" },
	{ "small", "iPhone", "", "S" }, /* below all classes: the smallest may do */
	{ "small", "iPhone", "S", "" },
	{ "none", "iPhone", "", "" }, /* no MMS there */
	/* clang-format on */
};

static void
test_classes(void **state)
{
	set("carrier-small", "bytes=200000");
	set("carrier-none", "mms=no");
	for (size_t i = 0; i < COUNT(classes); i++) {
		const struct message m = { .to = "15551230001",
			.operator_id = classes[i].operator_id };
		struct template t = { .nlink = classes[i].link[0] != '\0' };
		char got[CLASS_MAX + 1] = "";
		struct decision d;

		(void)snprintf(t.link_class[0], CLASS_NAME, "%s",
		    strcmp(classes[i].link, "X") == 0 ? "XL" : classes[i].link);
		choose_class(&s, &t, &m, classes[i].handset, &d);
		for (unsigned k = 0; k < d.nclass; k++)
			got[k] = d.class[k]->name[0];
		if (strcmp(got, classes[i].classes) != 0)
			fail_msg("%s %s without %s: '%s', not '%s'", classes[i].operator_id,
			    classes[i].handset, classes[i].link, got, classes[i].classes);
		assert_true(d.why[0] != '\0');
	}
}

/* A sound that is AMR in LEGACY and MP3 in S and M: no iPhone gets it as AMR. */
static void
test_sound_that_is_not_played(void **state)
{
	static const struct {
		const char *bytes, *handset, *classes; /* bytes: what the carrier takes */
	} cases[] = {
		{ "bytes=110000", "Nokia 3310", "LEGACY " }, { "bytes=110000", "Pixel", "LEGACY " },
		{ "bytes=110000", "", "LEGACY " }, { "bytes=110000", "iPhone", "" },
		{ "bytes=100", "Nokia 3310", "LEGACY " }, /* below all classes */
		{ "bytes=100", "iPhone", "" }, { "bytes=310000", "iPhone", "S " },
		{ "bytes=310000", "Nokia 3310", "S LEGACY " },
		{ "bytes=900000", "", "M S LEGACY " },
		{ "bytes=900000", "An old phone", "LEGACY " }, /* its row says so */
	};
	struct rendition r[] = { { .class = "LEGACY", .format = FORMAT_AMR },
		{ .class = "S", .format = FORMAT_MP3 }, { .class = "M", .format = FORMAT_MP3 } };
	struct medium m = { .kind = KIND_AUDIO, .rendition = r, .nrendition = COUNT(r) };
	struct slide slide[2] = { { .text = "x" }, { .medium = &m, .nmedium = 1 } };
	const struct template t = { .slide = slide, .nslide = 2 };
	const struct message to = { .to = "15551230001", .operator_id = "small" };

	set("classes", "LEGACY, S, M");
	set("handset-old", "pattern=*old?phone* os=Other bytes=102400");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char got[64] = "";
		struct decision d;

		set("carrier-small", cases[i].bytes);
		choose_class(&s, &t, &to, cases[i].handset, &d);
		for (unsigned k = 0; k < d.nclass; k++)
			(void)snprintf(got + strlen(got), sizeof got - strlen(got), "%s ",
			    d.class[k] -> name);
		if (strcmp(got, cases[i].classes) != 0)
			fail_msg("row %zu: '%s'", i, got);
		assert_true((strstr(d.why, "has no class") != NULL) == (d.nclass == 0));
	}
}

/* --- limits ------------------------------------------------------------------------------ */

/* An image of 1,000,000 bytes in XL, 900,000 in L, 500,000 in M and 280,000 in S; beside it a text
 * and a PDF. */
static struct medium media[2];
static struct rendition renditions[4];
static struct slide slides[2];
static const struct template big = {
	.subject = "Subject", .fallback = "", .slide = slides, .nslide = 2
};
static struct message to_iphone = { .to = "15551230001",
	.from = "12345",
	.from_mask = "",
	.operator_id = "311480",
	.subject = "",
	.reference = "",
	.tracking = "T0000000000000000000000000000001" };
static const struct compose_in base = {
	.t = &big, .m = &to_iphone, .page = "https://h/m/t", .report_url = "https://h/r"
};

static void
fill_big(uint64_t pdf)
{
	static const struct {
		const char *class;
		uint64_t bytes;
	} made[] = { { "S", 280000 }, { "M", 500000 }, { "L", 900000 }, { "XL", 1000000 } };

	for (size_t i = 0; i < COUNT(made); i++) {
		renditions[i] = (struct rendition){ .format = FORMAT_JPEG, .bytes = made[i].bytes };
		(void)snprintf(renditions[i].class, CLASS_NAME, "%s", made[i].class);
	}
	media[0] = (struct medium){ .kind = KIND_IMAGE,
		.format = FORMAT_JPEG,
		.url = "u",
		.rendition = renditions,
		.nrendition = 4 };
	media[1] = (struct medium){ .kind = KIND_PDF,
		.format = FORMAT_PDFDOC,
		.url = "u",
		.bytes = pdf };
	slides[0] = (struct slide){ .text = "Text", .medium = &media[0], .nmedium = 1 };
	slides[1] = (struct slide){ .medium = &media[1], .nmedium = 1 };
}

/* What is chosen: class, a P where the PDF is attached; "SMS". Verizon takes 1,258,291. */
static const struct {
	const char *way;
	uint64_t pdf;
	const char *chosen;
} limits[] = {
	{ "kind=spool", 1000, "XLP" },   /* 1,370,000 in base64, which no carrier counts */
	{ "kind=spool", 300000, "LP" },  /* with it XL is too large on the air */
	{ "kind=spool", 2000000, "XL" }, /* no class has it: a link, in the largest */
	{ "kind=spool max-bytes=1300000", 1000, "LP" }, /* the file is counted in base64 */
	{ "kind=spool max-bytes=1300000 count=wire", 1000, "LP" },
	{ "kind=spool max-bytes=1300000 count=air", 1000, "XLP" },
	{ "kind=spool max-bytes=950000 count=air", 1000, "LP" },
	{ "kind=spool max-bytes=1300000 parts=binary", 1000, "XLP" },
	{ "kind=mm7 url=http://h/ max-bytes=1300000", 1000, "LP" },
	{ "kind=mm7 url=http://h/ max-bytes=1300000 parts=binary", 1000, "XLP" },
	{ "kind=mm7 url=http://h/ max-bytes=1300000 count=air", 1000, "XLP" },
	{ "kind=mm7 url=http://h/ max-bytes=700000", 1000, "MP" },
	{ "kind=mm7 url=http://h/ max-bytes=700000 parts=binary", 1000, "MP" },
	/* 280,000 in base64 are 383,000 */
	{ "kind=mm7 url=http://h/ max-bytes=395000", 1000, "SP" },
	{ "kind=mm7 url=http://h/ max-bytes=395000", 100000, "S" },
	{ "kind=mm7 url=http://h/ max-bytes=380000", 1000, "SMS" },
	{ "kind=mm7 url=http://h/ max-bytes=380000 parts=binary", 1000, "SP" },
	{ "kind=mm7 url=http://h/ max-bytes=100", 1000, "SMS" },
	{ "kind=mm7 url=http://h/ max-bytes=0", 1000, "XLP" },
};

static void
test_limits(void **state)
{
	struct arena *a = arena_new(16 << 20);

	set("mms-routes", "sender:12345=way");
	for (size_t i = 0; i < COUNT(limits); i++) {
		struct decision d;
		struct choice best;
		char got[CLASS_NAME + 2] = "SMS";

		set("transport-way", limits[i].way);
		fill_big(limits[i].pdf);
		choose_class(&s, &big, &to_iphone, "iPhone", &d);
		assert_string_equal(d.transport->name, "way");
		assert_int_equal(d.limit, 1258291);
		assert_true((strstr(d.why, "transport way: at most") != NULL) ==
		    (d.transport->max_bytes != 0));
		assert_true(compose_largest(a, &d, &base, &best));
		if (best.mms != NULL)
			(void)snprintf(got, sizeof got, "%s%s", best.class->name,
			    best.attach & 1U << KIND_PDF ? "P" : "");
		if (strcmp(got, limits[i].chosen) != 0)
			fail_msg("%s: %s, not %s", limits[i].way, got, limits[i].chosen);
	}
	arena_free(&a);
}

/* The sums are those of the two functions; a part may grow by what is left, and no more. */
static void
test_room(void **state)
{
	static const char *const ways[] = { "kind=spool",
		"kind=mm7 url=http://h/ max-bytes=1500000",
		"kind=mm7 url=http://h/ max-bytes=1300000 parts=binary",
		"kind=mm7 url=http://h/ max-bytes=1100000 count=air",
		"kind=mm7 url=http://h/ max-bytes=1490001" };
	struct arena *a = arena_new(64 << 20);

	set("mms-routes", "default=way");
	for (size_t i = 0; i < COUNT(ways); i++) {
		struct compose_in in = base;
		struct decision d;
		struct composed *c;
		uint64_t room;

		set("transport-way", ways[i]);
		fill_big(1000);
		in.class = "XL";
		choose_class(&s, &big, &to_iphone, "iPhone", &d);
		assert_non_null(c = compose_within(a, &d, &in));
		assert_int_equal(c->wire,
		    transport_wire(&(struct transport_job){ .transport = d.transport,
			.m = in.m,
			.mms = c,
			.report_url = in.report_url }));
		assert_true(compose_fits(&d, c));
		room = compose_room(&d, c, 1000000);
		renditions[3].bytes = room;
		assert_non_null(c = compose_within(a, &d, &in));
		assert_true(compose_fits(&d, c));
		renditions[3].bytes = room + MIME_LINE;
		assert_non_null(c = compose_within(a, &d, &in));
		assert_false(compose_fits(&d, c));
	}
	arena_free(&a);
}

/* --- tables ---------------------------------------------------------------------------- */

static void
test_carriers_by_prefix(void **state)
{
	set("carrier-one", "prefixes=1700,1701 bytes=1000");
	set("carrier-two", "prefixes=17001, 1800 operators=00101, x2");
	assert_string_equal(routing_carrier(&s.routing, "", "17005550001")->name, "one");
	/* the longest */
	assert_string_equal(routing_carrier(&s.routing, "", "17001550001")->name, "two");
	assert_string_equal(routing_carrier(&s.routing, "", "18005550001")->name, "two");
	assert_null(routing_carrier(&s.routing, "", "19005550001"));
	/* before the prefix */
	assert_string_equal(routing_carrier(&s.routing, "X2", "17005550001")->name, "two");
	assert_string_equal(routing_carrier(&s.routing, "nobody", "17005550001")->name, "one");
	set("carrier-one", "bytes=5"); /* takes the row's place, all of it */
	assert_null(routing_carrier(&s.routing, "", "17005550001"));
	assert_int_equal(routing_carrier(&s.routing, "one", "1")->bytes, 5);
	assert_true(routing_carrier(&s.routing, "one", "1")->mms);
}

static void
test_handsets(void **state)
{
	assert_null(routing_handset(&s.routing, ""));
	assert_null(routing_handset(&s.routing, "xyz"));
	assert_int_equal(routing_handset(&s.routing, "IPHONE")->os, OS_IOS);
	set("handset-mine", "pattern=*iphone?3* os=Other bytes=1000");
	/* before the shipped */
	assert_string_equal(routing_handset(&s.routing, "iPhone 3GS")->name, "mine");
	assert_string_equal(routing_handset(&s.routing, "iPhone 14")->name, "iphone");
}

static void
test_routes(void **state)
{
	const struct carrier *att = routing_carrier(&s.routing, "att", "1");
	const char *routes = "sender:12345=a, carrier:att=b, default=c";
	char missing[ROUTE_NAME];

	set("transport-a", "kind=mm7 url=https://h/ user=u password=p=q vasp=v vas=w");
	set("transport-b", "kind=sms-http url=http://h/");
	set("transport-c", "kind=spool");
	assert_null(routing_check_routes(routes));
	assert_string_equal(routing_transport(&s.routing, routes, "12345", att)->name, "a");
	assert_string_equal(routing_transport(&s.routing, routes, "1234", att)->name, "b");
	assert_string_equal(routing_transport(&s.routing, routes, "1234", NULL)->name, "c");
	assert_string_equal(routing_transport(&s.routing, "", "1234", NULL)->name, "spool");
	assert_string_equal(routing_transport_by_name(&s.routing, "a")->version, "6.8.0");
	assert_string_equal(routing_transport_by_name(&s.routing, "a")->password, "p=q");
	for (unsigned i = 0; i < s.routing.ntransport; i++) { /* "spool", which is shipped, too */
		assert_int_equal(s.routing.transport[i].count, COUNT_WIRE);
		assert_int_equal(s.routing.transport[i].parts, PARTS_BASE64);
		assert_int_equal(s.routing.transport[i].max_bytes, 0);
	}
	set("transport-a", "count=air parts=binary max-bytes=7 url=https://h/ kind=mm7");
	assert_int_equal(routing_transport_by_name(&s.routing, "a")->count, COUNT_AIR);
	assert_int_equal(routing_transport_by_name(&s.routing, "a")->parts, PARTS_BINARY);
	assert_int_equal(routing_transport_by_name(&s.routing, "a")->max_bytes, 7);
	routing_missing(&s.routing, "default=spool, sender:1=nowhere", missing);
	assert_string_equal(missing, "nowhere");
	routing_missing(&s.routing, routes, missing);
	assert_string_equal(missing, "");
}

static void
test_wrong_lines(void **state)
{
	refused("carrier-x", "bytes=many", "bytes is a number");
	refused("carrier-x", "mms=maybe", "yes or no");
	refused("carrier-x", "bytes", "word=value");
	refused("carrier-x", "colour=red", "a carrier has");
	refused("carrier-", "bytes=1", "its name");
	refused("carrier-a b", "bytes=1", "its name");
	refused("handset-x", "os=iOS", "needs pattern=");
	refused("handset-x", "pattern=* os=Symbian", "iOS, Android or Other");
	refused("transport-x", "kind=mm7", "needs url=");
	refused("transport-x", "kind=mm1 url=http://h/", "spool, mm7 or sms-http");
	refused("transport-x", "kind=mm7 url=ftp://h/", "url is http");
	refused("transport-x", "kind=mm7 url=http://h/ version=7", "5.3.0 or 6.8.0");
	refused("transport-x", "kind=spool max-bytes=1MB", "max-bytes is a number");
	refused("transport-x", "kind=spool max-bytes=100000001", "at most 100000000");
	refused("transport-x", "kind=spool count=base64", "count is air or wire");
	refused("transport-x", "kind=spool parts=8bit", "parts is base64 or binary");
	refused("transport-x", "kind=sms-http url=http://h/ max-bytes=1", "for transports of MMS");
	refused("transport-x", "count=wire url=http://h/ kind=sms-http", "for transports of MMS");
	refused("mms-routes", "default", "default=TRANSPORT");
	refused("mms-routes", "everybody=spool", "default=TRANSPORT");
	for (int i = 0; i < CARRIER_MAX; i++) {
		char key[32], err[256];

		(void)snprintf(key, sizeof key, "carrier-n%d", i);
		if (settings_set(&s, key, "bytes=1", err, sizeof err) != 0) {
			assert_non_null(strstr(err, "too many rows"));
			return;
		}
	}
	fail_msg("the table has no end");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_objects, setup),
		cmocka_unit_test_setup(test_classes, setup),
		cmocka_unit_test_setup(test_sound_that_is_not_played, setup),
		cmocka_unit_test_setup(test_limits, setup),
		cmocka_unit_test_setup(test_room, setup),
		cmocka_unit_test_setup(test_carriers_by_prefix, setup),
		cmocka_unit_test_setup(test_handsets, setup),
		cmocka_unit_test_setup(test_routes, setup),
		cmocka_unit_test_setup(test_wrong_lines, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
