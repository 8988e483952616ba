/*
 * sendSavedMMS: stores a message and the job that delivers it. Both are on disk when the
 * answer is sent (savemms-api(7), Sending). The helper decides what to send, and how.
 */
#include <string.h>

#include "base/clock.h"
#include "cgi/answer_doc.h"
#include "cgi/api/mmsid.h"
#include "cgi/app.h"
#include "cgi/call.h"
#include "cgi/idempotency.h"
#include "cgi/start_helper.h"
#include "cgi/url.h"
#include "request/validate.h"

static void
write_answer(struct answer *a, uint64_t mmsid, const struct message *m)
{
	answer_open(a);
	answer_id(a, ANSWER_MMSID, mmsid);
	answer_text(a, ANSWER_TRACKINGID, m->tracking);
	answer_text(a, ANSWER_TO, m->to);
	answer_text(a, ANSWER_FROM, m->from);
	answer_text(a, ANSWER_STATUSDETAILS, SEND_ACCEPTED);
	answer_close(a);
}

bool
action_send_saved_mms(struct call *c)
{
	struct send_env env = { .settings = &c->app->settings,
		.now = clock_now(),
		.account = &c->account };
	struct message *m;
	enum store_rc rc;

	if ((env.template = mmsid_template(c)) == NULL)
		return false;
	if ((m = validate_send(c->arena, c->request, &env, &c->failure)) == NULL)
		return false;
	/* what nobody names is 3 days, and not kept there (savemms-store(5), LAYOUTS) */
	if (c->request->dialect != DIALECT_A && c->request->expiry != NULL &&
	    !call_needs_layout_2(c, "mms-expiry-timestamp"))
		return false;
	if (!page_base_set(c, m))
		return false;
	/* the answer's memory is allocated before the commit, as in saveMMS */
	memset(m->tracking, 'x', TRACKING - 1);
	write_answer(c->answer, m->mmsid, m);
	if (!buf_ok(&c->answer->body))
		return call_fail(c, E503);
	rc = store_message_create(c->app->store, m, idempotency_keep(c, write_answer));
	if (rc != ST_OK)
		return idempotency_store_fail(c, rc, "storing the message");
	c->tracking = m->tracking;
	start_helper(&c->app->settings);
	write_answer(c->answer, m->mmsid, m);
	return true;
}
