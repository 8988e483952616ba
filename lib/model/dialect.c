/* dialect: see dialect.h */
#include "model/dialect.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const char *const names[DIALECTS] = { "A", "B", "C" };

const char *
dialect_name(enum dialect d)
{
	return names[d];
}

bool
dialect_by_name(const char *name, enum dialect *d)
{
	for (int i = 0; i < DIALECTS; i++)
		if (strcasecmp(name, names[i]) == 0) {
			*d = (enum dialect)i;
			return true;
		}
	return false;
}

/* Is the media range of n bytes, with its parameters, of this type? */
static bool
range_is(const char *range, size_t n, const char *type)
{
	size_t len = strlen(type);

	return n >= len && strncasecmp(range, type, len) == 0 &&
	    (n == len || strchr("; \t", range[len]) != NULL);
}

bool
dialect_accepts_xml(const char *accept)
{
	while (accept != NULL && *accept != '\0') {
		size_t n;

		accept += strspn(accept, ", \t");
		n = strcspn(accept, ",");
		if (range_is(accept, n, "text/xml") || range_is(accept, n, "application/xml"))
			return true;
		accept += n;
	}
	return false;
}
