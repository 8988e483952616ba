/* messages: /api/v2/messages and one of them. See savemms-api-rest(7), Messages. */
#include <inttypes.h>
#include <stdio.h>

#include "base/num.h"
#include "cgi/action.h"
#include "cgi/answer_doc.h"
#include "cgi/call.h"
#include "cgi/login.h"
#include "cgi/rest/prefer.h"
#include "cgi/rest/uploads.h"

enum { ID_TEXT = 24, RECORD_MEMORY = 64 << 20 };

/* What any send may have, and what one with slides of its own has too. */
#define SENDS                                                                            \
	"to", "from", "to-displayonly", "from-mask", "operator-id", "service-id",        \
	    "mms-expiry-timestamp", "data", "fallback-sms-text", "disable-fallback-sms", \
	    "disable-fallback-sms-link", "fallback-sms-link-expiration", "client-reference"

static const char *const saved[] = { SENDS, "mms-id", "custom-text", "custom-slides",
	"custom-subject", "message-subject", "subject", NULL };
static const char *const whole[] = { SENDS, "name", "message-subject", "subject", "slide",
	"cache-content", NULL };

static void
write_message(struct call *c, const char *mmsid, const char *state)
{
	struct answer *a = c->answer;

	answer_open(a);
	answer_text(a, ANSWER_MMSID, mmsid);
	answer_text(a, ANSWER_TRACKINGID, c->tracking);
	answer_text(a, ANSWER_TO, c->request->to);
	answer_text(a, ANSWER_FROM, c->request->from);
	answer_text(a, ANSWER_STATE, state);
	answer_close(a);
}

/* The answer of the action is longer than this one, so there is memory for it. */
static bool
accepted(struct rest *r)
{
	struct call *c = &r->call;
	char made[ID_TEXT];
	uint64_t id = c->made;

	if (id == 0)
		(void)!num_u64(c->request->mmsid, 1, INT64_MAX,
		    &id); /* the action has checked it */
	(void)snprintf(made, sizeof made, "%" PRIu64, id);
	c->answer->status = 202;
	rest_location(r, "/api/v2/messages/", c->tracking);
	write_message(c, made, message_state_name(MESSAGE_QUEUED));
	return true;
}

bool
rest_send(struct rest *r)
{
	const struct request *q = r->call.request;
	bool slides = q->nslide > 0, done;

	if (slides == (q->mmsid != NULL))
		return rest_fail(r, E100, 0,
		    "A message has either a saved template (mms-id) or slides of its own.");
	if (!rest_members(r, slides ? whole : saved))
		return false;
	done = action_may(&r->call, slides ? "sendMMS" : "sendSavedMMS") && uploads_take(r) &&
	    action_do(&r->call);
	uploads_end(r);
	return done && accepted(r);
}

/* Adds what is known of the message's way by now. */
static void
describe(struct call *c, const struct message *m)
{
	struct answer *a = c->answer;

	answer_open(a);
	answer_id(a, ANSWER_MMSID, m->mmsid);
	answer_text(a, ANSWER_TRACKINGID, m->tracking);
	answer_text(a, ANSWER_TO, m->to);
	answer_text(a, ANSWER_FROM, m->from);
	answer_text(a, ANSWER_CLIENT_REFERENCE, m->reference);
	answer_time(a, ANSWER_DATE_CREATED, m->created);
	answer_text(a, ANSWER_STATE, message_state_name(m->state));
	answer_text(a, ANSWER_SENTAS, message_leg_name(m->leg));
	answer_text(a, ANSWER_STATUSDETAILS, m->why);
	answer_text(a, ANSWER_HANDSET, m->handset);
	if (m->sent != 0)
		answer_time(a, ANSWER_DATE_SENT, m->sent);
	if (m->reported != 0)
		answer_time(a, ANSWER_DATE_REPORTED, m->reported);
	answer_text(a, ANSWER_REPORT, m->outcome);
	answer_number(a, ANSWER_PAGE_VIEWS, m->opened);
	answer_close(a);
}

/* Reads the message that the path names, if it is the caller's. */
static enum store_rc
find(const struct rest *r, struct arena *a, struct message **out)
{
	const struct call *c = &r->call;
	enum store_rc rc = store_message_by_tracking(c->app->store, r->part[0], a, out);

	return rc == ST_OK && (*out)->account != c->account.id ? ST_NOTFOUND : rc;
}

/* Tells whether a message is no longer queued, or is not there, or cannot be read. */
static bool
handed_over(void *ctx)
{
	const struct rest *r = ctx;
	struct arena *a = arena_new(RECORD_MEMORY);
	bool over = true;
	struct message *m;

	if (a != NULL && find(r, a, &m) == ST_OK)
		over = m->state != MESSAGE_QUEUED;
	arena_free(&a);
	return over;
}

/* Whoever may send may look what became of it, as often as they like. */
static bool
may_look(struct call *c)
{
	c->action = "sendSavedMMS";
	if (login_uncounted(c))
		return true;
	c->action = "sendMMS";
	return c->failure.code == E107 && login_uncounted(c);
}

bool
rest_message(struct rest *r)
{
	struct call *c = &r->call;
	struct message *m;
	enum store_rc rc;

	if (!may_look(c))
		return false;
	prefer_wait(r, handed_over, r);
	if ((rc = find(r, c->arena, &m)) != ST_OK)
		return call_store_fail(c, rc, "reading a message");
	describe(c, m);
	rest_tag(c->answer);
	return true;
}
