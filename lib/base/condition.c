/* condition: see condition.h */
#include "base/condition.h"

#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "base/num.h"

enum { TAG_MAX = 128, RANGE_MAX = 64 };

/* Returns true if given is the tag in quotation marks. For If-None-Match a weak tag matches too
 * (RFC 9110 13.1.2). */
static bool
same_tag(const char *given, const char *etag, bool weak_too)
{
	size_t n = strlen(etag);

	if (weak_too && strncmp(given, "W/", 2) == 0)
		given += 2;
	return given[0] == '"' && strncmp(given + 1, etag, n) == 0 &&
	    strcmp(given + 1 + n, "\"") == 0;
}

static bool
none_match(const char *header, const char *etag)
{
	char item[TAG_MAX];

	while (header != NULL && list_next(&header, item, sizeof item))
		if (strcmp(item, "*") == 0 || same_tag(item, etag, true))
			return false;
	return true;
}

/* Reads a range: "500-", "500-999" or "-500". Returns the whole body for any other text (RFC 9110
 * 14.2), and 416 when the body holds no byte of the range. */
static struct part
read_range(const char *spec, uint64_t size)
{
	const struct part whole = { 200, 0, size }, none = { 416, 0, 0 };
	char first[RANGE_MAX];
	const char *dash = strchr(spec, '-');
	uint64_t from, to, n;

	if (dash == NULL || (size_t)(dash - spec) >= sizeof first)
		return whole;
	memcpy(first, spec, (size_t)(dash - spec));
	first[dash - spec] = '\0';
	if (first[0] == '\0') {
		if (!num_u64(dash + 1, 0, UINT64_MAX, &n))
			return whole;
		n = n < size ? n : size;
		return n == 0 ? none : (struct part){ 206, size - n, n };
	}
	if (!num_u64(first, 0, UINT64_MAX, &from))
		return whole;
	if (dash[1] == '\0')
		to = UINT64_MAX;
	else if (!num_u64(dash + 1, from, UINT64_MAX, &to))
		return whole;
	if (from >= size)
		return none;
	return (struct part){ 206, from, (to < size - 1 ? to : size - 1) - from + 1 };
}

struct part
condition_part(const struct condition *c)
{
	const struct part whole = { 200, 0, c->size };
	const char *list;
	char one[RANGE_MAX], more[RANGE_MAX];

	if (!none_match(c->if_none_match, c->etag))
		return (struct part){ 304, 0, 0 };
	if (!c->get || c->range == NULL || strncasecmp(c->range, "bytes=", 6) != 0)
		return whole;
	if (c->if_range != NULL && !same_tag(c->if_range, c->etag, false))
		return whole;
	list = c->range + 6;
	if (!list_next(&list, one, sizeof one) || list_next(&list, more, sizeof more))
		return whole;
	return read_range(one, c->size);
}
