/* fold: see fold.h */
#include "model/fold.h"

#include <stddef.h>

#include "base/ascii.h"

/* Returns the first character of a name that counts, and moves *s past it; 0 at the end, where *s
 * stays. */
static unsigned char
next(const char **s)
{
	while (**s == '-' || **s == '_')
		(*s)++;
	return **s == '\0' ? 0 : (unsigned char)ascii_lower(*(*s)++);
}

int
fold_compare(const char *a, const char *b)
{
	unsigned char x, y;

	do {
		x = next(&a);
		y = next(&b);
	} while (x == y && x != 0);
	return (x > y) - (x < y);
}

bool
fold_same(const char *a, const char *b)
{
	return fold_compare(a, b) == 0;
}

const char *
fold_after(const char *name, const char *word)
{
	unsigned char c;

	while ((c = next(&word)) != 0)
		if (next(&name) != c)
			return NULL;
	return name;
}
