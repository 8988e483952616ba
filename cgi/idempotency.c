/*
 * idempotency: see idempotency.h
 *
 * Promises: what a call stores, and its answer under its key, are one transaction. A call that is
 * killed leaves a lease, which ends.
 */
#include "cgi/idempotency.h"

#include <string.h>

#include "base/log.h"
#include "cgi/call.h"
#include "cgi/start_helper.h"
#include "request/idempotency.h"

typedef enum store_rc kept_fn(struct store *st, const struct kept_use *u, struct arena *a,
    struct kept_begun *b);

/* Fails the call with a status of its own. */
static bool
refuse(struct call *c, int status, const char *why)
{
	c->answer->status = status;
	c->failure.detail = why;
	return call_fail(c, E100);
}

static bool
refuse_busy(struct call *c, unsigned retry_after)
{
	buf_printf(&c->answer->headers, "Retry-After: %u\r\n", retry_after);
	return refuse(c, 409, "a request with this Idempotency-Key is being carried out");
}

/* Gives the call the answer that was kept. */
static bool
replay(struct call *c, const struct kept_answer *kept)
{
	struct answer *a = c->answer;

	a->status = (int)kept->status;
	a->dialect = kept->dialect;
	buf_reset(&a->body);
	buf_adds(&a->body, kept->body);
	buf_adds(&a->headers, "Idempotency-Replayed: true\r\n");
	c->failure.code = kept->code;
	c->replayed = true;
	if (kept->code == E_NONE) /* the first one may have been killed before it did so */
		start_helper(&c->app->settings);
	return true;
}

/* Looks at the key by how(), and answers unless the call may run. */
static bool
decide(struct call *c, const struct kept_use *u, kept_fn *how)
{
	const struct settings *s = &c->app->settings;
	struct kept_begun b = {
		.ttl_s = s->idempotency_ttl,
		.lease_ms = settings_save_ms(s) + KEPT_MORE_MS,
	};
	enum store_rc rc = how(c->app->store, u, c->arena, &b);

	if (rc == ST_CONFLICT) {
		log_error("an Idempotency-Key is refused in a store of layout 1: "
			  "run savemms migrate");
		c->lasting = true;
		return call_fail(c, E503);
	}
	if (rc == ST_NOTFOUND) /* the account was removed after the login */
		return call_fail(c, E104);
	if (rc != ST_OK)
		return call_store_fail(c, rc, "taking an Idempotency-Key");
	switch (b.next) {
	case KEPT_REPLAY:
		return replay(c, &b.answer);
	case KEPT_BUSY:
		return refuse_busy(c, kept_retry_after(b.left_ms));
	case KEPT_OTHER:
		return refuse(c, 422, "this Idempotency-Key belongs to another request");
	case KEPT_RUN:
		break;
	}
	return true;
}

bool
idempotency_look(struct call *c)
{
	const struct http *h = c->http;
	const char *header = h->param(h->ctx, "HTTP_IDEMPOTENCY_KEY");
	char key[IDEMPOTENCY_KEY];
	struct kept_use *u;

	if (header == NULL)
		return true;
	if (h->method != METHOD_POST)
		return refuse(c, 400, "an Idempotency-Key needs a POST");
	if (!idempotency_key(header, key))
		return refuse(c, 400, "the Idempotency-Key is malformed");
	if ((c->seen = arena_zalloc(c->arena, sizeof *c->seen)) == NULL)
		return call_fail(c, E503);
	u = &c->seen->use;
	store_kept_use(u, c->account.id, c->action, key);
	idempotency_print(c->request->dialect, h->content_type, h->body, h->len, u->print);
	return decide(c, u, store_kept_look);
}

bool
idempotency_take(struct call *c)
{
	if (c->seen == NULL)
		return true;
	if (!decide(c, &c->seen->use, store_kept_begin))
		return false;
	if (!c->replayed)
		c->keep = c->seen;
	return true;
}

/* Sets *out to the call's answer, which is complete. Returns false if memory is short. */
static bool
written(const struct call *c, struct kept_answer *out)
{
	const struct answer *a = c->answer;

	*out = (struct kept_answer){
		.status = (unsigned)a->status,
		.dialect = a->dialect,
		.code = c->failure.code,
		.body = buf_str(&a->body),
	};
	return buf_ok(&a->body);
}

/* Writes the answer within the transaction that stores what it tells of. */
static bool
write_kept(void *ctx, uint64_t mmsid, const struct message *m, struct kept_answer *out)
{
	struct call *c = ctx;

	c->write_stored(c->answer, mmsid, m);
	return written(c, out);
}

const struct keep *
idempotency_keep(struct call *c, stored_fn *write)
{
	c->write_stored = write;
	if (c->keep != NULL) {
		c->keep->write = write_kept;
		c->keep->ctx = c;
	}
	return c->keep;
}

bool
idempotency_store_fail(struct call *c, enum store_rc rc, const char *what)
{
	return rc == ST_CONFLICT && c->keep != NULL ? refuse_busy(c, 1) :
						      call_store_fail(c, rc, what);
}

void
idempotency_end(struct call *c)
{
	struct kept_answer answer;
	bool keeps;
	enum store_rc rc;

	if (c->keep == NULL)
		return;
	keeps = idempotency_keeps(c->failure.code) && written(c, &answer) &&
	    c->answer->body.len <= KEPT_BODY;
	rc = store_kept_end(c->app->store, &c->keep->use, keeps ? &answer : NULL);
	if (rc != ST_OK)
		log_error("ending the use of an Idempotency-Key: %s; its lease ends it",
		    store_rc_text(rc));
}
