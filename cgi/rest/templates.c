/* templates: /api/v2/templates and one of them. See savemms-api-rest(7), Templates. */
#include <inttypes.h>
#include <stdio.h>

#include "base/log.h"
#include "cgi/action.h"
#include "cgi/answer_doc.h"
#include "cgi/api/describe.h"
#include "cgi/api/mmsid.h"
#include "cgi/api/save.h"
#include "cgi/login.h"
#include "cgi/rest/prefer.h"
#include "cgi/rest/uploads.h"

enum {
	ID_TEXT = 24,
	RECORD_MEMORY = 64 << 20,
	ENCODING_S = 2 /* after which it is worth to look again */
};

static const char *const members[] = { "name", "message-subject", "subject", "fallback-sms-text",
	"disable-fallback-sms", "disable-fallback-sms-link", "fallback-sms-link-expiration",
	"client-reference", "slide", NULL };

static void
write_template(struct call *c, const struct template *t)
{
	answer_open(c->answer);
	describe_template(c, t);
	answer_close(c->answer);
}

/* Everything is checked, fetched and transcoded, and nothing is kept. */
static bool
try(struct rest *r)
{
	struct template *t = save_try(&r->call);

	if (t == NULL)
		return false;
	write_template(&r->call, t);
	return true;
}

/* A template whose end of encoding a caller may wait for. */
struct awaited {
	const struct call *call;
	uint64_t id;
};

/* Tells whether it is encoded, or is gone, or cannot be read. */
static bool
encoded(void *ctx)
{
	const struct awaited *w = ctx;
	struct arena *a = arena_new(RECORD_MEMORY);
	bool over = true;
	struct template *t;

	if (a != NULL &&
	    store_template_get(w->call->app->store, w->call->account.id, w->id, a, &t) == ST_OK)
		over = template_state(t) != TEMPLATE_ENCODING;
	arena_free(&a);
	return over;
}

/* Answers with the template that was stored, or where it cannot be read now, with its id. The
 * answer of the action has that already. */
static bool
made(struct rest *r)
{
	struct call *c = &r->call;
	char id[ID_TEXT];
	struct template *t;

	(void)snprintf(id, sizeof id, "%" PRIu64, c->made);
	c->answer->status = 201;
	rest_location(r, "/api/v2/templates/", id);
	prefer_wait(r, encoded, &(struct awaited){ c, c->made });
	if (store_template_get(c->app->store, c->account.id, c->made, c->arena, &t) != ST_OK) {
		log_warn("template %s is stored, but cannot be read for the answer", id);
		return true;
	}
	write_template(c, t);
	if (!buf_ok(&c->answer->body)) {
		answer_open(c->answer);
		answer_text(c->answer, ANSWER_MMSID, id);
		answer_close(c->answer);
	}
	return true;
}

bool
rest_create(struct rest *r)
{
	bool dry, done;

	if (!rest_members(r, members) || !rest_flag(r, "dry-run", &dry))
		return false;
	r->call.action = "saveMMS";
	done = (dry ? login_uncounted(&r->call) : action_may(&r->call, "saveMMS")) &&
	    uploads_take(r) && (dry ? try(r) : action_do(&r->call));
	uploads_end(r);
	return done && (dry || made(r));
}

bool
rest_template(struct rest *r)
{
	struct template *t;
	uint64_t id;

	r->call.request->mmsid = r->part[0];
	if (!action_may(&r->call, "getMMSIDDetails") || !mmsid_of(&r->call, &id))
		return false;
	prefer_wait(r, encoded, &(struct awaited){ &r->call, id });
	if ((t = mmsid_template(&r->call)) == NULL)
		return false;
	if (template_state(t) == TEMPLATE_ENCODING)
		buf_printf(&r->call.answer->headers, "Retry-After: %d\r\n", ENCODING_S);
	write_template(&r->call, t);
	rest_tag(r->call.answer);
	return true;
}

bool
rest_remove(struct rest *r)
{
	r->call.request->mmsid = r->part[0];
	if (!action_run(&r->call, "deleteMMSID"))
		return false;
	r->call.answer->status = 204;
	buf_reset(&r->call.answer->body);
	return true;
}
