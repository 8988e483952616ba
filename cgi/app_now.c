/* app_now: see app_now.h */
#include "cgi/app_now.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "ops/reload.h"

/* The settings of one reading of savemms.conf, with what all requests share. The older ones stay,
 * because requests under way use them; the operator does not reload often. */
struct generation {
	struct app app;
	struct generation *older;
};

static pthread_mutex_t reloading = PTHREAD_MUTEX_INITIALIZER;
static struct generation *newest; /* NULL: nothing has been read again */
static struct app *_Atomic now;   /* for requests that begin now */
static struct reload_mark mark;   /* none at first: what was asked for while it started counts */

static void
reload(void)
{
	struct generation *g = calloc(1, sizeof *g);
	const struct app *old = now;

	if (g == NULL) {
		log_error("reload: out of memory; the old settings stay");
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

void
app_first(struct app *app)
{
	now = app;
	reload_note_start(&app->settings, SETTINGS_WEB);
}

struct app *
app_now(void)
{
	if (pthread_mutex_trylock(&reloading) == 0) {
		if (reload_due(&now->settings, &mark))
			reload();
		(void)pthread_mutex_unlock(&reloading);
	}
	return now;
}
