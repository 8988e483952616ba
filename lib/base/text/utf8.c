/* utf8: see utf8.h */
#include "base/text/utf8.h"

size_t
utf8_sequence(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t len = p[0] < 0x80 ? 1 :
	    p[0] < 0xc2          ? 0 :
	    p[0] < 0xe0          ? 2 :
	    p[0] < 0xf0          ? 3 :
	    p[0] < 0xf5          ? 4 :
				   0;

	if (len == 0 || len > n || p[0] == 0)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	if ((p[0] == 0xe0 && p[1] < 0xa0) ||
	    (p[0] == 0xed && p[1] > 0x9f) || /* overlong, surrogates */
	    (p[0] == 0xf0 && p[1] < 0x90) ||
	    (p[0] == 0xf4 && p[1] > 0x8f)) /* overlong, too large */
		return 0;
	return len;
}
