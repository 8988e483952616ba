/* list: see list.h */
#include "base/list.h"

#include <string.h>
#include <strings.h>

bool
list_next(const char **list, char *item, size_t size)
{
	const char *s = *list;
	size_t n;

	while (*s == ',' || *s == ' ' || *s == '\t')
		s++;
	n = strcspn(s, ",");
	*list = s + n;
	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\t'))
		n--;
	if (n == 0)
		return false;
	if (n > size - 1)
		n = size - 1;
	memcpy(item, s, n);
	item[n] = '\0';
	return true;
}

bool
list_has(const char *list, const char *word)
{
	char item[128];

	while (list_next(&list, item, sizeof item))
		if (strcasecmp(item, word) == 0)
			return true;
	return false;
}
