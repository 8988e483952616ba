/* ascii: see ascii.h */
#include "base/ascii.h"

#include <string.h>

bool
ascii_only(const char *text, const char *set)
{
	return text[strspn(text, set)] == '\0';
}

char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int
ascii_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = ascii_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
