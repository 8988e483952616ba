/* generation: see generation.h */
#include "helper/generation.h"

#include <stdlib.h>

#include "base/log.h"
#include "helper/helper.h"
#include "ops/reload.h"

struct generation {
	struct settings settings;
	struct generation *older;
};

static struct generation first, *newest = &first;
static struct reload_mark mark; /* none at first: what was asked for while it started counts */

struct settings *
generation_first(struct helper *h)
{
	h->settings = &first.settings;
	return &first.settings;
}

void
generation_look(struct helper *h)
{
	struct generation *g;

	if (!reload_due(h->settings, &mark))
		return;
	if ((g = calloc(1, sizeof *g)) == NULL) {
		log_error("reload: out of memory; the old settings stay for now");
		mark = (struct reload_mark){ 0, 0 }; /* tried again */
	} else if (!reload_read(h->settings, "savemms-helper", &g->settings)) {
		free(g);
	} else {
		g->older = newest;
		newest = g;
		h->settings = &g->settings;
	}
}
