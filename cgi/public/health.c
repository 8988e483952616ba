/*
 * health: serves /metrics, /healthz and /readyz to programs that monitor this server.
 *
 * /metrics is the text format of Prometheus or OpenMetrics, as the caller prefers, and costs a few
 * reads of the store. Only the addresses of metrics-from may read it. /healthz tells that this
 * process answers, and to "savemms doctor" that it serves the instance it means (ops/witness.h).
 * /readyz tells that it can do its work: the store answers and there is disk space.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "base/log.h"
#include "cgi/app.h"
#include "ops/exposition.h"
#include "ops/helpers.h"
#include "ops/meter.h"
#include "ops/witness.h"

static bool
reading(const struct http *http, const char *below, struct answer *answer)
{
	if (below[0] != '\0' && strcmp(below, "/") != 0)
		answer_plain(answer, 404, "There is no such page.");
	else if (http->method != METHOD_GET && http->method != METHOD_HEAD)
		answer_plain(answer, 405, "This page is read-only.");
	else
		return true;
	return false;
}

void
healthz(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer)
{
	static const char query[] = WITNESS_QUERY;
	bool asked = strncmp(http->query, query, sizeof query - 1) == 0;

	(void)a;
	if (reading(http, below, answer))
		answer_plain(answer, 200,
		    asked && witness_seen(&app->settings, http->query + sizeof query - 1) ?
			WITNESS_SEEN :
			"ok");
}

void
readyz(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer)
{
	uint64_t templates;
	struct disk disk;
	enum store_rc rc;

	(void)a;
	if (!reading(http, below, answer))
		return;
	rc = store_template_count(app->store, 0, &templates);
	if (rc != ST_OK) {
		log_warn("readyz: the store: %s", store_rc_text(rc));
		answer_plain(answer, 503, "The store does not answer.");
	} else if (!disk_of(app->settings.dir, &disk)) {
		answer_plain(answer, 503, "The disk does not answer.");
	} else if (disk.free >> 20 < app->settings.reserve_mb) {
		answer_plain(answer, 503, "Disk space is low.");
	} else {
		answer_plain(answer, 200, "ok");
	}
}

/* --- metrics ------------------------------------------------------------------------- */

static void
write_calls(const struct exposition *x, struct meter *m)
{
	exposition_head(x, "savemms_calls_total", "counter", "API answers by action and result.");
	for (unsigned i = 0; i < METER_ACTIONS; i++)
		for (int e = 0; e < E_COUNT; e++) {
			uint64_t n = meter_total(m, i, (enum api_error)e);

			if (n > 0 || (e == E_NONE && i != METER_NONE))
				buf_printf(x->out,
				    "savemms_calls_total{action=\"%s\",result=\"%s\"} %" PRIu64
				    "\n",
				    meter_action_name(i),
				    e == E_NONE ? "Success" : error_code((enum api_error)e), n);
		}
}

static void
write_jobs(const struct exposition *x, const struct job_stats *st)
{
	static const char *const state[] = { "queued", "leased", "dead" };

	exposition_head(x, "savemms_jobs", "gauge", "Jobs in the queue by kind and state.");
	for (unsigned k = 0; k < JOB_KINDS; k++)
		for (unsigned i = 0; i < 3; i++)
			buf_printf(x->out, "savemms_jobs{kind=\"%s\",state=\"%s\"} %" PRIu64 "\n",
			    job_kind_name((enum job_kind)k), state[i],
			    i == 0     ? st->queued[k] :
				i == 1 ? st->leased[k] :
					 st->dead[k]);
	exposition_head(x, "savemms_job_oldest_seconds", "gauge",
	    "Age of the oldest waiting job by kind.");
	for (unsigned k = 0; k < JOB_KINDS; k++)
		buf_printf(x->out, "savemms_job_oldest_seconds{kind=\"%s\"} %" PRId64 "\n",
		    job_kind_name((enum job_kind)k), st->oldest_us[k] / 1000000);
}

static bool
may_read(const struct app *app, const struct http *http)
{
	struct ip caller;

	return http_caller(http, app->settings.trusted_proxies, &caller) &&
	    net_list_has(app->settings.metrics_from, &caller);
}

void
metrics(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer)
{
	uint64_t templates;
	struct job_stats jobs;
	struct disk disk;
	enum store_rc rc;
	struct exposition x = { .out = &answer->body };

	(void)a;
	if (!may_read(app, http)) {
		answer_plain(answer, 403, "Access from your address is not allowed.");
		return;
	}
	if (!reading(http, below, answer))
		return;
	rc = store_template_count(app->store, 0, &templates);
	if (rc == ST_OK)
		rc = store_job_stats(app->store, &jobs);
	if (rc != ST_OK || !disk_of(app->settings.dir, &disk)) {
		log_warn("metrics: %s",
		    rc != ST_OK ? store_rc_text(rc) : "the disk does not answer");
		answer_plain(answer, 503, "The store does not answer.");
		return;
	}
	x.open = exposition_prefers_open(http->param(http->ctx, "HTTP_ACCEPT"));
	answer->type = exposition_type(&x);
	buf_adds(&answer->headers, "Vary: Accept\r\n");
	exposition_head(&x, "savemms_build_info", "info", "The running version.");
	buf_adds(x.out, "savemms_build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
	exposition_gauge(&x, "savemms_templates", "Stored templates.", templates);
	exposition_gauge(&x, "savemms_helpers", "Running helpers.",
	    helpers_running(app->settings.file));
	exposition_gauge(&x, "savemms_disk_free_bytes", "Free disk space.", disk.free);
	exposition_gauge(&x, "savemms_disk_bytes", "Size of the disk.", disk.size);
	exposition_gauge(&x, "savemms_disk_reserve_bytes",
	    "Free disk space below which nothing new is accepted.", app->settings.reserve_mb << 20);
	write_jobs(&x, &jobs);
	write_calls(&x, app->meter);
	for (unsigned i = 0; i < METER_DURATIONS; i++)
		exposition_duration(&x, app->meter, (enum meter_duration)i);
	exposition_end(&x);
}
