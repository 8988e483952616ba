/* entry: the first entry in a path, in any folder, and the dialect that is at home there. */
#include "unit.h"

#include "cgi/entry.h"

/* The rows of pages.def, by their names. */
static const char *const pages[] = {
#define PAGE(name, fn, home) name,
#include "cgi/pages.def"
#undef PAGE
};

static void
test_entries(void **state)
{
	static const struct {
		const char *uri, *page; /* "": the API; NULL: none */
		enum dialect home;
		const char *folder, *below;
	} t[] = {
		{ "/API/wxml/1.3/", "", DIALECT_A, "", "/wxml/1.3/" },
		{ "/mms/API", "", DIALECT_A, "/mms", "" },
		{ "/ep/v1", "", DIALECT_B, "", "" },
		{ "/ep/v1/", "", DIALECT_B, "", "/" },
		{ "/ep/v1?x", "", DIALECT_B, "", "" },
		{ "/ep/v1#x", "", DIALECT_B, "", "" },
		{ "/mms/ep/v1/index", "", DIALECT_B, "/mms", "/index" },
		{ "/a/b/ep/v2", "", DIALECT_C, "/a/b", "" },
		{ "/ep/v2/", "", DIALECT_C, "", "/" },
		{ "http://h/ep/v2?a=/ep/v1/", "", DIALECT_C, "", "" },
		{ "http://API/mms/ep/v2", "", DIALECT_C, "/mms", "" },
		{ "/API/ep/v1/", "", DIALECT_A, "", "/ep/v1/" },
		{ "/ep/v1/API/", "", DIALECT_B, "", "/API/" },
		{ "/m/abc", "m", DIALECT_A, "", "/abc" },
		{ "/mms/m/console?x", "m", DIALECT_A, "/mms", "/console" },
		{ "/console", "console", DIALECT_A, "", "" },
		{ "/report/API/x", "report", DIALECT_A, "", "/API/x" },
		/* a folder with half of an entry's name hides nothing */
		{ "/ep/m/abc", "m", DIALECT_A, "/ep", "/abc" },
		{ "/ep/media/x.png", "media", DIALECT_A, "/ep", "/x.png" },
		{ "/ep/ep/v1/", "", DIALECT_B, "/ep", "/" },
		{ "/ep/v3/ep/v2/", "", DIALECT_C, "/ep/v3", "/" },
		{ "/v1/console/", "console", DIALECT_A, "/v1", "/" },
		{ "/ep/v3/", NULL, DIALECT_A, "", "" },
		{ "/ep/v11/", NULL, DIALECT_A, "", "" },
		{ "/ep/", NULL, DIALECT_A, "", "" },
		{ "/xep/v1/", NULL, DIALECT_A, "", "" },
		{ "/apis/medias/mm", NULL, DIALECT_A, "", "" },
		{ "/?/ep/v1/", NULL, DIALECT_A, "", "" },
		{ "", NULL, DIALECT_A, "", "" },
	};

	for (size_t i = 0; i < COUNT(t); i++) {
		const struct entry e = entry_find(t[i].uri);

		if (t[i].page == NULL || t[i].page[0] == '\0')
			assert_int_equal(e.page, t[i].page == NULL ? ENTRY_NONE : ENTRY_API);
		else
			assert_string_equal(pages[e.page], t[i].page);
		assert_int_equal(e.home, t[i].home);
		assert_int_equal(e.nfolder, strlen(t[i].folder));
		assert_memory_equal(e.folder, t[i].folder, e.nfolder);
		assert_int_equal(e.nbelow, strlen(t[i].below));
		assert_memory_equal(e.below, t[i].below, e.nbelow);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
