/* text_rules: see text_rules.h */
#include "cgi/console/text_rules.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/ascii.h"
#include "base/clock.h"
#include "base/num.h"

enum { DIGITS = 19 };

bool
console_match(const char *pattern, const char *path, uint64_t *id, const char **name)
{
	char number[DIGITS + 1];
	size_t n;

	*id = 0;
	*name = "";
	for (; *pattern != '\0'; pattern++) {
		if (*pattern == '*') {
			*name = path;
			return *path != '\0' && strchr(path, '/') == NULL;
		}
		if (*pattern != '#') {
			if (*path++ != *pattern)
				return false;
			continue;
		}
		n = strspn(path, ASCII_DIGITS);
		if (n == 0 || n > DIGITS)
			return false;
		(void)snprintf(number, sizeof number, "%.*s", (int)n, path);
		if (!num_u64(number, 1, INT64_MAX, id))
			return false;
		path += n;
	}
	return *path == '\0';
}

bool
console_root(const char *path, char *out, size_t size)
{
	size_t up = 0, n = 0;

	for (const char *p = path; *p != '\0'; p++)
		up += *p == '/';
	if (up < 2)
		return snprintf(out, size, "./") < (int)size;
	for (; up > 1; up--, n += 3)
		if (n + 4 > size || snprintf(out + n, size - n, "../") != 3)
			return false;
	return true;
}

bool
console_next_ok(const char *next)
{
	return ((next[0] >= 'a' && next[0] <= 'z') || next[0] == '\0') && strlen(next) < 512 &&
	    strstr(next, "..") == NULL && ascii_only(next, ASCII_ALNUM "-_./?=&%+") &&
	    strstr(next, "//") == NULL;
}

bool
console_cookie(const char *header, const char *name, char *out, size_t size)
{
	size_t len = strlen(name);

	while (header != NULL && *header != '\0') {
		size_t n = strcspn(header, ";");

		while (n > 0 && *header == ' ')
			header++, n--;
		if (n > len && header[len] == '=' && memcmp(header, name, len) == 0)
			return snprintf(out, size, "%.*s", (int)(n - len - 1), header + len + 1) <
			    (int)size;
		header += n + (header[n] == ';');
	}
	return false;
}

bool
console_same_site(const char *site, const char *origin, const char *host)
{
	const char *at;

	if (site != NULL && *site != '\0')
		return strcmp(site, "same-origin") == 0;
	if (origin == NULL || *origin == '\0' || strcmp(origin, "null") == 0)
		return true;
	at = strstr(origin, "://");
	return at != NULL && host != NULL && strcasecmp(at + 3, host) == 0;
}

void
console_size(uint64_t bytes, char out[CONSOLE_SIZE])
{
	static const char *const unit[] = { "KB", "MB", "GB", "TB" };
	uint64_t div = 1024;
	size_t u = 0;

	if (bytes < 1024) {
		(void)snprintf(out, CONSOLE_SIZE, "%" PRIu64 " byte%s", bytes,
		    bytes == 1 ? "" : "s");
		return;
	}
	while (u < 3 && bytes / div >= 1024) {
		div *= 1024;
		u++;
	}
	if (bytes / div < 10)
		(void)snprintf(out, CONSOLE_SIZE, "%" PRIu64 ".%" PRIu64 " %s", bytes / div,
		    bytes % div * 10 / div, unit[u]);
	else
		(void)snprintf(out, CONSOLE_SIZE, "%" PRIu64 " %s", bytes / div, unit[u]);
}

void
console_date(int64_t us, char out[CONSOLE_DATE])
{
	char iso[CLOCK_TEXT];

	clock_iso(us, iso);
	(void)snprintf(out, CONSOLE_DATE, "%.10s %.5s UTC", iso, iso + 11);
}

bool
console_holds(const char *text, const char *word)
{
	size_t n = strlen(word);

	if (n == 0)
		return true;
	for (; *text != '\0'; text++)
		if (strncasecmp(text, word, n) == 0)
			return true;
	return false;
}
