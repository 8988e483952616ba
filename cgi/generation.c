/* generation: see generation.h */
#include "cgi/generation.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "cgi/app.h"
#include "ops/reload.h"

/* What one reading gave, with what all requests share. */
struct generation {
	struct app app;
	struct generation *older;
};

static pthread_mutex_t reloading = PTHREAD_MUTEX_INITIALIZER;
static struct generation *newest; /* NULL: nothing has been read again */
static struct app *_Atomic now;
static struct reload_mark mark; /* none at first: what was asked for while it started counts */

void
generation_first(struct app *app)
{
	now = app;
}

static void
reload(void)
{
	struct generation *g = calloc(1, sizeof *g);
	const struct app *old = now;

	if (g == NULL) {
		log_error("reload: out of memory; the old settings stay for now");
		mark = (struct reload_mark){ 0, 0 }; /* tried again */
	} else if (!reload_read(&old->settings, "savemms.fcgi", &g->app.settings)) {
		free(g);
	} else {
		g->app.store = old->store;
		g->app.transcoder = old->transcoder;
		g->app.meter = old->meter;
		g->older = newest;
		newest = g;
		now = &g->app;
	}
}

struct app *
generation_now(void)
{
	if (pthread_mutex_trylock(&reloading) == 0) {
		if (reload_due(&now->settings, &mark))
			reload();
		(void)pthread_mutex_unlock(&reloading);
	}
	return now;
}
