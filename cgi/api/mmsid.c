/* mmsid: see mmsid.h */
#include "cgi/api/mmsid.h"

#include "base/num.h"
#include "cgi/app.h"
#include "cgi/call.h"

bool
mmsid_of(struct call *c, uint64_t *id)
{
	if (c->request->mmsid == NULL)
		return call_fail(c, E620);
	if (request_wrong(c->request->mmsid))
		return call_fail(c, E100);
	return num_u64(c->request->mmsid, 1, INT64_MAX, id) || call_fail(c, E241);
}

struct template *
mmsid_template(struct call *c)
{
	struct template *t;
	enum store_rc rc;
	uint64_t id;

	if (!mmsid_of(c, &id))
		return NULL;
	if ((rc = store_template_get(c->app->store, c->account.id, id, c->arena, &t)) == ST_OK)
		return t;
	(void)call_store_fail(c, rc, "reading a template");
	return NULL;
}
