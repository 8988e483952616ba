/*
 * deliver: delivers messages, a batch at a time (savemms-api(7), Sending). What a batch shares is
 * done once: it loads all messages from the store at once, reads each template once, syncs once
 * what was handed over, and ends the jobs and queues their postbacks in one transaction.
 *
 * A commit that fails is tried again until it succeeds (helper/outcome.h). If a helper dies between
 * handing over and the commit, the next try finds in the notes of handed.h what was taken; what is
 * not there is handed over again, under the same identity (lib/send/transport.h).
 */
#include "helper/deliver.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "helper/deliver_shared.h"
#include "helper/handed.h"
#include "helper/lease_renewer.h"
#include "helper/outcome.h"
#include "model/text.h"
#include "ops/meter.h"
#include "send/postback.h"

/* BODY_MAX: bytes of a postback, far more than its fields can take (savemms-api(7), Delivery
 * postbacks). BATCH_US: microseconds after which a batch begins no other message. LOST_MAX: tries
 * above those of the schedule that may end with the death of their helper. */
enum {
	BODY_MAX = 1 << 18,
	LOST_MAX = 10,
	RELEASE_S = 2,
	BATCH_US = 3000000,
	BATCH_MEMORY = 128 << 20,
	MESSAGE_MEMORY = 128 << 20
};

struct batch {
	struct helper *h;
	struct arena *arena;
	struct deliver_shared shared;
	struct delivery *d;
	struct deliver_end *end;
	size_t n;
};

/* --- the outcome ---------------------------------------------------------------------- */

static void
set_end(struct deliver_end *e, enum deliver_how how, const char *why, uint64_t delay_s)
{
	e->how = how;
	e->retry_ms = delay_s * 1000;
	e->why = why;
}

static void
mark_sent(struct delivery *d)
{
	struct message *m = d->m;

	m->state = MESSAGE_SENT;
	m->leg = d->handover.mms != NULL ? LEG_MMS : LEG_SMS;
	m->sent = clock_now();
	m->transport_id = d->handover.id;
	m->why = d->fell_back ? d->why : "";
	(void)snprintf(m->transport, sizeof m->transport, "%s", d->handover.transport->name);
}

static void
mark_failed(struct delivery *d, const char *why)
{
	d->m->state = MESSAGE_FAILED;
	d->m->reported = clock_now();
	d->m->class[0] = '\0';
	d->m->why = why;
}

/* Fills in how the job ends. A message that a transport took counts as sent from now on. A helper
 * that is told to stop breaks off its work; that does not count as an attempt. */
static void
settle_one(struct batch *b, struct delivery *d, struct deliver_end *e)
{
	const struct settings *s = d->h->settings;
	struct postback_delivery told = { .routing = &s->routing, .m = d->m };

	text_mend(d->why);
	text_mend(d->handover.why);
	if (d->handover.transport == NULL)
		mark_failed(d, d->why);
	else if (d->handover.rc == TRANSPORT_TAKEN)
		mark_sent(d);
	else if (d->handover.rc == TRANSPORT_AGAIN && d->h->stopping) {
		set_end(e, DELIVER_RELEASED, d->handover.why, 0);
		return;
	} else if (d->handover.rc == TRANSPORT_HELD) {
		set_end(e, DELIVER_DEAD_LETTER, d->handover.why, 0);
		return;
	} else if (d->handover.rc == TRANSPORT_AGAIN && d->job->attempt <= s->ndeliver_retry) {
		set_end(e, DELIVER_AGAIN, d->handover.why,
		    message_delay(d->m, clock_now(), s->deliver_retry[d->job->attempt - 1]));
		return;
	} else
		mark_failed(d, d->handover.why);
	e->m = d->m;
	if (!deliver_wants_postbacks(&b->shared, d->m, &told.dialect))
		return;
	e->postback = postback_delivery_text(&told, BODY_MAX, b->arena);
	if (e->postback != NULL)
		return;
	if (d->job->attempt <= s->ndeliver_retry)
		set_end(e, DELIVER_AGAIN, "out of memory", 1); /* again, under the same name */
	else
		log_error("message %s: out of memory, so its postback is lost", d->m->tracking);
}

static void
log_one(const struct delivery *d, const struct deliver_end *e)
{
	if (d->m == NULL) {
		if (e->how == DELIVER_DEAD_LETTER)
			log_error("job %" PRIu64 ": %s; it is kept as dead", d->job->id, e->why);
	} else if (e->rc == ST_CONFLICT)
		log_warn("job %" PRIu64 ": another helper has taken up its message", d->job->id);
	else if (e->rc == ST_CORRUPT)
		log_error("message %s: what was done is not recorded: a record cannot be read",
		    d->m->tracking);
	else if (e->how == DELIVER_DEAD_LETTER)
		log_error("message %s is held: %s; see savemms message release and fail",
		    d->m->tracking, e->why);
	else if (e->how != DELIVER_ENDED)
		log_info("message %s attempt %u: %s; again later", d->m->tracking,
		    (unsigned)d->job->attempt, e->why);
	else
		log_info("message %s: %s%s%s%s%s", d->m->tracking, message_state_name(d->m->state),
		    d->m->leg != LEG_NONE ? " as " : "", message_leg_name(d->m->leg),
		    d->m->why[0] != '\0' ? ": " : "", d->m->why);
}

/* --- the batch --------------------------------------------------------------------------- */

/* Tells whether a transport took the message in this batch. */
static bool
is_taken(const struct delivery *d)
{
	return d->m != NULL && !d->noted && d->handover.transport != NULL &&
	    d->handover.rc == TRANSPORT_TAKEN;
}

static void
settle_all(struct batch *b)
{
	struct transport_job **taken = arena_array(b->arena, b->n + 1, sizeof *taken);
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (is_taken(&b->d[i])) {
			if (taken != NULL)
				taken[n++] = &b->d[i].handover;
			else
				b->d[i].handover.rc = TRANSPORT_AGAIN; /* memory is short */
		}
	if (n > 0)
		transport_settle(taken, n);
	for (size_t i = 0; i < b->n; i++)
		if (is_taken(&b->d[i]) && transport_settles(b->d[i].handover.transport))
			handed_note(b->h->handed, &b->d[i]);
}

/* Composes the message and hands it over. It then frees the memory at once, because texts with
 * values filled in may be large. */
static void
send_one(struct batch *b, struct delivery *d)
{
	static const struct composed gone;
	enum store_rc rc = ST_OK;
	int64_t began;

	/* asked whatever the attempt is: "savemms job retry" begins their count anew */
	if (handed_before(b->h->handed, d)) {
		log_info("message %s was handed over before; it is not handed over again",
		    d->m->tracking);
	} else if (d->job->attempt > b->h->settings->ndeliver_retry + LOST_MAX) {
		(void)snprintf(d->why, sizeof d->why,
		    "given up after %u attempts, none of which was completed",
		    (unsigned)d->job->attempt - 1);
	} else if (message_overdue(d->m, clock_now())) {
		d->m->outcome = report_kind_name(REPORT_EXPIRED);
		(void)snprintf(d->why, sizeof d->why, MESSAGE_EXPIRED "%s%.150s",
		    d->job->why[0] != '\0' ? ": " : "", d->job->why);
	} else if ((rc = deliver_template(&b->shared, d->m->mmsid, &d->t)) == ST_CORRUPT ||
	    rc == ST_NOMEM) { /* this may last: it counts as an attempt */
		d->handover = (struct transport_job){ .rc = TRANSPORT_AGAIN,
			.transport = &b->h->settings->routing.transport[0] };
		(void)snprintf(d->handover.why, sizeof d->handover.why,
		    "the template cannot be read");
	} else if (rc != ST_OK) { /* a fault of the store does not */
		set_end(&b->end[d - b->d], DELIVER_RELEASED, d->job->why, RELEASE_S);
		d->m = NULL;
	} else if ((d->arena = arena_new(MESSAGE_MEMORY)) == NULL) {
		d->handover = (struct transport_job){ .rc = TRANSPORT_AGAIN,
			.transport = &b->h->settings->routing.transport[0] };
		(void)snprintf(d->handover.why, sizeof d->handover.why, "out of memory");
	} else {
		began = clock_mono();
		deliver_out(d);
		meter_duration(b->h->meter, METER_DELIVERY, clock_mono() - began);
		arena_free(&d->arena);
		d->page = d->report_url = d->handover.sms = d->handover.report_url = "";
		d->handover.mms = d->handover.mms != NULL ? &gone : NULL; /* it was an MMS */
		if (is_taken(d) && !transport_settles(d->handover.transport))
			handed_note(b->h->handed, d);
	}
}

/* Sends the messages of the batch. The messages of a slow transport must not delay the others of
 * the batch, nor a helper that is to leave: after BATCH_US those not yet begun go back. */
static void
send_all(struct batch *b, const struct deliver_load *l, const struct lease *lease)
{
	int64_t until = clock_mono() + BATCH_US;

	for (size_t i = 0; i < b->n; i++) {
		struct delivery *d = &b->d[i];

		d->h = b->h;
		d->job = b->end[i].job = l[i].job;
		if (l[i].rc == ST_CORRUPT)
			set_end(&b->end[i], DELIVER_DEAD_LETTER,
			    "the message's record cannot be read", 0);
		if (l[i].rc != ST_OK || lease[i].lost)
			continue; /* gone: the job ends; lost: another helper has the message */
		if (i > 0 && (b->h->leaving || b->h->stopping || clock_mono() > until)) {
			set_end(&b->end[i], DELIVER_RELEASED, l[i].job->why, 0);
			continue;
		}
		d->handset = l[i].handset;
		d->m = l[i].m;
		send_one(b, d);
		if (d->handover.transport != NULL && transport_repeats(d->handover.transport))
			b->n = i + 1; /* the batch ends here, to commit this message first */
	}
}

static enum store_rc
put_ends(void *ctx)
{
	struct batch *b = ctx;

	return store_deliver_done(b->h->store, b->end, b->n);
}

/* Runs as many of the first n jobs as one batch takes, and sets b->n to their number: 0 if none was
 * begun. */
static enum store_rc
run_batch(struct batch *b, struct job *const *jobs, const struct lease *lease, size_t n)
{
	struct deliver_load *l = arena_array(b->arena, n, sizeof *l);
	enum store_rc rc;

	b->d = arena_array(b->arena, n, sizeof *b->d);
	b->end = arena_array(b->arena, n, sizeof *b->end);
	if (l == NULL || b->d == NULL || b->end == NULL)
		return ST_NOMEM;
	for (size_t i = 0; i < n; i++)
		l[i].job = jobs[i];
	if ((rc = store_deliver_load(b->h->store, b->arena, l, n, &b->n)) != ST_OK) {
		b->n = 0;
		return rc;
	}
	send_all(b, l, lease);
	settle_all(b);
	for (size_t i = 0; i < b->n; i++)
		if (b->d[i].m != NULL)
			settle_one(b, &b->d[i], &b->end[i]);
	if ((rc = outcome_record(b->h, "a batch that begins with job", jobs[0]->id, put_ends, b)) !=
	    ST_OK)
		return rc;
	for (size_t i = 0; i < b->n; i++) {
		if (b->d[i].m != NULL && b->end[i].how == DELIVER_ENDED && b->end[i].rc == ST_OK)
			handed_forget(b->h->handed, b->d[i].m->id);
		log_one(&b->d[i], &b->end[i]);
	}
	return ST_OK;
}

/* Returns how many of the first jobs may share a batch. A job whose last holder died during it
 * may have caused that death. Such a job runs alone: then the messages handed over before it are
 * on record when its turn comes, and are not handed over again with each new try. */
static size_t
together(struct job *const *jobs, size_t n)
{
	size_t k = 0;

	while (k < n && (jobs[k]->attempt <= 1 || jobs[k]->why[0] != '\0'))
		k++;
	return k > 0 ? k : 1;
}

/* Runs all jobs. Large messages run a few at a time, each time in memory of their own. Sets *begun
 * to how many were begun; all, unless it fails. The leases of these are not renewed any more, for
 * they are over. */
static enum store_rc
run_all(struct helper *h, struct job *const *jobs, struct lease *lease, size_t n, size_t *begun)
{
	enum store_rc rc = ST_OK;

	for (size_t i = 0; rc == ST_OK && i < n; *begun = i) {
		struct batch b = { .h = h, .arena = arena_new(BATCH_MEMORY) };

		b.shared = (struct deliver_shared){ .st = h->store, .arena = b.arena };
		rc = b.arena != NULL ?
		    run_batch(&b, jobs + i, lease + i, together(jobs + i, n - i)) :
		    ST_NOMEM;
		for (size_t k = i; k < i + b.n; k++)
			lease_renewer_remove(&lease[k]);
		i += b.n;
		arena_free(&b.arena);
	}
	return rc;
}

/* Gives back jobs that a fault kept from being begun. That is no attempt of theirs, nor did their
 * helper die: they keep what they say of earlier ones. A helper that is told to stop has tried for
 * long enough when it comes here. */
static enum store_rc
release(struct helper *h, struct job *const *jobs, size_t n, struct deliver_end *end)
{
	struct batch b = { .h = h, .end = end, .n = n };

	for (size_t i = 0; i < n; i++) {
		end[i].job = jobs[i];
		set_end(&end[i], DELIVER_RELEASED, jobs[i]->why, RELEASE_S);
	}
	return h->stopping ?
	    put_ends(&b) :
	    outcome_record(h, "a batch not begun, with job", jobs[0]->id, put_ends, &b);
}

void
deliver_run(struct helper *h, struct job *const *jobs, size_t n, struct arena *a)
{
	struct deliver_end *end = arena_array(a, n, sizeof *end);
	struct lease *lease = end != NULL ? arena_array(a, n, sizeof *lease) : NULL;
	enum store_rc rc = ST_NOMEM, back = ST_OK;
	size_t begun = 0;

	for (size_t i = 0; lease != NULL && i < n; i++) {
		lease[i].h = h;
		lease[i].job = jobs[i];
		lease_renewer_add(&lease[i]);
	}
	if (lease != NULL)
		rc = run_all(h, jobs, lease, n, &begun);
	if (begun < n && end != NULL)
		back = release(h, jobs + begun, n - begun, end);
	for (size_t i = begun; lease != NULL && i < n; i++)
		lease_renewer_remove(&lease[i]);
	if (rc != ST_OK)
		log_error("delivering %zu messages: %s; %zu of them were not begun", n,
		    store_rc_text(rc), n - begun);
	if (back != ST_OK)
		log_error("giving back %zu messages: %s; their leases will run out", n - begun,
		    store_rc_text(back));
}
