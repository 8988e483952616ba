/* call: records the failure of a call of the API. See app.h. */
#include "base/log.h"
#include "cgi/app.h"
#include "cgi/call.h"

bool
call_fail(struct call *c, enum api_error code)
{
	c->failure.code = code;
	return false;
}

bool
call_store_fail(struct call *c, enum store_rc rc, const char *what)
{
	if (rc == ST_NOTFOUND)
		return call_fail(c, E241);
	log_error("%s: %s", what, store_rc_text(rc));
	c->lasting = rc == ST_CORRUPT;
	return call_fail(c, E503);
}
