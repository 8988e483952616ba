/* upgrade: see upgrade.h */
#include "cgi/upgrade.h"

#include <inttypes.h>
#include <stdint.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/successor.h"
#include "cgi/park.h"

#define AGAIN_US INT64_C(20000000)   /* the wait until the second try; it doubles */
#define SELDOM_US INT64_C(320000000) /* up to this */

void
upgrade(struct app *app, unsigned workers)
{
	static int64_t next, wait; /* 0: no try has failed */
	char *argv[] = { (char *)(uintptr_t)successor_name(), NULL };

	if (clock_mono() < next || !successor_there())
		return;
	if (!park_all(workers)) {
		wait = wait == 0 ? AGAIN_US : wait < SELDOM_US ? 2 * wait : wait;
		next = clock_mono() + wait;
		log_warn("another version was installed, but requests are under way all the time: "
			 "the next try is in %" PRId64 " s, or reload the web server",
		    wait / 1000000);
		return;
	}
	log_info("another version was installed: going on as that");
	app_end(app);
	successor_exec(argv);
	log_error("%s cannot be started: %m", successor_name());
	_exit(1);
}
