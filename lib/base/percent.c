/* percent: see percent.h */
#include "base/percent.h"

#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"

void
percent_add(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		if (strchr(ASCII_ALNUM "-._~", *text) != NULL)
			buf_addc(out, *text);
		else
			buf_printf(out, "%%%02X", (unsigned)(unsigned char)*text);
	}
}
