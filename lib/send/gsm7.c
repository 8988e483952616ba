/* gsm7: see gsm7.h */
#include "send/gsm7.h"

#include <stdint.h>
#include <string.h>

#include "model/text.h"

/* The characters of the two tables of TS 23.038, 6.2.1 besides the ASCII below. */
static const char others[] = "\n\r£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
/* The ASCII that they lack, and what the extension has. */
static const char missing[] = "`", extension[] = "^{}[]~\\|\f€";

static bool
listed(const char *list, uint32_t c)
{
	for (const char *o = list; *o != '\0';)
		if (text_take(&o) == c)
			return true;
	return false;
}

size_t
gsm7_septets(uint32_t c)
{
	if (listed(extension, c))
		return 2;
	return c >= 0x20 && c < 0x7f ? strchr(missing, (int)c) == NULL : listed(others, c);
}

bool
gsm7_holds(const char *text)
{
	while (*text != '\0')
		if (gsm7_septets(text_take(&text)) == 0)
			return false;
	return true;
}
