/* getMmsIds: the ids of all templates of the account, newest first. */
#include <inttypes.h>

#include "base/xmlout.h"
#include "cgi/app.h"

enum { IDS_MAX = 1000000 };	/* an answer of at most 20 MB */

bool
action_get_mms_ids(struct call *c)
{
	struct buf *out = &c->answer->body;
	uint64_t *ids;
	enum store_rc rc;
	size_t n;

	rc = store_template_ids(c->app->store, c->account.id, IDS_MAX, c->arena, &ids, &n);
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return call_store_fail(c, rc, "listing templates");
	if (rc == ST_NOTFOUND || n == 0)
		return call_fail(c, E200);
	answer_open(c->answer);
	xml_open(out, "MMSIDS");
	for (size_t i = 0; i < n; i++)
		buf_printf(out, "%s%" PRIu64, i > 0 ? "," : "", ids[i]);
	xml_close(out, "MMSIDS");
	answer_close(c->answer);
	return true;
}
