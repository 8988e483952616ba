/*
 * doctor: looks at the instance, its machine and its web server, and prints a line for each thing:
 * "ok", "warning" or "failed", its name, what is the case, and what to do about it. The outcome
 * also goes to a file of the instance, which the console shows.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/backup/snapshot.h"
#include "admin/cmd.h"
#include "admin/doctor/doctor.h"
#include "admin/doctor/rule.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/clock.h"
#include "base/text/json.h"
#include "net/http_client.h"

/* The exit status of doctor (savemms(1), Exit status). */
enum { WELL = 0, WARNED = 1, ILL = 2 };

static const struct check checks[] = {
	{ "rights", check_rights, 10 },
	{ "store", check_store, 30 },
	{ "queue", check_queue, 30 },
	{ "helper", check_helper, 30 },
	{ "disk", check_disk, 10 },
	{ "url", check_server, 15 },
	{ "dns", check_dns, 15 },
	{ "outgoing", check_outgoing, 5 },
	{ "postback", check_postbacks, 60 },
	{ "transport", check_transports, 60 },
	{ "needs", check_needs, 20 },
	{ "fonts", check_fonts, 30 },
	{ "codecs", check_codecs, 120 },
};

enum { CHECKS = sizeof checks / sizeof checks[0] };

static void
progress(size_t done, size_t n)
{
	show_progress("looking", done, n);
}

static void
print_text(const struct findings *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->f[i];

		(void)printf("%-7s  %-17s  %s%s%s\n", finding_level_name(f->level), f->name,
		    f->fact, f->remedy[0] != '\0' ? " -- " : "", f->remedy);
	}
}

static void
print_json(const struct findings *all)
{
	char when[CLOCK_TEXT], name[JSON_ROOM(FINDING_NAME)], fact[JSON_ROOM(FINDING_TEXT)],
	    remedy[JSON_ROOM(FINDING_TEXT)];

	clock_iso(all->when, when);
	(void)printf("{\"time\":\"%s\",\"findings\":[", when);
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->f[i];

		(void)json_quote(name, sizeof name, f->name);
		(void)json_quote(fact, sizeof fact, f->fact);
		(void)json_quote(remedy, sizeof remedy, f->remedy);
		(void)printf("%s{\"level\":\"%s\",\"name\":%s,\"fact\":%s,\"remedy\":%s}",
		    i > 0 ? "," : "", finding_level_name(f->level), name, fact, remedy);
	}
	(void)printf("],\"ok\":%zu,\"warning\":%zu,\"failed\":%zu}\n",
	    findings_count(all, FINDING_OK), findings_count(all, FINDING_WARNING),
	    findings_count(all, FINDING_FAILED));
}

static int
print(const struct admin *ad, const struct findings *all)
{
	if (ad->opt[OPT_JSON] != NULL)
		print_json(all);
	else
		print_text(all);
	if (finish() != DONE)
		return ILL;
	return findings_count(all, FINDING_FAILED) > 0 ? ILL :
	    findings_count(all, FINDING_WARNING) > 0   ? WARNED :
							 WELL;
}

/* Reads the settings and becomes the owner. Returns whether the checks can begin; else a finding
 * says why not. */
static bool
begin(struct admin *ad, struct doctor *d, struct findings *all)
{
	static char err[1024];
	struct finding *f = &all->f[0];

	all->when = clock_now();
	all->n = 1;
	*f = (struct finding){ .name = "settings" };
	if (settings_read(&d->settings, ad->conf, err, sizeof err) != 0)
		rule_set(f, FINDING_FAILED, "see savemms.conf(5)", "%.390s", err);
	else if (owner_become(d->settings.dir, d->settings.owner, &ad->as_owner) != DONE)
		rule_set(f, FINDING_FAILED, "run it as the instance's owner",
		    "root cannot work as the owner of %.300s", d->settings.dir);
	else if (geteuid() != d->settings.owner)
		rule_set(f, FINDING_FAILED, "run it as that user or as root",
		    "%.300s belongs to user %u", d->settings.dir, (unsigned)d->settings.owner);
	else if (!http_client_init())
		rule_set(f, FINDING_FAILED, "see whether memory is short",
		    "libcurl cannot be initialized");
	else
		return true;
	return false;
}

/* Does all checks. Returns whether nothing of them still runs. */
static bool
look(struct admin *ad, struct doctor *d, struct findings *all)
{
	static char err[STORE_ERR];
	bool ended;

	d->url = ad->opt[OPT_URL] != NULL ? ad->opt[OPT_URL] : d->settings.base_url;
	d->st_err = err;
	d->st = store_open(&d->settings, false, err);
	ended = doctor_run(d, checks, CHECKS, all, progress);
	show_progress(NULL, 0, 0);
	if (findings_save(&d->settings, all) != 0)
		(void)fail("run/doctor, which the console shows, cannot be written: %s",
		    strerror(errno));
	if (ended && d->st != NULL)
		store_close(&d->st);
	return ended;
}

int
cmd_doctor(struct admin *ad)
{
	static struct doctor d;
	static struct findings all;
	bool ended = true;
	int rc;

	if (begin(ad, &d, &all)) {
		settings_open_log(&d.settings, "savemms");
		ended = look(ad, &d, &all);
	}
	rc = print(ad, &all);
	if (!ended)
		_exit(rc); /* what a check that was given up uses must stay */
	return rc;
}
