/* call: records the failure of a call of the API. See app.h. */
#include "base/log.h"
#include "cgi/app.h"
#include "cgi/call.h"
#include "store/store_sending.h"

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

bool
call_needs_layout_2(struct call *c, const char *what)
{
	enum store_rc rc = store_sending_possible(c->app->store);

	if (rc == ST_OK)
		return true;
	if (rc != ST_CONFLICT)
		return call_store_fail(c, rc, "reading the layout of the store");
	log_error("%s is refused in a store of layout 1: run savemms migrate", what);
	c->lasting = true;
	return call_fail(c, E503);
}
