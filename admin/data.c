/* data: see data.h */
#include "admin/data.h"

#include <string.h>

#include "admin/say.h"
#include "base/arena.h"

bool
read_data(struct admin *ad, struct message *m)
{
	if ((m->var = arena_array(ad->a, ad->ndata + 1, sizeof *m->var)) == NULL)
		return fail("out of memory"), false;
	for (size_t i = 0; i < ad->ndata; i++) {
		const char *eq = strchr(ad->data[i], '=');
		char *name;

		if (eq == NULL || eq == ad->data[i])
			return wrong("--data is name=value, not '%s'", ad->data[i]), false;
		if ((name = arena_memdup(ad->a, ad->data[i], (size_t)(eq - ad->data[i]))) == NULL)
			return fail("out of memory"), false;
		m->var[m->nvar++] = (struct message_var){ name, eq + 1 };
	}
	return message_sort_vars(ad->a, m) ? true : (fail("out of memory"), false);
}
