/* budget_limit: the part of budget.h that says what a class leaves for media. */
#include <string.h>

#include "media/budget.h"
#include "model/text.h"

/* savemms-media(7), Budgets: three in a hundred of a class stay free, and 8 KiB go to the SMIL
 * and all headers of up to SLIDES slides. Each slide more takes SLIDE_HEADERS: for the headers
 * of its text and two media, for the line that is the link to an object, and for its part of the
 * SMIL. */
enum { HEADERS = 8192, SLIDES = 9, SLIDE_HEADERS = 1024 };

/* Returns the bytes of a slide that are not made to fit: its text, in which each line break
 * takes two bytes, and contacts, which are attached. */
static uint64_t
fixed_bytes(const struct slide *s)
{
	size_t n = s->text != NULL ? strlen(s->text) : 0;
	uint64_t sum = n + (n > 0 ? text_breaks(s->text, n) : 0);

	for (size_t k = 0; k < s->nmedium; k++)
		sum += s->medium[k].kind == KIND_VCARD ? s->medium[k].bytes : 0;
	return sum;
}

uint64_t
budget_of(const struct class *c, const struct template *t)
{
	uint64_t room = c->bytes / 100 * 97 + c->bytes % 100 * 97 / 100, used = HEADERS;

	if (t->nslide > SLIDES)
		used += (t->nslide - SLIDES) * SLIDE_HEADERS;
	for (size_t i = 0; i < t->nslide; i++)
		used += fixed_bytes(&t->slide[i]);
	return used < room ? room - used : 0;
}
