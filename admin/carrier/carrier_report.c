/*
 * carrier_report: the part of carrier.h that sends delivery reports. One thread sends the reports
 * that are due, one after the other. A report that is not accepted is sent again after AGAIN_S
 * seconds, TRIES times in all.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "admin/carrier/carrier.h"
#include "base/arena.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/percent.h"
#include "net/http_client.h"

enum {
	SECOND = 1000000,
	AGAIN_S = 1,
	TRIES = 10,
	CALL_MS = 10000,
	ANSWER = 16384,
	BODY = 65536,
	ARENA = 1 << 20
};

/* Inserts a report after those that are due earlier or at the same time. The caller holds the
 * lock. */
static void
insert(struct sim *c, struct carrier_due *d)
{
	struct carrier_due *before = c->last;

	while (before != NULL && before->at > d->at)
		before = before->prev;
	d->prev = before;
	d->next = before != NULL ? before->next : c->first;
	*(before != NULL ? &before->next : &c->first) = d;
	*(d->next != NULL ? &d->next->prev : &c->last) = d;
	(void)pthread_cond_signal(&c->wake);
}

static void
drop(struct carrier_due *d)
{
	free(d->url);
	free(d);
}

/* Waits until a report is due, removes it from the list and returns it. Returns NULL when the
 * carrier ends. */
static struct carrier_due *
take(struct sim *c)
{
	struct carrier_due *d;

	(void)pthread_mutex_lock(&c->lock);
	while (!c->ending && (c->first == NULL || c->first->at > clock_mono())) {
		struct timespec until;

		if (c->first == NULL) {
			(void)pthread_cond_wait(&c->wake, &c->lock);
			continue;
		}
		until.tv_sec = (time_t)(c->first->at / SECOND);
		until.tv_nsec = (long)(c->first->at % SECOND) * 1000;
		(void)pthread_cond_timedwait(&c->wake, &c->lock, &until);
	}
	d = c->ending ? NULL : c->first;
	if (d != NULL) {
		c->first = d->next;
		*(d->next != NULL ? &d->next->prev : &c->last) = NULL;
	}
	(void)pthread_mutex_unlock(&c->lock);
	return d;
}

/* Fills in Kannel's escapes: %d what happened, %A the SMSC's text, %F its id, %p from, %P to. */
static void
fill_url(struct buf *url, const struct carrier_due *d)
{
	for (const char *p = d->url; *p != '\0'; p++) {
		if (*p != '%' || p[1] == '\0') {
			buf_addc(url, *p);
			continue;
		}
		switch (*++p) {
		case 'd':
			buf_printf(url, "%u", d->dlr);
			break;
		case 'A':
			percent_add(url, d->text);
			break;
		case 'F':
			percent_add(url, d->id);
			break;
		case 'p':
			percent_add(url, d->from);
			break;
		case 'P':
			percent_add(url, d->to);
			break;
		default:
			buf_printf(url, "%%%c", *p);
		}
	}
}

static void
fill_mm7(struct buf *body, const struct carrier_due *d)
{
	char date[CLOCK_TEXT];
	const struct mm7_report r = {
		.version = d->version,
		.transaction = d->id,
		.message_id = d->id,
		.recipient = d->to,
		.sender = d->from,
		.date = date,
		.mm_status = d->mm_status,
		.status_text = d->text,
		.handset = d->handset,
	};

	clock_iso(clock_now(), date);
	mm7_report_req(body, &r);
}

/* Returns whether the customer's server has accepted the report. *code is the MM7 status code, or 0
 * for Kannel. */
static bool
was_accepted(const struct carrier_due *d, const struct http_client_call *call, unsigned *code)
{
	struct arena *a = d->mms ? arena_new(ARENA) : NULL;
	const struct mm7 *m = NULL;
	const char *why;

	if (a != NULL && call->rc == HTTP_CLIENT_OK)
		m = mm7_read(a, call->type, buf_str(call->answer), call->answer->len, &why);
	*code = m != NULL ? m->code : 0;
	if (a != NULL)
		arena_free(&a);
	return call->rc == HTTP_CLIENT_OK && call->status / 100 == 2 &&
	    (!d->mms || *code == MM7_SUCCESS);
}

static void
log_report(struct sim *c, const struct carrier_due *d, const struct http_client_call *call,
    unsigned code)
{
	struct carrier_line l;

	carrier_line_start(&l, d->mms ? "report mm7" : "report sms");
	carrier_line_add(&l, "id", d->id);
	carrier_line_add(&l, "to", d->to);
	if (d->mms)
		carrier_line_add(&l, "status", d->mm_status);
	else
		carrier_line_add_u64(&l, "status", d->dlr);
	carrier_line_add_u64(&l, "http", (uint64_t)call->status);
	if (d->mms)
		carrier_line_add_u64(&l, "code", code);
	carrier_line_add_u64(&l, "try", d->tries);
	if (call->rc != HTTP_CLIENT_OK)
		carrier_line_add(&l, "why", call->why);
	carrier_line_end(c, &l);
}

static bool
send_one(struct sim *c, struct carrier_due *d)
{
	static const char *const header[] = { "Content-Type: text/xml; charset=utf-8",
		"SOAPAction: \"\"", NULL };
	struct http_client_call call = { .ms = CALL_MS };
	struct buf out, answer;
	unsigned code;
	bool ok;

	buf_init(&out, BODY);
	buf_init(&answer, ANSWER);
	call.answer = &answer;
	if (d->mms) {
		fill_mm7(&out, d);
		call.url = c->report_url;
		call.header = header;
		call.user = c->report_user;
		call.password = c->report_password;
		call.body = buf_str(&out);
		call.len = out.len;
	} else {
		fill_url(&out, d);
		call.url = buf_str(&out);
	}
	d->tries++;
	http_client_call(&c->settings, &call);
	ok = was_accepted(d, &call, &code);
	log_report(c, d, &call, code);
	buf_free(&out);
	buf_free(&answer);
	return ok;
}

static void *
report(void *ctx)
{
	struct sim *c = ctx;
	struct carrier_due *d;

	while ((d = take(c)) != NULL) {
		bool ok = send_one(c, d);

		(void)pthread_mutex_lock(&c->lock);
		if (!ok && d->tries < TRIES) {
			d->at = clock_mono() + (int64_t)AGAIN_S * SECOND;
			insert(c, d);
			d = NULL;
		}
		c->count.reports += ok;
		c->count.unreported += !ok && d != NULL;
		(void)pthread_mutex_unlock(&c->lock);
		if (d != NULL)
			drop(d);
	}
	return NULL;
}

int
carrier_report_start(struct sim *c)
{
	pthread_condattr_t attr;
	int rc = pthread_condattr_init(&attr);

	if (rc == 0)
		rc = pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	if (rc == 0)
		rc = pthread_cond_init(&c->wake, &attr);
	(void)pthread_condattr_destroy(&attr);
	if (rc == 0)
		rc = pthread_create(&c->reporter, NULL, report, c);
	errno = rc;
	return rc == 0 ? 0 : -1;
}

void
carrier_report_queue(struct sim *c, const struct carrier_rule *rule, const struct carrier_due *like,
    const char *dlr_url)
{
	const char *list = rule->report, *status;
	int64_t at = clock_mono();
	char word[CARRIER_WORD];
	unsigned dlr;

	while (list_next(&list, word, sizeof word) && carrier_report_word(word, &status, &dlr)) {
		struct carrier_due *d = malloc(sizeof *d);
		char *url = d != NULL && dlr_url != NULL ? strdup(dlr_url) : NULL;
		bool ok = d != NULL && (dlr_url == NULL || url != NULL);

		at += (int64_t)rule->report_delay_ms * 1000;
		if (ok) {
			*d = *like;
			d->at = at;
			d->tries = 0;
			d->mms = dlr_url == NULL;
			d->url = url;
			d->dlr = dlr;
			(void)snprintf(d->mm_status, sizeof d->mm_status, "%s", status);
			(void)snprintf(d->handset, sizeof d->handset, "%s", rule->handset);
			(void)snprintf(d->text, sizeof d->text, "%s", rule->text);
		} else {
			free(d);
		}
		(void)pthread_mutex_lock(&c->lock);
		if (ok)
			insert(c, d);
		c->count.unreported += !ok;
		(void)pthread_mutex_unlock(&c->lock);
	}
}

void
carrier_report_stop(struct sim *c)
{
	struct carrier_due *d;

	(void)pthread_mutex_lock(&c->lock);
	c->ending = true;
	(void)pthread_cond_signal(&c->wake);
	(void)pthread_mutex_unlock(&c->lock);
	(void)pthread_join(c->reporter, NULL);
	while ((d = c->first) != NULL) {
		c->first = d->next;
		c->count.unreported++;
		drop(d);
	}
	c->last = NULL;
	(void)pthread_cond_destroy(&c->wake);
}
