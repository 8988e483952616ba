/* The rules of rule.h for the instance and its web server. */
#include "admin/doctor/rule.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/migrate.h"

enum {
	/* Certificates of ACME last 90 days and are renewed when 30 are left: with fewer than 14,
	 * renewing has failed more than once. */
	CERTIFICATE_DAYS = 14,
	DAY = 86400,
	CLOCK_WARNS_S = 5,   /* Date counts seconds, and the answer takes a moment */
	CLOCK_FAILS_S = 120, /* signatures of postbacks and certificates go by the time */
	FEW_FILES = 10000,
	HELPER_LATE_S = 120 /* a helper that runs takes a due job within seconds */
};

void
rule_set(struct finding *f, enum finding_level level, const char *remedy, const char *fmt, ...)
{
	va_list ap;

	f->level = level;
	(void)snprintf(f->remedy, sizeof f->remedy, "%s", remedy);
	va_start(ap, fmt);
	(void)vsnprintf(f->fact, sizeof f->fact, fmt, ap);
	va_end(ap);
}

/* --- the web server ------------------------------------------------------------------ */

void
rule_url(const struct url_facts *u, struct finding *f)
{
	if (u->origin[0] == '\0')
		rule_set(f, FINDING_WARNING,
		    "set base-url in savemms.conf, or give --url, so that the server can be looked at",
		    "base-url is not set: links are made from the Host header of each request");
	else if (!u->answered)
		rule_set(f, FINDING_FAILED,
		    "start the web server; check base-url, DNS and the firewall; if this machine alone cannot reach it, give --url",
		    "%s does not answer: %s", u->origin, u->why);
	else if (u->status == 503 || u->status == 500 || u->status == 502 || u->status == 504)
		rule_set(f, FINDING_FAILED,
		    "read the log of the web server and log/savemms.log: savemms.fcgi does not run",
		    "%s answers /healthz with %ld", u->origin, u->status);
	else if (u->status != 200 || !u->ours)
		rule_set(f, FINDING_FAILED,
		    "correct base-url, or let the web server pass /healthz and its other paths to savemms.fcgi",
		    "%s answers /healthz with %ld, but it is not savemms", u->origin, u->status);
	else if (!u->witness)
		rule_set(f, FINDING_WARNING, "look at rights and disk: run/ cannot be written",
		    "%s answers, but whether for this instance is not known", u->origin);
	else if (!u->instance)
		rule_set(f, FINDING_FAILED,
		    "correct base-url, or SAVEMMS_CONF in the configuration of the web server",
		    "%s answers for another instance (or an older savemms)", u->origin);
	else
		rule_set(f, FINDING_OK, "", "%s answers for this instance in %" PRIu64 " ms",
		    u->origin, u->ms);
}

static void
judge_days(int64_t left_s, struct finding *f)
{
	if (left_s == INT64_MAX)
		rule_set(f, FINDING_OK, "", "the certificate is valid");
	else if (left_s <= 0)
		rule_set(f, FINDING_FAILED, "renew the certificate and reload the web server",
		    "the certificate ended %" PRId64 " days ago", -left_s / DAY);
	else if (left_s < (int64_t)CERTIFICATE_DAYS * DAY)
		rule_set(f, FINDING_WARNING, "renew the certificate and reload the web server",
		    "the certificate is valid for %" PRId64 " more days only", left_s / DAY);
	else
		rule_set(f, FINDING_OK, "", "the certificate is valid for %" PRId64 " more days",
		    left_s / DAY);
}

void
rule_tls(const struct tls_facts *t, struct finding *f)
{
	if (!t->https && t->loopback)
		rule_set(f, FINDING_OK, "",
		    "there is none, which is enough on this machine itself");
	else if (!t->https)
		rule_set(f, FINDING_WARNING,
		    "get a certificate for the web server, and set base-url = https://...",
		    "there is none: api_keys and passwords travel in clear text");
	else if (t->untrusted)
		rule_set(f, FINDING_FAILED,
		    "give the web server a valid certificate of this name, with its chain", "%s",
		    t->why);
	else if (!t->connected)
		rule_set(f, FINDING_WARNING, "see url", "not known: there is no connection");
	else
		judge_days(t->left_s, f);
}

void
rule_time(int64_t now_s, int64_t server_s, struct finding *f)
{
	int64_t off = server_s > now_s ? server_s - now_s : now_s - server_s;

	if (server_s == 0)
		rule_set(f, FINDING_WARNING, "see url",
		    "not compared: the server's answer has no date");
	else if (off > CLOCK_WARNS_S)
		rule_set(f, off > CLOCK_FAILS_S ? FINDING_FAILED : FINDING_WARNING,
		    "let both machines keep time by NTP (systemd-timesyncd or chrony)",
		    "this clock and the server's differ by %" PRId64 " s", off);
	else
		rule_set(f, FINDING_OK, "", "this clock and the server's agree");
}

void
rule_dns(const struct dns_facts *d, struct finding *f)
{
	if (d->name[0] == '\0')
		rule_set(f, FINDING_OK, "", "no name has to be looked up");
	else if (d->why[0] == '\0')
		rule_set(f, FINDING_OK, "", "%s is known to the DNS (%" PRIu64 " ms)", d->name,
		    d->ms);
	else
		rule_set(f, FINDING_FAILED,
		    d->no_such_name ? "correct the name, or add it to the DNS" :
				      "name a name server that answers in /etc/resolv.conf",
		    "%s: %s", d->name, d->why);
}

/* --- the instance --------------------------------------------------------------------- */

void
rule_disk(const struct disk_facts *d, struct finding *f)
{
	static const char more[] = "free space, or move the instance to a larger disk";
	uint64_t mb = d->free >> 20, limit = d->reserve >> 20;

	if (d->free < d->reserve)
		rule_set(f, FINDING_FAILED, more,
		    "%" PRIu64 " MB are free, less than reserve-mb = %" PRIu64
		    ": nothing new is accepted",
		    mb, limit);
	else if (d->files > 0 && d->files_free == 0)
		rule_set(f, FINDING_FAILED, more, "no more files can be made (inodes)");
	else if (d->files > 0 && d->files_free < FEW_FILES)
		rule_set(f, FINDING_WARNING, more,
		    "only %" PRIu64 " more files can be made (inodes)", d->files_free);
	else if (d->free < 4 * d->reserve || d->free < d->size / 20)
		rule_set(f, FINDING_WARNING, more,
		    "%" PRIu64 " MB are free of %" PRIu64 "; below %" PRIu64
		    " nothing new is accepted",
		    mb, d->size >> 20, limit);
	else
		rule_set(f, FINDING_OK, "",
		    "%" PRIu64 " MB are free of %" PRIu64 "; below %" PRIu64
		    " nothing new is accepted",
		    mb, d->size >> 20, limit);
}

void
rule_file(const struct file_facts *x, struct finding *f)
{
	char remedy[FINDING_TEXT];

	if (x->err != 0) {
		rule_set(f, FINDING_FAILED,
		    "bring it back from a backup (savemms restore), or make it as the owner",
		    "%s: %s", x->path, strerror(x->err));
	} else if (x->owner != x->wanted) {
		(void)snprintf(remedy, sizeof remedy, "chown -R %u: %s", (unsigned)x->wanted,
		    x->path);
		rule_set(f, FINDING_FAILED, remedy, "%s belongs to user %u, not to %u", x->path,
		    (unsigned)x->owner, (unsigned)x->wanted);
	} else if ((x->mode & 077) != 0) {
		(void)snprintf(remedy, sizeof remedy, "chmod go= %s", x->path);
		rule_set(f, (x->mode & 022) != 0 ? FINDING_FAILED : FINDING_WARNING, remedy,
		    "%s is open to others: its mode is %03o", x->path, (unsigned)x->mode & 0777);
	} else if ((x->mode & 0600) != 0600) {
		(void)snprintf(remedy, sizeof remedy, "chmod u+rwX %s", x->path);
		rule_set(f, FINDING_FAILED, remedy, "%s: its owner may not use it (mode %03o)",
		    x->path, (unsigned)x->mode & 0777);
	} else {
		rule_set(f, FINDING_OK, "", "%s is its owner's alone", x->path);
	}
}

void
rule_store(uint64_t templates, uint64_t layout, struct finding *f)
{
	if (layout < STORE_LAYOUT)
		rule_set(f, FINDING_WARNING,
		    "run savemms migrate once the version before will not be installed again",
		    "it answers, with %" PRIu64 " templates; its layout is %" PRIu64 " of %d",
		    templates, layout, STORE_LAYOUT);
	else
		rule_set(f, FINDING_OK, "", "it answers, with %" PRIu64 " templates", templates);
}

void
rule_helper(const struct helper_facts *h, struct finding *f)
{
	static const char start[] =
	    "add \"* * * * * savemms-helper -C DIR --drain\" to the owner's crontab, or run "
	    "savemms-helper --stay as a service; log/helper.err may say why none runs";

	if (h->overdue_s > HELPER_LATE_S && h->running == 0)
		rule_set(f, FINDING_FAILED, start,
		    "none runs, and a job has been due for %" PRId64 " s", h->overdue_s);
	else if (h->overdue_s > HELPER_LATE_S)
		rule_set(f, FINDING_WARNING,
		    "see savemms status; if it lasts, the machine needs more cores, or raise encode-jobs",
		    "%u running, but a job has been due for %" PRId64 " s", h->running,
		    h->overdue_s);
	else if (h->running > 0)
		rule_set(f, FINDING_OK, "", h->running == 1 ? "%u runs" : "%u run", h->running);
	else if (!h->starts && h->last_s < 0)
		rule_set(f, FINDING_WARNING, start,
		    "none has ever run, and helper-program = none lets no request start one");
	else if (h->last_s < 0)
		rule_set(f, FINDING_OK, "", "none has been needed yet");
	else
		rule_set(f, FINDING_OK, "",
		    "none is needed now; the last began or ended %" PRId64 " s ago", h->last_s);
}

void
rule_queue(uint64_t encodes, uint64_t messages, uint64_t postbacks, struct finding *f)
{
	if (encodes + messages + postbacks == 0)
		rule_set(f, FINDING_OK, "", "no job waits for the operator");
	else
		rule_set(f, FINDING_WARNING,
		    "savemms job list and savemms message list show them; after a repair, savemms job "
		    "retry",
		    "%" PRIu64 " encodes, %" PRIu64 " messages and %" PRIu64
		    " postbacks wait for the operator",
		    encodes, messages, postbacks);
}
