/* type_rule: every row, MIME type and extension of SPEC 3.3, taken and refused */
#include "unit.h"

#include <strings.h>

#include "media/type_rules.h"

#define OCTETS "application/octet-stream"

/* The second is what S3 says about a file whose type it was not told. */
static const char *const octets[] = { OCTETS, "binary/octet-stream" };

/* Written out again, not taken from media.def: this is what SPEC 3.3 says. */
static const struct kind_case {
	enum kind kind;
	const char *exts[8], *mimes[8];
	enum format formats[8];
} kinds[] = {
	{ KIND_IMAGE, { "jpg", "jpeg", "png", "gif", "webp" },
	    { "image/jpg", "image/jpeg", "image/png", "image/gif", "image/webp" },
	    { FORMAT_JPEG, FORMAT_PNG, FORMAT_GIF, FORMAT_WEBP } },
	{ KIND_AUDIO, { "mp3", "wav", "amr" },
	    { "audio/mp3", "audio/mpeg", "audio/x-wave", "audio/x-wav", "audio/wav", "audio/amr" },
	    { FORMAT_MP3, FORMAT_WAV, FORMAT_AMR, FORMAT_AMRWB } },
	{ KIND_VIDEO, { "mp4", "mpg", "mpeg", "avi", "wmv", "mov", "3gp" },
	    { "video/mp4", "video/mpeg", "video/x-msvideo", "video/x-ms-wmv", "video/quicktime",
		"video/3gpp" },
	    { FORMAT_MP4, FORMAT_MOV, FORMAT_3GP, FORMAT_MPEGPS, FORMAT_MPEGES, FORMAT_MPEGTS,
		FORMAT_AVI, FORMAT_ASF } },
	{ KIND_VCARD, { "vcf", "vcard" }, { "text/vcard", "text/v-card", "text/x-vcard" },
	    { FORMAT_VCF } },
	{ KIND_ICAL, { "ics", "ical", "ifb", "icalendar" }, { "text/calendar" }, { FORMAT_ICS } },
	{ KIND_PDF, { "pdf" }, { "application/pdf", "application/x-pdf" }, { FORMAT_PDFDOC } },
};

static void
test_supported_mime_takes_any_extension(void **state)
{
	static const char *const exts[] = { "", "jpg", "mp3", "mp4", "vcf", "php", "exe" };

	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t m = 0; m < 8 && kinds[k].mimes[m] != NULL; m++)
			for (size_t e = 0; e < COUNT(exts); e++)
				assert_int_equal(type_rule_headers(kinds[k].kind, kinds[k].mimes[m],
						     exts[e]),
				    E_NONE);
}

static void
test_mime_of_another_kind_is_refused(void **state)
{
	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t o = 0; o < COUNT(kinds); o++)
			for (size_t m = 0; m < 8 && k != o && kinds[o].mimes[m] != NULL; m++)
				assert_int_equal(type_rule_headers(kinds[k].kind, kinds[o].mimes[m],
						     kinds[k].exts[0]),
				    E229);
}

static void
test_other_mimes_are_refused(void **state)
{
	static const char *const mimes[] = {
		NULL,
		"",
		" ",
		";",
		"text/plain",
		"text/html",
		"image/svg+xml",
		"image/bmp",
		"image/heic",
		"image/*",
		"image",
		"image/pngx",
		"ximage/png",
		"image/png,image/png",
		"image/png image/png",
		"audio/ogg",
		"audio/aac",
		"audio/amr-wb",
		"audio/x-ms-wma",
		"video/webm",
		"video/x-ms-asf",
		"video/x-flv",
		"application/ogg",
		"application/zip",
		"application/octet-streams",
		"binary/octet-streams",
		"octet-stream",
		"application/vnd.apple.mpegurl",
		"text/vcards",
		"text/directory",
		"image/pngimage/pngimage/pngimage/pngimage/pngimage/pngimage/pngimage/png",
	};

	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t m = 0; m < COUNT(mimes); m++)
			for (size_t e = 0; e < 8 && kinds[k].exts[e] != NULL; e++)
				assert_int_equal(type_rule_headers(kinds[k].kind, mimes[m],
						     kinds[k].exts[e]),
				    E229);
}

static void
test_octets_need_an_extension_of_the_kind(void **state)
{
	static const char *const none[] = { "", "txt", "php", "svg", "heic", "webm", "m4a", "jpgx",
		"jp", "p3" };

	for (size_t k = 0; k < COUNT(kinds); k++) {
		for (size_t o = 0; o < COUNT(kinds); o++)
			for (size_t e = 0; e < 8 && kinds[o].exts[e] != NULL; e++)
				for (size_t t = 0; t < COUNT(octets); t++)
					assert_int_equal(type_rule_headers(kinds[k].kind, octets[t],
							     kinds[o].exts[e]),
					    k == o ? E_NONE : E229);
		for (size_t e = 0; e < COUNT(none); e++)
			for (size_t t = 0; t < COUNT(octets); t++)
				assert_int_equal(type_rule_headers(kinds[k].kind, octets[t],
						     none[e]),
				    E229);
	}
}

static void
test_parameters_and_case_do_not_matter(void **state)
{
	static const struct {
		const char *header, *mime;
	} cases[] = {
		{ "image/png", "image/png" },
		{ "Image/PNG", "image/png" },
		{ " image/png ", "image/png" },
		{ "image/png;charset=utf-8", "image/png" },
		{ "image/png ; q=1", "image/png" },
		{ "\tTEXT/VCARD\t; charset=\"a;b\"", "text/vcard" },
		{ ";charset=utf-8", "" },
		{ NULL, "" },
	};
	char mime[TYPERULE_MIME];

	for (size_t i = 0; i < COUNT(cases); i++) {
		type_rule_mime(cases[i].header, mime);
		assert_string_equal(mime, cases[i].mime);
	}
	assert_int_equal(type_rule_headers(KIND_IMAGE, "IMAGE/Jpeg; name=x", ""), E_NONE);
	assert_int_equal(type_rule_headers(KIND_VIDEO, "Application/Octet-Stream;x", "mp4"),
	    E_NONE);
}

static void
test_bytes_behind_a_supported_mime(void **state)
{
	for (size_t k = 0; k < COUNT(kinds); k++)
		for (size_t m = 0; m < 8 && kinds[k].mimes[m] != NULL; m++)
			for (size_t o = 0; o < COUNT(kinds); o++)
				for (size_t f = 0; f < 8 && kinds[o].formats[f] != FORMAT_NONE; f++)
					assert_int_equal(type_rule_bytes(kinds[k].kind,
							     kinds[k].mimes[m], "jpg",
							     kinds[o].formats[f]),
					    k == o);
	assert_false(type_rule_bytes(KIND_IMAGE, "image/png", "png", FORMAT_NONE));
	assert_false(type_rule_bytes(KIND_IMAGE, "text/plain", "png", FORMAT_PNG));
	assert_false(type_rule_bytes(KIND_IMAGE, NULL, "png", FORMAT_PNG));
}

static void
test_bytes_behind_octets(void **state)
{
	static const struct {
		enum kind kind;
		const char *ext;
		enum format found;
		bool ok;
	} cases[] = {
		{ KIND_IMAGE, "jpg", FORMAT_JPEG, true },
		{ KIND_IMAGE, "jpeg", FORMAT_JPEG, true },
		{ KIND_IMAGE, "jpg", FORMAT_PNG, false },
		{ KIND_IMAGE, "png", FORMAT_PNG, true },
		{ KIND_IMAGE, "gif", FORMAT_GIF, true },
		{ KIND_IMAGE, "webp", FORMAT_WEBP, true },
		{ KIND_IMAGE, "webp", FORMAT_GIF, false },
		{ KIND_IMAGE, "gif", FORMAT_NONE, false },
		{ KIND_IMAGE, "mp4", FORMAT_MP4, false },
		{ KIND_IMAGE, "", FORMAT_JPEG, false },
		{ KIND_AUDIO, "mp3", FORMAT_MP3, true },
		{ KIND_AUDIO, "mp3", FORMAT_WAV, false },
		{ KIND_AUDIO, "wav", FORMAT_WAV, true },
		{ KIND_AUDIO, "wav", FORMAT_MP3, false },
		{ KIND_AUDIO, "amr", FORMAT_AMR, true },
		{ KIND_AUDIO, "amr", FORMAT_AMRWB, true },
		{ KIND_AUDIO, "amr", FORMAT_3GP, false },
		{ KIND_VIDEO, "mp4", FORMAT_MP4, true },
		{ KIND_VIDEO, "mp4", FORMAT_3GP, true },
		{ KIND_VIDEO, "mp4", FORMAT_MOV, true },
		{ KIND_VIDEO, "3gp", FORMAT_MP4, true },
		{ KIND_VIDEO, "mov", FORMAT_MP4, true },
		{ KIND_VIDEO, "mp4", FORMAT_AVI, false },
		{ KIND_VIDEO, "mpg", FORMAT_MPEGPS, true },
		{ KIND_VIDEO, "mpeg", FORMAT_MPEGES, true },
		{ KIND_VIDEO, "mpg", FORMAT_MPEGTS, true },
		{ KIND_VIDEO, "mpg", FORMAT_MP4, false },
		{ KIND_VIDEO, "avi", FORMAT_AVI, true },
		{ KIND_VIDEO, "avi", FORMAT_WAV, false },
		{ KIND_VIDEO, "wmv", FORMAT_ASF, true },
		{ KIND_VIDEO, "wmv", FORMAT_MP4, false },
		{ KIND_VCARD, "vcf", FORMAT_VCF, true },
		{ KIND_VCARD, "vcard", FORMAT_VCF, true },
		{ KIND_VCARD, "vcf", FORMAT_ICS, false },
		{ KIND_ICAL, "ics", FORMAT_ICS, true },
		{ KIND_ICAL, "ical", FORMAT_ICS, true },
		{ KIND_ICAL, "ifb", FORMAT_ICS, true },
		{ KIND_ICAL, "icalendar", FORMAT_ICS, true },
		{ KIND_ICAL, "ics", FORMAT_VCF, false },
		{ KIND_PDF, "pdf", FORMAT_PDFDOC, true },
		{ KIND_PDF, "pdf", FORMAT_JPEG, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(type_rule_bytes(cases[i].kind, OCTETS, cases[i].ext,
				     cases[i].found),
		    cases[i].ok);
}

static void
test_extension_of_a_url(void **state)
{
	static const struct {
		const char *url, *ext;
	} cases[] = {
		{ "http://h/a.jpg", "jpg" },
		{ "http://h/a.JPG", "jpg" },
		{ "http://h/a.b/c.mp4", "mp4" },
		{ "http://h/a.tar.gif", "gif" },
		{ "http://h/a.jpg?x=.png", "jpg" },
		{ "http://h/a.jpg#b.png", "jpg" },
		{ "http://h/a", "" },
		{ "http://h/a.", "" },
		{ "http://h/", "" },
		{ "http://h.com", "" },
		{ "http://h.com?a.jpg", "" },
		{ "http://h.jpg", "" },
		{ "http://h/a.jpg/", "" },
		{ "http://h/a.jpg/b", "" },
		{ "http://h/a%2Ejpg", "jpg" },
		{ "http://h/a.%6a%70%67", "jpg" },
		{ "http://h/a.mp%34", "mp4" },
		{ "http://h/a.jpg%2fb", "" },
		{ "http://h/a.jpg%00", "" },
		{ "http://h/a.jpg%20", "" },
		{ "http://h/a.jp%67.php", "php" },
		{ "http://h/a.jpg%", "" },
		{ "http://h/a.jpg%4", "" },
		{ "http://h/a.jpg%zz", "" },
		{ "http://h/.mp3", "mp3" },
		{ "http://h/a..mp3", "mp3" },
		{ "http://h/a.\xc3\xa9", "" },
		{ "http://h/a.%c3%a9", "" },
		{ "http://h/a.j g", "" },
		{ "http://h/a.abcdefghijklmno", "abcdefghijklmno" },
		{ "http://h/a.abcdefghijklmnop", "" },
		{ "http://h/a.abcdefghijklmnop.gif", "gif" },
		{ "http://u:p@h:80/x/a.Wav", "wav" },
		{ "/x/a.icalendar", "icalendar" },
		{ "a.vcf", "vcf" },
		{ "", "" },
		{ "http://h/go?u=http://x/a.jpg", "" },
		{ "/go/http://x/a.jpg", "jpg" },
		{ "http://h/a.jpg;v=1", "" },
	};
	char ext[TYPERULE_EXT];

	for (size_t i = 0; i < COUNT(cases); i++) {
		memset(ext, 'x', sizeof ext);
		type_rule_ext(cases[i].url, ext);
		if (strcmp(ext, cases[i].ext) != 0)
			fail_msg("%s: \"%s\" instead of \"%s\"", cases[i].url, ext, cases[i].ext);
	}
}

/* The same head, but a NUL before or behind each byte, with and without a mark. */
static void
test_utf16(void **state)
{
	static const struct {
		const char *text;
		bool utf16;
	} t[] = {
		{ "BEGIN:VCARD", true },
		{ "begin:vcalendar", true },
		{ "BEGIN:V", true },
		{ "BEGIN:", false },
		{ "<html></html>", false },
	};
	unsigned char two[64];

	for (size_t i = 0; i < COUNT(t); i++)
		for (int how = 0; how < 4; how++) {
			size_t len = strlen(t[i].text), n = 0;
			bool big = how & 1;

			if (how & 2) {
				two[n++] = big ? 0xfe : 0xff;
				two[n++] = big ? 0xff : 0xfe;
			}
			for (size_t k = 0; k < len; k++) {
				two[n++] = big ? 0 : (unsigned char)t[i].text[k];
				two[n++] = big ? (unsigned char)t[i].text[k] : 0;
			}
			assert_int_equal(type_rule_utf16(two, n), t[i].utf16);
			assert_false(type_rule_utf16(two, 13));
			assert_false(type_rule_utf16((const unsigned char *)t[i].text, len));
		}
	assert_false(type_rule_utf16(two, 0));
	assert_false(type_rule_utf16(two, 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_supported_mime_takes_any_extension),
		cmocka_unit_test(test_mime_of_another_kind_is_refused),
		cmocka_unit_test(test_other_mimes_are_refused),
		cmocka_unit_test(test_octets_need_an_extension_of_the_kind),
		cmocka_unit_test(test_parameters_and_case_do_not_matter),
		cmocka_unit_test(test_bytes_behind_a_supported_mime),
		cmocka_unit_test(test_bytes_behind_octets),
		cmocka_unit_test(test_utf16),
		cmocka_unit_test(test_extension_of_a_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
