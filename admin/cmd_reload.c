/*
 * reload: lets the programs that run read savemms.conf again. main.c has read it already: a file
 * that is wrong changes nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/say.h"
#include "ops/reload.h"

static void
say_pending(void *ctx, const char *key)
{
	(void)printf("%s takes effect when %s is started again\n", key, (const char *)ctx);
}

int
cmd_reload(struct admin *ad)
{
	static char web[] = "the web server's program", helper[] = "the helper";

	if (reload_tell(&ad->s) != 0)
		return fail("%s/run/reload cannot be written: %s", ad->s.dir, strerror(errno));
	(void)puts("the programs that run read the settings before their next request or job");
	if (reload_pending(&ad->s, SETTINGS_WEB, say_pending, web) != 0 ||
	    reload_pending(&ad->s, SETTINGS_HELPER, say_pending, helper) != 0)
		return fail("%s/run cannot be read, so this cannot say what needs a new start: %s",
		    ad->s.dir, strerror(errno));
	return finish();
}
