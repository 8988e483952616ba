/* percent: see percent.h */
#include "base/percent.h"

#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"

bool
percent_is_plain(uint32_t c)
{
	return c != 0 && c < 0x80 && strchr(ASCII_ALNUM "-._~", (int)c) != NULL;
}

void
percent_add(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (percent_is_plain((unsigned char)*text))
			buf_addc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
	}
}
