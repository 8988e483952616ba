/* getMmsIds: lists the ids of all templates of the account, newest first. */
#include "cgi/answer_doc.h"
#include "cgi/app.h"
#include "cgi/call.h"
#include "store/store_list.h"

enum { IDS_MAX = 1000000 }; /* the answer has at most 20 MB */

bool
action_get_mms_ids(struct call *c)
{
	const struct template_query q = { .account = c->account.id, .max = IDS_MAX };
	struct template_found found;
	enum store_rc rc = store_template_find(c->app->store, &q, c->arena, &found);

	if (rc != ST_OK && rc != ST_NOTFOUND)
		return call_store_fail(c, rc, "listing templates");
	if (rc == ST_NOTFOUND || found.n == 0)
		return call_fail(c, E200);
	answer_open(c->answer);
	answer_ids(c->answer, ANSWER_MMSIDS, found.id, found.n);
	answer_close(c->answer);
	return true;
}
