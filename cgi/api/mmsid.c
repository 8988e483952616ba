/* mmsid: see mmsid.h */
#include "cgi/api/mmsid.h"

#include "base/num.h"
#include "cgi/app.h"

bool
mmsid_of(struct call *c, uint64_t *id)
{
	if (c->request->mmsid == NULL)
		return call_fail(c, E620);
	return num_u64(c->request->mmsid, 1, INT64_MAX, id) || call_fail(c, E241);
}
