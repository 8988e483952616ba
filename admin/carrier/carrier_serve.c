/* carrier_serve: the part of carrier.h that answers: MM7 to a POST, sendsms to a GET. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "admin/carrier/carrier.h"
#include "base/arena.h"
#include "base/ascii.h"
#include "base/crypt.h"
#include "base/num.h"
#include "model/text.h"

enum { ARENA = 512 << 20, AUTH = 1024 };

static void
wait_ms(uint64_t ms)
{
	struct timespec left = { .tv_sec = (time_t)(ms / 1000),
		.tv_nsec = (long)(ms % 1000) * 1000000 };

	while (ms > 0 && nanosleep(&left, &left) != 0)
		;
}

/* Returns a copy of the rule as it is now, because others may change the original once the lock is
 * released. */
static struct carrier_rule
rule_for(struct sim *c, bool mms, const char *to)
{
	struct carrier_rule r;

	(void)pthread_mutex_lock(&c->lock);
	r = *carrier_rules_match(&c->rules, mms, to);
	(void)pthread_mutex_unlock(&c->lock);
	return r;
}

static void
count(struct sim *c, uint64_t *n)
{
	(void)pthread_mutex_lock(&c->lock);
	(*n)++;
	(void)pthread_mutex_unlock(&c->lock);
}

static void
plain(struct carrier_reply *r, unsigned status, const char *text)
{
	r->status = status;
	buf_reset(&r->body);
	buf_printf(&r->body, "%s\n", text);
}

/* --- MM7 ------------------------------------------------------------------------------- */

/* The outcome of one MMS. */
struct mms_outcome {
	const struct mm7 *m;
	struct carrier_mms mms;
	struct carrier_rule rule;
	char id[CARRIER_ID];
	bool again;    /* it came before */
	unsigned code; /* MM7 status code; 0: no MM7 answer */
};

static bool
authorised(const struct sim *c, const struct carrier_request *q)
{
	char want[AUTH];

	if (c->user == NULL)
		return true;
	return strncasecmp(q->authorization, "Basic ", 6) == 0 &&
	    crypt_base64(c->user, strlen(c->user), want, sizeof want) > 0 &&
	    crypt_equal(want, q->authorization + 6);
}

/* Decides what to answer and whether the message counts as accepted. */
static void
decide(struct sim *c, struct mms_outcome *t)
{
	t->code = t->mms.code;
	if (t->code != MM7_SUCCESS) {
		count(c, &c->count.faults);
		return;
	}
	if (t->rule.action == ACTION_REFUSE)
		t->code = t->rule.code;
	else if (t->rule.action == ACTION_ERROR || t->rule.action == ACTION_DROP)
		t->code = 0;
	if (t->code == MM7_SUCCESS && t->rule.max_bytes > 0 && t->mms.ncontent > t->rule.max_bytes)
		t->code = MM7_CONTENT_REFUSED;
	if (t->code == MM7_SUCCESS || t->rule.action == ACTION_DROP) {
		/* dropped means accepted, but the sender does not learn that */
		(void)pthread_mutex_lock(&c->lock);
		t->again = carrier_seen(c, t->m->transaction, t->id);
		c->count.mms += !t->again;
		c->count.again += t->again;
		(void)pthread_mutex_unlock(&c->lock);
	} else {
		count(c, &c->count.refused);
	}
}

static void
log_mms(struct sim *c, const struct mms_outcome *t, size_t body)
{
	struct carrier_line l;

	carrier_line_start(&l, "mms");
	carrier_line_add(&l, "id", t->id);
	if (t->m != NULL) {
		carrier_line_add(&l, "to", t->m->to);
		carrier_line_add(&l, "from", t->m->sender);
		carrier_line_add(&l, "transaction", t->m->transaction);
		carrier_line_add(&l, "version", t->m->version);
		carrier_line_add(&l, "subject", t->m->subject);
	}
	carrier_line_add_u64(&l, "body", body);
	carrier_line_add_u64(&l, "bytes", t->mms.ncontent);
	carrier_line_add_u64(&l, "parts", t->mms.parts);
	if (t->code != 0)
		carrier_line_add_u64(&l, "code", t->code);
	else if (t->rule.action == ACTION_ERROR)
		carrier_line_add_u64(&l, "http", t->rule.code);
	else
		carrier_line_add(&l, "answer", "none");
	if (t->again)
		carrier_line_add(&l, "again", "yes");
	if (t->mms.fault[0] != '\0')
		carrier_line_add(&l, "fault", t->mms.fault);
	carrier_line_end(c, &l);
}

static void
keep_and_report(struct sim *c, const struct mms_outcome *t)
{
	struct carrier_due like = { .mms = true };

	if (t->id[0] == '\0' || t->again)
		return;
	carrier_keep(c, t->id, "soap.xml", t->mms.soap, t->mms.nsoap);
	carrier_keep(c, t->id, "mms", t->mms.content, t->mms.ncontent);
	if (c->report_url == NULL || t->rule.action == ACTION_LOSE)
		return;
	(void)snprintf(like.version, sizeof like.version, "%s", t->m->version);
	(void)snprintf(like.id, sizeof like.id, "%s", t->id);
	(void)snprintf(like.to, sizeof like.to, "%s", t->m->to);
	(void)snprintf(like.from, sizeof like.from, "%s", t->m->sender);
	carrier_report_queue(c, &t->rule, &like, NULL);
}

static void
answer_mms(const struct mms_outcome *t, struct carrier_reply *r)
{
	const struct mm7_answer answer = {
		.req = t->m,
		.mmsc = true,
		.code = t->code,
		.text = mm7_code_text(t->code),
		.details = t->mms.fault[0] != '\0' ? t->mms.fault : t->rule.text,
		.message_id = t->id,
	};

	if (t->code == 0 && t->rule.action == ACTION_DROP) {
		r->drop = true;
	} else if (t->code == 0) {
		plain(r, t->rule.code, t->rule.text[0] != '\0' ? t->rule.text : "not now");
	} else {
		r->status = t->m != NULL && t->m->type == MM7_SUBMIT_REQ ? 200 : 500;
		r->type = "text/xml; charset=utf-8";
		mm7_answer(&r->body, &answer);
	}
}

static void
serve_mms(struct sim *c, struct arena *a, const struct carrier_request *q, struct carrier_reply *r)
{
	struct carrier_submit in = { .content_type = q->content_type,
		.body = q->body,
		.len = q->len };
	struct mms_outcome t = { .m = NULL };

	if (!authorised(c, q)) {
		plain(r, 401, "who is it?");
		return;
	}
	in.m = t.m = mm7_read(a, q->content_type, q->body, q->len, &in.why);
	carrier_check(a, &in, &t.mms);
	t.rule = rule_for(c, true, t.m != NULL ? t.m->to : "");
	decide(c, &t);
	wait_ms(t.rule.delay_ms);
	log_mms(c, &t, q->len);
	keep_and_report(c, &t);
	answer_mms(&t, r);
}

/* --- SMS ------------------------------------------------------------------------------- */

static const char *
arg(const struct carrier_request *q, const char *name)
{
	return q->arg(q->ctx, name);
}

/* Returns what smsbox answers to a request it cannot send, or NULL if it can send it. */
static const char *
sms_fault(const struct sim *c, const struct carrier_request *q, unsigned *status)
{
	char who[AUTH];
	const char *to = arg(q, "to");

	(void)snprintf(who, sizeof who, "%s:%s", arg(q, "username"), arg(q, "password"));
	*status = 403;
	if (c->user != NULL && strcmp(who, c->user) != 0)
		return "Authorization failed for sendsms";
	*status = 400;
	if (to[0] == '\0' || !ascii_only(to, "+" ASCII_DIGITS))
		return "Empty or invalid receiver number not allowed, rejected";
	if (arg(q, "from")[0] == '\0')
		return "Sender missing and no global set, rejected";
	if (!text_valid(arg(q, "text"), strlen(arg(q, "text"))))
		return "the text is not UTF-8, rejected";
	return NULL;
}

static void
log_sms(struct sim *c, const struct carrier_request *q, const char *id, unsigned status,
    const char *fault)
{
	struct carrier_line l;

	carrier_line_start(&l, "sms");
	carrier_line_add(&l, "id", id);
	carrier_line_add(&l, "to", arg(q, "to"));
	carrier_line_add(&l, "from", arg(q, "from"));
	carrier_line_add(&l, "coding", arg(q, "coding"));
	carrier_line_add_u64(&l, "http", status);
	carrier_line_add(&l, "text", arg(q, "text"));
	if (fault != NULL)
		carrier_line_add(&l, "fault", fault);
	carrier_line_end(c, &l);
}

static void
take_sms(struct sim *c, const struct carrier_request *q, const struct carrier_rule *rule,
    const char *id)
{
	struct carrier_due like = { .mms = false };
	uint64_t mask;

	carrier_keep(c, id, "sms", arg(q, "text"), strlen(arg(q, "text")));
	if (rule->action == ACTION_LOSE || arg(q, "dlr-url")[0] == '\0' ||
	    !num_u64(arg(q, "dlr-mask"), 1, 31, &mask))
		return;
	(void)snprintf(like.id, sizeof like.id, "%s", id);
	(void)snprintf(like.to, sizeof like.to, "%s", arg(q, "to"));
	(void)snprintf(like.from, sizeof like.from, "%s", arg(q, "from"));
	carrier_report_queue(c, rule, &like, arg(q, "dlr-url"));
}

static void
serve_sms(struct sim *c, const struct carrier_request *q, struct carrier_reply *r)
{
	struct carrier_rule rule = rule_for(c, false, arg(q, "to"));
	char id[CARRIER_ID] = "";
	unsigned status;
	const char *fault = sms_fault(c, q, &status);

	if (fault != NULL)
		count(c, &c->count.faults);
	else
		status = rule.action == ACTION_REFUSE ? 400 :
		    rule.action == ACTION_ERROR       ? rule.code :
							202;
	if (status == 202) {
		(void)pthread_mutex_lock(&c->lock);
		(void)carrier_seen(c, "", id);
		c->count.sms++;
		(void)pthread_mutex_unlock(&c->lock);
	} else if (fault == NULL) {
		count(c, &c->count.refused);
	}
	wait_ms(rule.delay_ms);
	log_sms(c, q, id, status, fault);
	if (status == 202)
		take_sms(c, q, &rule, id);
	r->drop = fault == NULL && rule.action == ACTION_DROP;
	plain(r, status,
	    status == 202            ? "0: Accepted for delivery" :
		fault != NULL        ? fault :
		rule.text[0] != '\0' ? rule.text :
				       "Not routable. Do not try again.");
}

void
carrier_serve(void *ctx, const struct carrier_request *q, struct carrier_reply *r)
{
	struct sim *c = ctx;
	struct arena *a = arena_new(ARENA);
	const char *name = strrchr(q->path, '/');

	if (a == NULL)
		plain(r, 503, "out of memory");
	else if (q->post)
		serve_mms(c, a, q, r);
	else if (name != NULL && strcmp(name, "/sendsms") == 0)
		serve_sms(c, q, r);
	else
		plain(r, 404, "POST MM7 here, or GET .../sendsms");
	if (a != NULL)
		arena_free(&a);
}
