/*
 * trial: tries an instance behind its web server as a customer would: it saves an MMS by the
 * address that base-url names, sees whether the helper lives on after that request, and removes
 * what it has made.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/say.h"
#include "admin/trial.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/crypt.h"
#include "base/file.h"
#include "blob/blob.h"
#include "net/http_client.h"
#include "ops/helpers.h"

enum {
	CALL_MS = 20000,
	WATCH_MS = 9000,
	APPEAR_MS = 5000,
	STEP_MS = 100,
	BODY = 16384,
	TAIL = 8,
	SPARE_S = 3
};

/* What the steps share. */
struct trial {
	struct admin *ad;
	char url[SETTING_TEXT + 32];
	struct account ac;
	uint64_t mmsid; /* 0: nothing was saved */
	bool quiet;     /* no helper ran before the save */
	bool well;      /* so far */
};

static void
print(struct trial *t, const char *thing, const struct trial_line *line)
{
	(void)printf("%-12s %s\n", thing, line->fact);
	if (line->remedy[0] != '\0')
		(void)printf("%-12s -> %s\n", "", line->remedy);
	(void)fflush(stdout);
	t->well = t->well && line->well;
}

/* Calls the API: a GET, or a POST of body. Sets answer to the body that came, cut if it is long.
 * Returns the status, 0 with why set if there was no answer. */
static long
call(const struct trial *t, const char *body, struct buf *answer, char why[HTTP_CLIENT_WHY])
{
	static const char *const header[] = { "Content-Type: text/xml", NULL };
	struct http_client_call c = { .url = t->url,
		.header = body != NULL ? header : NULL,
		.body = body,
		.len = body != NULL ? strlen(body) : 0,
		.ms = CALL_MS,
		.operators = true,
		.answer = answer };

	http_client_call(&t->ad->s, &c);
	(void)snprintf(why, HTTP_CLIENT_WHY, "%s", c.why);
	return c.status;
}

static bool
reach(struct trial *t)
{
	char why[HTTP_CLIENT_WHY];
	struct trial_line line;
	struct buf answer;
	long status;

	buf_init(&answer, BODY + 1);
	status = call(t, NULL, &answer, why);
	trial_of_answer(status, buf_ok(&answer) ? buf_str(&answer) : "", why, &line);
	buf_free(&answer);
	print(t, "web server:", &line);
	return line.well;
}

/* Saves an MMS of one text. The account has a URL for its postback, so that there is a job, and the
 * helper is started. */
static bool
save(struct trial *t)
{
	char body[1024], why[HTTP_CLIENT_WHY];
	struct trial_line line;
	struct buf answer;
	long status;

	(void)snprintf(body, sizeof body,
	    "<REQUEST><ACTION>saveMMS</ACTION><API_KEY>%s</API_KEY><SUBJECT>Trial</SUBJECT>"
	    "<NAME>savemms trial</NAME><SLIDE><TEXT>It works.</TEXT></SLIDE></REQUEST>",
	    t->ac.key);
	buf_init(&answer, BODY + 1);
	status = call(t, body, &answer, why);
	trial_of_save(status, buf_ok(&answer) ? buf_str(&answer) : "", &t->mmsid, &line);
	buf_free(&answer);
	print(t, "save:", &line);
	return line.well;
}

/* Waits until no helper runs, which hides whether the request has started one. Returns false if one
 * goes on. */
static bool
wait_for_quiet(const struct trial *t)
{
	int64_t until = clock_mono() + ((int64_t)t->ad->s.helper_linger + SPARE_S) * 1000000;

	while (helpers_running(t->ad->s.file) > 0) {
		if (clock_mono() > until)
			return false;
		(void)poll(NULL, 0, STEP_MS);
	}
	return true;
}

static void
watch(struct trial *t)
{
	struct trial_helper h = { .busy = !t->quiet,
		.first_ms = -1,
		.last_ms = -1,
		.linger_s = (unsigned)t->ad->s.helper_linger };
	int64_t begin = clock_mono();
	struct trial_line line;

	for (;;) {
		h.watched_ms = (int)((clock_mono() - begin) / 1000);
		if (helpers_running(t->ad->s.file) > 0) {
			h.first_ms = h.first_ms < 0 ? h.watched_ms : h.first_ms;
			h.last_ms = h.watched_ms;
		}
		trial_of_helper(&h, &line);
		if (h.busy || h.watched_ms > WATCH_MS || (h.first_ms >= 0 && line.well) ||
		    (h.first_ms < 0 && h.watched_ms > APPEAR_MS) ||
		    (h.first_ms >= 0 && h.last_ms < h.watched_ms))
			break;
		(void)poll(NULL, 0, STEP_MS);
	}
	print(t, "helper:", &line);
}

/* Makes an account of a name that no other has. */
static int
add_account(struct trial *t)
{
	char name[32] = "trial-", err[256];
	enum store_rc rc;

	crypt_random_text(name + strlen(name), TAIL);
	if (!account_init(&t->ac, name) ||
	    account_set(&t->ac, "postback-url", t->ad->s.base_url, err, sizeof err) != 0)
		return fail("the account for the trial cannot be made");
	rc = store_account_put(t->ad->st, &t->ac);
	return rc == ST_OK ? DONE : fail_store(rc, name);
}

static int
clean_up(struct trial *t)
{
	struct orphans none;
	enum store_rc rc = ST_OK;
	int lock;

	if (t->mmsid != 0) {
		if ((lock = blob_exclusive(&t->ad->s)) < 0)
			return fail("the media of %s cannot be locked: %s", t->ad->s.dir,
			    strerror(errno));
		rc = store_template_remove(t->ad->st, t->ac.id, t->mmsid, t->ad->a, &none);
		file_close(&lock);
	}
	if (rc == ST_OK || rc == ST_NOTFOUND)
		rc = store_account_remove(t->ad->st, t->ac.id);
	return rc == ST_OK ? DONE : fail_store(rc, t->ac.name);
}

int
cmd_trial(struct admin *ad)
{
	static struct trial t;
	int rc;

	t = (struct trial){ .ad = ad, .well = true };
	if (ad->s.base_url[0] == '\0')
		return fail("base-url is not set: without it nobody knows where the web server is");
	if (!http_client_init())
		return fail("libcurl cannot be initialized");
	(void)snprintf(t.url, sizeof t.url, "%s/API/wxml/1.3/", ad->s.base_url);
	if (!reach(&t))
		return NOT_DONE;
	if ((rc = add_account(&t)) != DONE)
		return rc;
	t.quiet = wait_for_quiet(&t);
	if (save(&t))
		watch(&t);
	if ((rc = clean_up(&t)) != DONE || (rc = finish()) != DONE)
		return rc;
	return t.well ? DONE : NOT_DONE;
}
