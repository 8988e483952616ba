/* prefer: see prefer.h */
#include "cgi/rest/prefer.h"

#include <stdatomic.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/file.h"
#include "cgi/stopping.h"

enum { WAIT_MOST_S = 60, LOOK_US = 250000, SHARE = 4, DIGITS = 9 };

static atomic_uint waiting;

/* Returns the seconds of the preference wait among those between commas; 0: it is not there. */
static unsigned
seconds_of(const char *prefer)
{
	static const char wait[] = "wait=";

	for (const char *p = prefer; p != NULL; p = strchr(p, ',')) {
		unsigned n = 0;

		p += strspn(p, ", \t");
		if (strncasecmp(p, wait, sizeof wait - 1) != 0)
			continue;
		p += sizeof wait - 1;
		for (int i = 0; i < DIGITS && *p >= '0' && *p <= '9'; i++)
			n = n * 10 + (unsigned)(*p++ - '0');
		return n < WAIT_MOST_S ? n : WAIT_MOST_S;
	}
	return 0;
}

void
prefer_wait(struct rest *r, bool (*done)(void *ctx), void *ctx)
{
	struct call *c = &r->call;
	const char *prefer = c->http->param(c->http->ctx, "HTTP_PREFER");
	int64_t until = clock_mono() + (int64_t)seconds_of(prefer) * 1000000,
		/* the web server in front has no more patience */
	    most = r->began + (int64_t)settings_save_ms(&c->app->settings) * 1000;

	if (prefer == NULL || seconds_of(prefer) == 0)
		return;
	if (atomic_fetch_add(&waiting, 1) * SHARE < c->app->settings.threads) {
		while (!done(ctx) && clock_mono() < until && clock_mono() < most && !stopping())
			file_lock_sleep(LOOK_US);
		buf_adds(&c->answer->headers, "Preference-Applied: wait\r\n");
	}
	(void)atomic_fetch_sub(&waiting, 1);
}
