/*
 * operator: shows the operator the queue, the helpers, the disk, the failures per minute, the
 * dead letters, what "savemms doctor" found, and the accounts.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/log.h"
#include "cgi/console/console.h"
#include "cgi/start_helper.h"
#include "model/job.h"
#include "ops/finding.h"
#include "ops/held.h"
#include "ops/helpers.h"
#include "ops/meter.h"
#include "store/store_count.h"

enum { DEAD_LETTERS_SHOWN = 50, ACCOUNTS_SHOWN = 50, MINUTES_SHOWN = 10, MEMORY = 16 << 20 };

static const char *
age(struct console *c, int64_t us)
{
	int64_t s = us / 1000000;

	if (s <= 0)
		return "–";
	if (s < 120)
		return arena_printf(c->arena, "%" PRId64 " s", s);
	if (s < 7200)
		return arena_printf(c->arena, "%" PRId64 " min", s / 60);
	return arena_printf(c->arena, "%" PRId64 " h", s / 3600);
}

static void
cell(struct console *c, const char *text)
{
	html_elem(c->out, "td", text);
}

static void
number(struct console *c, uint64_t n, bool bad)
{
	html_open(c->out, "td", "class", bad && n > 0 ? "number bad" : "number", NULL);
	buf_printf(c->out, "%" PRIu64, n);
	html_close(c->out, "td");
}

/* --- parts ---------------------------------------------------------------------------- */

static enum store_rc
write_state(struct console *c)
{
	const struct settings *s = &c->app->settings;
	char free[CONSOLE_SIZE], size[CONSOLE_SIZE], reserve[CONSOLE_SIZE];
	struct disk disk = { 0, 0 };
	bool known = disk_of(s->dir, &disk);
	uint64_t templates;
	enum store_rc rc = store_template_count(c->app->store, 0, &templates);

	if (rc != ST_OK)
		return rc;
	console_size(disk.free, free);
	console_size(disk.size, size);
	console_size(s->reserve_mb << 20, reserve);
	if (known && disk.free >> 20 < s->reserve_mb)
		console_say(c, "wrong",
		    "Free disk space is below reserve-mb. Nothing new is accepted.");
	buf_adds(c->out, "<dl class=\"facts paper\">\n");
	console_fact(c, "Templates", arena_printf(c->arena, "%" PRIu64, templates));
	console_fact(c, "Helpers running", arena_printf(c->arena, "%u", helpers_running(s->file)));
	console_fact(c, "Disk",
	    known ? arena_printf(c->arena, "%s free of %s; reserve: %s", free, size, reserve) :
		    "unknown");
	console_fact(c, "Instance", s->dir);
	buf_adds(c->out, "</dl>\n");
	return ST_OK;
}

static enum store_rc
write_queue(struct console *c)
{
	static const char *const head[] = { "Kind", "Pending", "Oldest", "In progress", "Failed",
		NULL };
	struct job_stats st;
	enum store_rc rc = store_job_stats(c->app->store, &st);

	if (rc != ST_OK)
		return rc;
	buf_adds(c->out, "<h2>Queue</h2>\n");
	console_table_open(c, "Queue", NULL, head);
	for (unsigned k = 0; k < JOB_KINDS; k++) {
		buf_adds(c->out, "<tr>");
		cell(c, job_kind_name((enum job_kind)k));
		number(c, st.queued[k], false);
		cell(c, age(c, st.oldest_us[k]));
		number(c, st.leased[k], false);
		number(c, st.dead[k], true);
		buf_adds(c->out, "</tr>\n");
	}
	console_table_close(c);
	return ST_OK;
}

static void
write_minutes(struct console *c)
{
	static const char *const head[] = { "Minute", "Calls", "Refused", "Internal errors", NULL };
	struct meter_minute m;

	buf_adds(c->out, "<h2>Recent calls</h2>\n");
	if (c->app->meter == NULL) {
		console_say(c, "wrong", "Calls are not counted. See the log for the reason.");
		return;
	}
	console_table_open(c, "Recent calls", NULL, head);
	for (unsigned i = 0; i < MINUTES_SHOWN; i++) {
		meter_minute(c->app->meter, i, &m);
		buf_adds(c->out, "<tr>");
		cell(c, i == 0 ? "current" : arena_printf(c->arena, "%u min ago", i));
		number(c, m.calls, false);
		number(c, m.refused, false);
		number(c, m.broken, true);
		buf_adds(c->out, "</tr>\n");
	}
	console_table_close(c);
}

/* Shows what the last run of "savemms doctor" found. */
static void
write_findings(struct console *c)
{
	static const char *const head[] = { "Result", "What", "Fact", "Remedy", NULL };
	struct findings *all = arena_zalloc(c->arena, sizeof *all);
	char when[CLOCK_TEXT];

	buf_adds(c->out, "<h2 id=\"doctor\">Checks</h2>\n");
	if (all == NULL || findings_load(&c->app->settings, all) != 0) {
		console_say(c, "hint",
		    "Run savemms doctor to look at this instance, its machine and its web server.");
		return;
	}
	console_table_open(c, "Checks", NULL, head);
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->f[i];

		buf_adds(c->out, "<tr>");
		html_open(c->out, "td", "class", f->level == FINDING_FAILED ? "bad" : "", NULL);
		html_text(c->out, finding_level_name(f->level));
		html_close(c->out, "td");
		cell(c, f->name);
		cell(c, f->fact);
		cell(c, f->remedy);
		buf_adds(c->out, "</tr>\n");
	}
	console_table_close(c);
	clock_iso(all->when, when);
	console_say(c, "hint",
	    arena_printf(c->arena, "savemms doctor found this at %s. Run it to look again.", when));
}

/* --- dead letters ----------------------------------------------------------------------- */

static void
job_button(struct console *c, const struct job *j, const char *what, const char *text,
    const char *class)
{
	console_form(c, arena_printf(c->arena, "operator/jobs/%" PRIu64 "/%s", j->id, what),
	    "plain");
	console_do(c,
	    &(struct console_do){ .text = text,
		.class = class,
		.label = arena_printf(c->arena, "%s job %" PRIu64, text, j->id) });
	console_form_end(c);
}

static void
write_dead_letter(struct console *c, const struct job *j)
{
	html_open(c->out, "li", "class", "item", NULL);
	html_open(c->out, "div", NULL);
	html_elem(c->out, "h3",
	    arena_printf(c->arena, "%s, job %" PRIu64, job_kind_name(j->kind), j->id));
	html_elem(c->out, "p",
	    arena_printf(c->arena, "template %" PRIu64 ", account %" PRIu64 ", %u attempt%s: %s",
		j->mmsid, j->account, (unsigned)j->attempt, j->attempt == 1 ? "" : "s",
		j->why[0] != '\0' ? j->why : "no reason recorded"));
	html_open(c->out, "div", "class", "buttons", NULL);
	job_button(c, j, "retry", "Retry", "second");
	job_button(c, j, "discard", "Discard", "second danger");
	buf_adds(c->out, "</div></div></li>\n");
}

static enum store_rc
write_dead_letters_of(struct console *c, enum job_kind kind, unsigned *shown)
{
	struct arena *a;
	struct job *j;
	uint64_t after = 0;
	enum store_rc rc = ST_OK;

	while (rc == ST_OK && *shown < DEAD_LETTERS_SHOWN) {
		const uint64_t was = after;

		if ((a = arena_new(MEMORY)) == NULL)
			return ST_NOMEM;
		rc = store_job_next_dead_letter(c->app->store, kind, &after, a, &j);
		if (rc == ST_OK) {
			if ((*shown)++ == 0)
				buf_adds(c->out, "<ul class=\"items\">\n");
			write_dead_letter(c, j);
		} else if (console_pass_by(rc, after != was, "job %" PRIu64, after)) {
			rc = ST_OK;
		}
		arena_free(&a);
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

static enum store_rc
write_dead_letters(struct console *c)
{
	unsigned shown = 0;
	enum store_rc rc = ST_OK;

	buf_adds(c->out, "<h2 id=\"dead\">Failed jobs</h2>\n");
	for (unsigned k = 0; rc == ST_OK && k < JOB_KINDS; k++)
		rc = write_dead_letters_of(c, (enum job_kind)k, &shown);
	if (shown > 0)
		buf_adds(c->out, "</ul>\n");
	console_say(c, "hint",
	    shown == 0 ? "No failed jobs." :
		shown == DEAD_LETTERS_SHOWN ?
			 "There may be more. savemms job list shows them all." :
			 "Discarded jobs are never retried.");
	return rc;
}

/* --- accounts ------------------------------------------------------------------------- */

static enum store_rc
write_account(struct console *c, const struct account *ac)
{
	uint64_t templates;
	enum store_rc rc = store_template_count(c->app->store, ac->id, &templates);

	if (rc != ST_OK)
		return rc;
	buf_adds(c->out, "<tr>");
	html_open(c->out, "th", "scope", "row", NULL);
	html_text(c->out, ac->name);
	html_close(c->out, "th");
	cell(c, !ac->api ? "off" : !ac->rights ? "no rights" : "on");
	number(c, templates, false);
	number(c, store_taken_today(c->app->store, ac->id), false);
	cell(c,
	    ac->daily_limit != 0 ? arena_printf(c->arena, "%" PRIu64, ac->daily_limit) : "none");
	cell(c, ac->operator? "yes" : "");
	buf_adds(c->out, "</tr>\n");
	return ST_OK;
}

static enum store_rc
write_accounts(struct console *c)
{
	static const char *const head[] = { "Account", "API", "Templates", "Calls today",
		"Daily limit", "Operator", NULL };
	struct account *ac = arena_zalloc(c->arena, sizeof *ac);
	char after[ACCOUNT_NAME], was[ACCOUNT_NAME];
	enum store_rc rc = ac != NULL ? ST_OK : ST_NOMEM;
	unsigned n = 0;

	(void)snprintf(after, sizeof after, "%s", console_query(c, "after"));
	buf_adds(c->out, "<h2 id=\"accounts\">Accounts</h2>\n");
	console_table_open(c, "Accounts", NULL, head);
	for (; rc == ST_OK && n < ACCOUNTS_SHOWN; n++) {
		(void)snprintf(was, sizeof was, "%s", after);
		if ((rc = store_account_next(c->app->store, after, ac)) == ST_OK)
			rc = write_account(c, ac);
		else if (console_pass_by(rc, strcmp(after, was) != 0, "account %s", after))
			rc = ST_OK;
	}
	console_table_close(c);
	if (rc == ST_OK) {
		buf_adds(c->out, "<p class=\"buttons\">");
		console_link(c, console_url(c, "operator?after=%s#accounts", after),
		    "More accounts", "button second");
		buf_adds(c->out, "</p>\n");
	}
	console_say(c, "hint", "To manage accounts, use savemms account add, set and remove.");
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

void
console_operator(struct console *c)
{
	enum store_rc rc;

	console_open(c, "Operator");
	if ((rc = write_state(c)) == ST_OK && (rc = write_queue(c)) == ST_OK &&
	    (rc = write_dead_letters(c)) == ST_OK) {
		write_minutes(c);
		write_findings(c);
		rc = write_accounts(c);
	}
	if (rc != ST_OK)
		console_store_fail(c, rc, "looking at the instance");
	else
		console_close(c);
}

/* --- retrying and discarding a job ------------------------------------------------------ */

void
console_job_retry(struct console *c)
{
	enum store_rc rc = store_job_requeue(c->app->store, c->id);

	if (rc != ST_OK) {
		console_store_fail(c, rc, "queueing a job again");
		return;
	}
	log_info("console: account=%s: job %" PRIu64 " again", c->account.name, c->id);
	start_helper(&c->app->settings);
	console_go(c, "operator?said=retried");
}

void
console_job_discard(struct console *c)
{
	enum store_rc rc = held_discard(c->app->store, &c->app->settings, c->id);

	if (rc != ST_OK) {
		console_store_fail(c, rc, "discarding a job");
		return;
	}
	log_info("console: account=%s: job %" PRIu64 " discarded", c->account.name, c->id);
	/* a postback that waited for this one, or tells of it, is due now */
	start_helper(&c->app->settings);
	console_go(c, "operator?said=discarded");
}
