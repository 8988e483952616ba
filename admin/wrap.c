/* wrap: see wrap.h */
#include "admin/wrap.h"

#include <string.h>

#include "base/buf.h"

void
wrap_text(struct buf *b, const char *lead, const char *text, unsigned width)
{
	size_t used = 0;

	for (;;) {
		size_t n;

		text += strspn(text, " \n\t");
		n = strcspn(text, " \n\t");
		if (n == 0)
			break;
		if (used > 0 && used + 1 + n > width) {
			buf_addc(b, '\n');
			used = 0;
		}
		if (used == 0) {
			buf_adds(b, lead);
			used = strlen(lead);
		} else {
			buf_addc(b, ' ');
			used++;
		}
		buf_add(b, text, n);
		used += n;
		text += n;
	}
	if (used > 0)
		buf_addc(b, '\n');
}
