/* gsm7: see gsm7.h */
#include "send/gsm7.h"

#include <stdint.h>
#include <string.h>

#include "model/text.h"

/* The characters of the two tables of TS 23.038, 6.2.1 besides the ASCII below. */
static const char others[] = "\n\r£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà€\f";
/* The ASCII that they lack. The extension has ^ { } [ ] ~ \ |. */
static const char missing[] = "`";

static bool
listed(uint32_t c)
{
	for (const char *o = others; *o != '\0';)
		if (text_take(&o) == c)
			return true;
	return false;
}

bool
gsm7_holds(const char *text)
{
	while (*text != '\0') {
		uint32_t c = text_take(&text);

		if (c >= 0x20 && c < 0x7f ? strchr(missing, (int)c) != NULL : !listed(c))
			return false;
	}
	return true;
}
