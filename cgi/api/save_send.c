/*
 * save_send: what sendMMS does besides saveMMS in the steps of cgi/api/save.c: it checks who sends
 * to whom first and the sender's mask last, and stores a message with the template.
 */
#include <string.h>

#include "base/clock.h"
#include "cgi/answer_doc.h"
#include "cgi/api/save.h"
#include "cgi/call.h"
#include "cgi/idempotency.h"
#include "cgi/url.h"
#include "request/validate.h"
#include "store/store_sending.h"

#define DAY_US INT64_C(86400000000)

bool
save_send_begin(struct save *sv)
{
	struct call *c = sv->call;
	const struct send_env env = { .settings = &c->app->settings, .account = &c->account };

	if (!call_needs_layout_2(c, "sendMMS"))
		return false;
	sv->message = validate_send_ends(c->arena, c->request, &env, &c->failure);
	return sv->message != NULL;
}

bool
save_send_rest(struct save *sv)
{
	struct call *c = sv->call;
	const struct send_env env = { .settings = &c->app->settings,
		.account = &c->account,
		.now = clock_now(),
		.template = sv->t };

	return validate_send_rest(c->arena, c->request, &env, sv->message, &c->failure);
}

void
save_send_write_answer(struct answer *a, uint64_t mmsid, const struct message *m)
{
	answer_open(a);
	answer_text(a, ANSWER_TO, m->to);
	answer_id(a, ANSWER_MMSID, mmsid);
	answer_text(a, ANSWER_TRACKINGID, m->tracking);
	answer_text(a, ANSWER_STATUSDETAILS, SEND_ACCEPTED);
	answer_close(a);
}

bool
save_send_answer(struct save *sv)
{
	struct call *c = sv->call;
	struct message *m = sv->message;

	if (!validate_send_mask(&c->app->settings, m, &c->failure))
		return false;
	if (!page_base_set(c, m))
		return false;
	memset(m->tracking, 'x', TRACKING - 1);
	save_send_write_answer(c->answer, UINT64_MAX, m); /* the longest id there can be */
	return true;
}

enum store_rc
save_send_store(struct save *sv, struct job *jobs, size_t njobs)
{
	const struct app *app = sv->call->app;
	const struct sending what = { .t = sv->t,
		.jobs = jobs,
		.njobs = njobs,
		.lasts = (int64_t)app->settings.link_days * DAY_US,
		.m = sv->message,
		.keep = idempotency_keep(sv->call, save_send_write_answer) };

	return store_sending_create(app->store, &what);
}
