/*
 * action: handles a call of the API, from its body to its answer and its line in the log. See
 * app.h.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "cgi/action.h"
#include "cgi/answer_doc.h"
#include "cgi/app.h"
#include "cgi/call.h"
#include "cgi/idempotency.h"
#include "cgi/login.h"
#include "model/fold.h"
#include "ops/meter.h"

static const struct action {
	const char *name;
	action_fn *run;
} actions[] = {
#define ACTION(name, fn) { #name, fn },
#include "model/actions.def"
#undef ACTION
};

static const struct action *
find_action(const char *name)
{
	for (size_t i = 0; name != NULL && i < sizeof actions / sizeof actions[0]; i++)
		if (fold_same(actions[i].name, name))
			return &actions[i];
	return NULL;
}

/* Makes the action that of the call, and asks login_fn whether the caller may call it. */
static bool
may(struct call *c, const struct action *a, bool (*login_fn)(struct call *c, unsigned action))
{
	c->action = a->name;
	c->counted = (unsigned)(a - actions);
	if (a->run == action_send_saved_mms || a->run == action_send_mms)
		c->failure.to = request_wrong(c->request->to) ? NULL : c->request->to;
	return login_fn(c, c->counted);
}

/* Tells whether an Idempotency-Key counts for the action: one that saves or sends. */
static bool
takes_key(const struct action *a)
{
	return a->run == action_save_mms || a->run == action_send_mms ||
	    a->run == action_send_saved_mms;
}

/* A stranger's slides are not read, and what is not run again is not counted. */
static bool
login_and_read(struct call *c, unsigned action)
{
	if (!login(c) || (takes_key(&actions[action]) && !idempotency_look(c)))
		return false;
	if (c->replayed)
		return true;
	return login_count(c, action) && idempotency_take(c) &&
	    (c->replayed || request_read_rest(c->arena, c->request) || call_fail(c, E503));
}

/* Reads the request and runs its action. */
static bool
run(struct call *c)
{
	struct http *h = c->http;
	const struct request_bytes in = {
		.post = h->method == METHOD_POST,
		.home = c->answer->dialect,
		.query = h->method == METHOD_HEAD ? "" : h->query,
		.content_type = h->content_type,
		.body = h->body,
		.len = h->len,
	};
	const struct action *a;

	c->request = request_read_head(c->arena, &in, &c->failure);
	if (c->request == NULL)
		return false;
	c->answer->dialect = c->request->dialect;
	a = find_action(c->request->action);
	/* a vendor of A has it, no vendor of the others */
	if (a == NULL || (a->run == action_login_user && c->request->dialect != DIALECT_A))
		return call_fail(c, E100);
	return may(c, a, login_and_read) && (c->replayed || a->run(c));
}

/* Reads the body. Returns 0, or the HTTP status when the body cannot be read. */
static int
receive(struct call *c)
{
	int status = 0;

	if (c->http->method >= METHOD_DELETE)
		status = 405;
	else if (c->http->method == METHOD_POST)
		status = http_body(c->http, c->arena, c->app->settings.max_request_bytes);
	if (status != 0)
		c->failure.code = status == 500 ? E503 : E100;
	return status == 500 ? 503 : status;
}

/* Sets the type of the answer: what the account wants, where it is known, else the instance. */
static void
speak(struct call *c)
{
	const char *own = c->account.id != 0 ? c->account.answer_type : "";

	answer_speak(c->answer, c->http, c->answer->dialect,
	    own[0] != '\0' ? own : c->app->settings.answer_type);
}

/* Returns the HTTP status of a failure. Every E503 has 503, by which the caller knows that another
 * try may succeed, but not one that lasts. */
static int
status_of(const struct call *c)
{
	return c->failure.code == E503 && !c->lasting ? 503 : c->answer->status;
}

void
action_log(const struct call *c, int64_t began)
{
	int64_t took = clock_mono() - began;
	char made[24] = "";

	if (c->made != 0)
		(void)snprintf(made, sizeof made, "%" PRIu64, c->made);
	meter_call(c->app->meter, c->counted, c->failure.code);
	meter_duration(c->app->meter, METER_REQUEST, took);
	log_info("%s account=%s status=%d result=%s ms=%" PRId64 "%s%s%s%s%s",
	    c->action[0] != '\0' ? c->action : "request",
	    c->account.name[0] != '\0' ? c->account.name : "-", c->answer->status,
	    c->failure.code == E_NONE ? "Success" : error_code(c->failure.code), took / 1000,
	    made[0] != '\0' ? " mmsid=" : "", made, c->tracking != NULL ? " message=" : "",
	    c->tracking != NULL ? c->tracking : "", c->replayed ? " replayed" : "");
}

bool
action_may(struct call *c, const char *action)
{
	const struct action *a = find_action(action);

	return a != NULL ? may(c, a, login_known) : call_fail(c, E100);
}

bool
action_do(struct call *c)
{
	return actions[c->counted].run(c);
}

bool
action_run(struct call *c, const char *action)
{
	return action_may(c, action) && action_do(c);
}

bool
action_for_account(struct call *c, const char *action)
{
	int64_t began = clock_mono();
	bool done = action_run(c, action);

	if (!done)
		c->answer->status = status_of(c);
	action_log(c, began);
	return done;
}

void
action_serve(struct call *c)
{
	int64_t began = clock_mono();
	int status = receive(c);

	if (status != 0 || !run(c)) {
		if (status == 0)
			status = status_of(c);
		answer_failure(c->answer, status, &c->failure);
		idempotency_end(c);
	} else if (!buf_ok(&c->answer->body)) {
		log_error("the answer does not fit in memory");
		c->failure = (struct failure){ .code = E503 };
		answer_failure(c->answer, 503, &c->failure);
	}
	speak(c);
	action_log(c, began);
}
