/* entry: see entry.h */
#include "cgi/entry.h"

#include <string.h>

static const struct {
	const char *name;
	enum dialect home;
	bool api;
} entries[] = {
#define PAGE(name, fn, home) { name, home, false },
#define API(name, home) { name, home, true },
#include "cgi/pages.def"
#undef API
#undef PAGE
};

enum { ENTRIES = sizeof entries / sizeof entries[0] };

/* Returns where the path begins: a proxy may pass on "http://host/path" (RFC 9112, 3.2.2). */
static const char *
path_of(const char *uri)
{
	const char *host = uri[0] != '/' ? strstr(uri, "://") : NULL;

	return host != NULL ? host + 3 + strcspn(host + 3, "/?#") : uri;
}

/* Is the name, of one part or more, what stands at p? */
static bool
stands_at(const char *name, const char *p, const char *end)
{
	size_t n = strlen(name);

	return (size_t)(end - p) >= n && memcmp(p, name, n) == 0 && (p + n == end || p[n] == '/');
}

struct entry
entry_find(const char *uri)
{
	struct entry e = { .page = ENTRY_NONE, .folder = "", .below = "" };
	const char *path = path_of(uri), *end = path + strcspn(path, "?#");

	for (const char *p = path; (p = memchr(p, '/', (size_t)(end - p))) != NULL; p++)
		for (int i = 0; i < ENTRIES; i++)
			if (stands_at(entries[i].name, p + 1, end)) {
				e.page = entries[i].api ? ENTRY_API : i;
				e.home = entries[i].home;
				e.resource = !entries[i].api && e.home == DIALECT_C;
				e.folder = path;
				e.nfolder = (size_t)(p - path);
				e.below = p + 1 + strlen(entries[i].name);
				e.nbelow = (size_t)(end - e.below);
				return e;
			}
	return e;
}
