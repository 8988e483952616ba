/* request: the four ways in, shapes, refused input (SPEC 1.2, 1.3, rules 1 and 2) */
#include <time.h>

#include "unit.h"

#include "base/buf.h"
#include "model/text.h"
#include "request/pairs.h"
#include "request/request.h"
#include "request/request_write.h"
#include "request/xmlscan.h"
#include "request/xmltree.h"
#include "set_up.h"

static struct request *
xml(const char *body)
{
	return post("text/xml", body, strlen(body));
}

static struct request *
get(const char *query)
{
	const struct request_bytes in = { .query = query, .content_type = "", .body = "" };

	return request_read(arena, &in, &failure);
}

static void
test_ways_in(void **state)
{
	static const char doc[] = "\n <request><Action> saveMMS </Action><NAME>n</NAME>"
				  "<SLIDE><TEXT>t</TEXT></SLIDE></request>";
	static const char form[] =
	    "a=1&XmL=%3CREQUEST%3E%3CACTION%3EsaveMMS%3C/ACTION%3E%3CNAME%3En%3C%2FNAME%3E"
	    "%3CSLIDE%3E%3CTEXT%3Et%3C/TEXT%3E%3C/SLIDE%3E%3C/REQUEST%3E";
	static const char multi[] = "--xyz\r\nContent-Disposition: form-data; name=\"XML\"\r\n\r\n"
				    "<REQUEST><ACTION>saveMMS</ACTION><NAME>n</NAME>"
				    "<SLIDE><TEXT>t</TEXT></SLIDE></REQUEST>\r\n--xyz--\r\n";
	static const char parts[] =
	    "pre\r\n--b\r\ncontent-disposition: form-data; name=action\r\n\r\nsaveMMS\r\n--b\r\n"
	    "Content-Disposition: form-data; name=\"name\"; filename=\"f\"\r\n"
	    "Content-Type: text/plain\r\n\r\nn\r\n"
	    "--b\r\nContent-Disposition: form-data; name=\"slide_1_text\"\r\n\r\nt\r\n--b--";
	struct request *all[] = {
		xml(doc),
		post("application/x-www-form-urlencoded", doc, strlen(doc)),
		post("", doc, strlen(doc)),
		post("application/x-www-form-urlencoded; charset=utf-8", form, strlen(form)),
		post("multipart/form-data; boundary=xyz", multi, strlen(multi)),
		post("Multipart/Form-Data; boundary=\"b\"", parts, strlen(parts)),
		post("application/x-www-form-urlencoded", "ACTION=saveMMS&name=n&slide_1_text=t",
		    36),
		get("action=+saveMMS&NAME=n&slide_1_text=t&unknown=1"),
	};

	for (size_t i = 0; i < COUNT(all); i++) {
		assert_non_null(all[i]);
		assert_string_equal(all[i]->action, "saveMMS");
		assert_string_equal(all[i]->name, "n");
		assert_int_equal(all[i]->nslide, 1);
		assert_string_equal(all[i]->slide[0].text, "t");
	}
}

static void
test_unreadable(void **state)
{
	static const struct {
		const char *type, *body;
		enum api_error code;
	} t[] = {
		{ "text/plain", "hello", E100 },
		{ "", "", E100 },
		{ "application/json", "[]", E100 },
		{ "application/json", "{", E108 },
		{ "multipart/form-data", "x", E100 },
		{ "multipart/form-data; boundary=b", "--b\r\nx", E100 },
		{ "text/xml", "<OTHER/>", E100 },
		{ "text/xml", "<REQUEST>", E108 },
		{ "text/xml", "<A></B>", E108 },
		{ "text/xml", "<!DOCTYPE R []><REQUEST/>", E108 },
		{ "text/xml", "<R>&x;</R>", E108 },
		{ "text/xml", "<REQUEST/><REQUEST/>", E108 },
		{ "text/xml", "<R>\x80</R>", E108 },
		{ "text/xml", "<?xml version='1.0' encoding='KOI8-Q'?><R/>", E108 },
		{ "text/xml", "<?xml version='1.0' encoding='us-ascii'?><R>\xc3\xa9</R>", E108 },
		{ "text/xml", "<R><?php x?></R>", E100 },
		{ "text/xml", "<R>&#0;</R>", E108 },
		{ "text/xml", "<", E108 },
		{ "application/x-www-form-urlencoded", "action=%ff", E108 },
		{ "application/x-www-form-urlencoded", "action=a%00b", E108 },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		assert_null(post(t[i].type, t[i].body, strlen(t[i].body)));
		assert_int_equal(failure.code, t[i].code);
	}
	assert_null(xml("<REQUEST>\n<A>\n</B></REQUEST>"));
	assert_non_null(strstr(failure.detail, "line 3"));
}

static void
test_shapes(void **state)
{
	struct request *r = xml(
	    "<REQUEST><CONTENT><NAME>old</NAME><SEQUENCE>"
	    "<SLIDE duration='5'><IMAGE><URL/><URL> http://h/1.jpg </URL></IMAGE>"
	    "<IMAGE><URL>http://h/2.jpg</URL></IMAGE></SLIDE>"
	    "<slide><contact><url>http://h/c</url></contact><![CDATA[x]]>"
	    "<TEXT>a<![CDATA[<b>]]>&amp;</TEXT></slide></SEQUENCE></CONTENT>"
	    "<SLIDE><PERSONALIZED-IMAGE><TEMPLATE-ID>7</TEMPLATE-ID></PERSONALIZED-IMAGE>"
	    "<DURATION>3</DURATION></SLIDE></REQUEST>");

	assert_non_null(r);
	assert_string_equal(r->name, "old");
	assert_int_equal(r->nslide, 3);
	assert_string_equal(r->slide[0].duration, "5");
	assert_string_equal(r->slide[0].url[KIND_IMAGE], "http://h/1.jpg");
	assert_string_equal(r->slide[1].url[KIND_VCARD], "http://h/c");
	assert_string_equal(r->slide[1].text, "a<b>&");
	assert_string_equal(r->slide[2].image_template, "7");
	assert_string_equal(r->slide[2].duration, "3");
}

static void
test_slides_as_pairs(void **state)
{
	struct request *r = get(
	    "slide_10_text=ten&slide_2_image=http://h/i&slide_2_image=later&SLIDE_2_text=two"
	    "&slide_x_text=no&slide_0_text=no&slide_2_calendar=http://h/c"
	    "&slide_10_personalized_image=9&slide_10_duration=4&slide_99999999999_text=no");
	struct request *empty_fields = get(
	    "slide_1_text=&slide_1_image=+&slide_2_text=x&slide_3_text=%0d%0a");

	assert_int_equal(empty_fields->nslide, 1);
	assert_int_equal(r->nslide, 2);
	assert_string_equal(r->slide[0].url[KIND_IMAGE], "http://h/i");
	assert_string_equal(r->slide[0].url[KIND_ICAL], "http://h/c");
	assert_string_equal(r->slide[0].text, "two");
	assert_string_equal(r->slide[1].text, "ten");
	assert_string_equal(r->slide[1].image_template, "9");
	assert_string_equal(r->slide[1].duration, "4");
}

static void
test_scan_bounds(void **state)
{
	char *big = arena_zalloc(arena, 70000), *w;
	unsigned line;

	w = big;
	for (int i = 0; i < 33; i++)
		w += sprintf(w, "<a>");
	assert_string_equal(xmlscan(big, strlen(big), &line), "elements are nested too deeply");
	w = big;
	for (int i = 0; i < 32; i++)
		w += sprintf(w, "<a>");
	assert_null(xmlscan(big, strlen(big), &line));
	strcpy(w, "<b/>"); /* an empty element is one deeper, too */
	assert_string_equal(xmlscan(big, strlen(big), &line), "elements are nested too deeply");
	w = big + sprintf(big, "<a x='");
	memset(w, 'y', 5000);
	strcpy(w + 5000, "'/>");
	assert_string_equal(xmlscan(big, strlen(big), &line), "a tag is too long");
	w = big + sprintf(big, "\n\n<a");
	for (int i = 0; i < 65; i++)
		w += sprintf(w, " a%d='1'", i);
	strcpy(w, "/>");
	assert_string_equal(xmlscan(big, strlen(big), &line), "too many attributes");
	assert_int_equal(line, 3);
	w = big;
	for (int i = 0; i < 2001; i++)
		w += sprintf(w, "<a/>");
	assert_string_equal(xmlscan(big, strlen(big), &line), "too many elements");
	assert_non_null(xmlscan("<a>\0</a>", 8, &line));
	assert_null(xmlscan("<a b='>'>x<!-- <!DOCTYPE --><![CDATA[<!DOCTYPE]]></a>", 53, &line));
	assert_null(xmlscan("<?p <!DOCTYPE?><a><?q?></a>", 27, &line));
	assert_non_null(xmlscan("<?p?><!DOCTYPE a><a/>", 21, &line));
	assert_null(xmlscan("text", 4, &line));
	assert_null(xmlscan("", 0, &line));
}

/* Memory grows with the document, not with its square: 1,900 children amid 950 KB of text. */
static void
test_memory_of_mixed_content(void **state)
{
	struct arena *small = arena_new(8 << 20);
	struct buf doc;
	struct xnode *root;
	const char *why;

	buf_init(&doc, 1 << 20);
	buf_adds(&doc, "<a>");
	for (int i = 0; i < 1900; i++)
		buf_printf(&doc, "%0500d<b>x</b>", i);
	buf_adds(&doc, "</a>");
	root = xmltree_parse(small, doc.p, doc.len, &why);
	assert_non_null(root);
	assert_int_equal(strlen(root->text), 1900 * 500);
	assert_string_equal(root->child->text, "x");
	assert_memory_equal(root->text + 500, doc.p + 3 + 508, 500);
	buf_free(&doc);
	arena_free(&small);
}

static void
test_markup_inside_a_text(void **state)
{
	static const struct {
		const char *xml, *text;
	} t[] = {
		{ "<T>Hello <b>you</b></T>", "Hello you" },
		{ "<T><p>a <i>b</i> c</p> d <p>e</p></T>", "a b c d e" },
		{ "<T>a<br/>b<!-- c --><![CDATA[<d>]]> &amp;<?e f?></T>", "ab<d> &" },
		{ "<T><b/></T>", "" },
		{ "<T>x</T>", "x" },
	};
	const char *why;

	for (size_t i = 0; i < COUNT(t); i++) {
		struct xnode *root = xmltree_parse(arena, t[i].xml, strlen(t[i].xml), &why);

		assert_non_null(root);
		assert_string_equal(xnode_all_text(arena, root), t[i].text);
	}
}

static void
test_entities_in_attributes(void **state)
{
	static const char xml[] = "<r a='x &amp; y' b='&lt;&gt;&quot;&apos;' c='&#38;amp;&#x41;'/>";
	const char *why;
	struct xnode *root = xmltree_parse(arena, xml, strlen(xml), &why);

	assert_non_null(root);
	assert_string_equal(xnode_attr(root, "a"), "x & y");
	assert_string_equal(xnode_attr(root, "b"), "<>\"'");
	assert_string_equal(xnode_attr(root, "c"), "&amp;A");
	assert_null(xmltree_parse(arena, "<r a='&x;'/>", 12, &why));
	assert_non_null(why);
}

static void
test_texts(void **state)
{
	static const char given[] = " a \t\n b\xf0\x9f\x98\x80 \xc3\xa9\xe2\x82\xac\x7f ";

	assert_true(text_valid("a\xc3\xa9\xf0\x9f\x98\x80", 7));
	assert_false(text_valid("\xc0\x80", 2));
	assert_false(text_valid("\xed\xa0\x80", 3));
	assert_false(text_valid("\xf4\x90\x80\x80", 4));
	assert_false(text_valid("\xe2\x82", 2));
	assert_false(text_valid("a\0b", 3));
	assert_int_equal(text_count("a\xc3\xa9\xf0\x9f\x98\x80"), 3);
	assert_string_equal(text_subject(arena, given, 80), "a b \xc3\xa9");
	assert_string_equal(text_subject(arena, "abc def", 4), "abc");
	assert_string_equal(text_subject(arena, "abc def", 5), "abc d");
	assert_string_equal(text_slide(arena, "a\\r\\nb\\rc\\nd\x01\x0b\te\r\nf\\x"),
	    "a\nb\nc\nd\te\nf\\x");
}

/* What is written is what is read back, whatever is in it. */
static void
test_written(void **state)
{
	struct request_slide slide[2] = { { .text = "a <b> & \"c\"\nd \xf0\x9f\x98\x80",
	    .duration = "5",
	    .image_template = "7" } };
	struct request in = { .name = "n & m",
		.subject = "",
		.fallback = "f]]>",
		.no_fallback_link = "yes",
		.slide = slide,
		.nslide = 2 };
	struct request *r;
	struct buf b;

	slide[0].url[KIND_AUDIO] = "http://x.example/?a=1&b=<2>";
	buf_init(&b, 65536);
	request_write_save(&b, &in, "KEY");
	assert_non_null(r = xml(buf_str(&b)));
	assert_string_equal(r->action, "saveMMS");
	assert_string_equal(r->api_key, "KEY");
	assert_string_equal(r->name, in.name);
	assert_null(r->subject);
	assert_string_equal(r->fallback, in.fallback);
	assert_null(r->no_fallback);
	assert_string_equal(r->no_fallback_link, "yes");
	assert_int_equal(r->nslide, 2); /* the empty one, too */
	assert_string_equal(r->slide[0].text, slide[0].text);
	assert_string_equal(r->slide[0].duration, "5");
	assert_string_equal(r->slide[0].image_template, "7");
	assert_string_equal(r->slide[0].url[KIND_AUDIO], slide[0].url[KIND_AUDIO]);
	assert_null(r->slide[1].text);
	buf_free(&b);
}

static void
test_files(void **state)
{
	static const char body[] =
	    "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b\r\n"
	    "Content-Type: text/plain\r\n\r\nunnamed\r\n--b\r\n"
	    "Content-Disposition: form-data; name=\"c\"\r\nContent-Type: image/png\r\n\r\nx\r\n"
	    "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"m.jpg\"\r\n"
	    "Content-Type: image/jpeg\r\n\r\n\0y\r\n--b\r\n"
	    "Content-Disposition: form-data; name=\"e\"; filename=\"\"\r\n\r\n\r\n--b--\r\n";
	struct pairs ps = { 0 };

	assert_true(pairs_from_multipart(arena, "multipart/form-data; boundary=b", body,
	    sizeof body - 1, &ps));
	assert_true(ps.n == 4 && ps.unnamed == 1);
	assert_null(ps.v[0].file);
	assert_string_equal(ps.v[0].type, "");
	assert_null(ps.v[1].file);
	assert_string_equal(ps.v[1].type, "image/png");
	assert_string_equal(ps.v[2].file, "m.jpg");
	assert_string_equal(ps.v[2].type, "image/jpeg");
	assert_int_equal(ps.v[2].len, 2);
	assert_string_equal(ps.v[3].file, "");
	assert_string_equal(ps.v[3].type, "");
}

/* Of two images the first counts, also one that is a part of the body. */
static void
test_first_image(void **state)
{
#define PERSONAL "<PERSONALIZED-IMAGE><TEMPLATE-ID>1</TEMPLATE-ID></PERSONALIZED-IMAGE>"
#define OF(media) "<REQUEST><SLIDE>" media "</SLIDE></REQUEST>"
	static const char *const first[] = { OF("<IMAGE><URL>u</URL></IMAGE>" PERSONAL),
		OF("<IMAGE><PART>a</PART></IMAGE>" PERSONAL) };
	static const char *const second[] = { OF(PERSONAL "<IMAGE><URL>u</URL></IMAGE>"),
		OF(PERSONAL "<IMAGE><PART>a</PART></IMAGE>"), OF("<IMAGE/>" PERSONAL) };

	for (size_t i = 0; i < COUNT(first); i++)
		assert_true(xml(first[i])->slide[0].image_first);
	for (size_t i = 0; i < COUNT(second); i++)
		assert_false(xml(second[i])->slide[0].image_first);
#undef OF
#undef PERSONAL
}

/* Many slides, backwards, with gaps and blank ones: they come in the order of their numbers, in
 * time that is in proportion to them; and none is read before the caller is known. */
static void
test_many_slides(void **state)
{
	enum { SLIDES = 990, ROUNDS = 20 };
	struct request_bytes in = { .content_type = "", .body = "" };
	struct request *r;
	struct buf b;
	char text[24];
	clock_t began;

	buf_init(&b, 1 << 20);
	buf_adds(&b, "action=saveMMS");
	for (int i = SLIDES; i > 0; i--)
		buf_printf(&b, "&slide_%d_text=%s%d", i * 10, i % 3 == 0 ? "" : "t", i);
	buf_adds(&b, "&slide_5_text=%20&slide_0_text=x&slide_10000_text=x&data_x=y&customtext_1=c");
	in.query = buf_str(&b);
	r = request_read_head(arena, &in, &failure);
	assert_non_null(r);
	assert_string_equal(r->action, "saveMMS");
	assert_true(r->nslide == 0 && r->ndata == 0 && r->ncustom == 0);
	assert_true(request_read_rest(arena, r));
	assert_int_equal(r->nslide, SLIDES);
	assert_true(r->ndata == 1 && r->ncustom == 1);
	for (int i = 1; i <= REQUEST_SLIDES; i++) {
		(void)snprintf(text, sizeof text, "%s%d", i % 3 == 0 ? "" : "t", i);
		assert_string_equal(r->slide[i - 1].text, text);
	}
	began = clock();
	for (int i = 0; i < ROUNDS; i++)
		assert_non_null(request_read(arena, &in, &failure));
	/* where each slide looked through all pairs, this took a second */
	assert_true(under_valgrind() || clock() - began < CLOCKS_PER_SEC / 4);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways_in),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_slides_as_pairs),
		cmocka_unit_test(test_many_slides),
		cmocka_unit_test(test_scan_bounds),
		cmocka_unit_test(test_markup_inside_a_text),
		cmocka_unit_test(test_entities_in_attributes),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_memory_of_mixed_content),
		cmocka_unit_test(test_written),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_first_image),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
