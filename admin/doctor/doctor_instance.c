/*
 * doctor_instance: looks at the files of the instance, its store, queue, helper and disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>

#include "admin/doctor/doctor.h"
#include "admin/doctor/rule.h"
#include "base/arena.h"
#include "base/clock.h"
#include "ops/helpers.h"
#include "store/migrate.h"

enum { LOOKED = 500, JOB_MEMORY = 64 << 20 };

void
check_rights(const struct doctor *d, struct doctor_report *r)
{
	/* the settings hold passwords of transports, the store the keys and secrets of accounts */
	static const char *const names[] = { "savemms.conf", "db", "media", "run", "log" };
	const struct settings *s = &d->settings;
	struct doctor_report bad = { .n = 0 };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char path[INSTANCE_PATH];
		struct finding f = { .level = FINDING_OK };
		struct file_facts x = { .path = path, .wanted = s->owner };
		struct stat st = { .st_mode = 0 };

		settings_path(s, names[i], path, sizeof path);
		x.err = stat(path, &st) == 0 ? 0 : errno;
		x.owner = st.st_uid;
		x.mode = st.st_mode;
		rule_file(&x, &f);
		if (f.level == FINDING_OK)
			continue;
		*doctor_add(&bad, "rights") = f;
		(void)snprintf(bad.f[bad.n - 1].name, FINDING_NAME, "rights");
	}
	*r = bad;
	if (r->n == 0)
		rule_set(doctor_add(r, "rights"), FINDING_OK, "",
		    "settings, store and media are the owner's alone");
}

void
check_store(const struct doctor *d, struct doctor_report *r)
{
	struct finding *f = doctor_add(r, "store");
	uint64_t templates = 0, layout = STORE_LAYOUT;
	enum store_rc rc = d->st != NULL ? store_template_count(d->st, 0, &templates) : ST_OK;

	if (rc == ST_OK && d->st != NULL)
		rc = store_layout(d->st, &layout);
	if (d->st == NULL)
		rule_set(f, FINDING_FAILED, "see savemms-store(5), or restore a backup",
		    "it cannot be opened: %.300s", d->st_err);
	else if (rc != ST_OK)
		rule_set(f, FINDING_FAILED, "run savemms check; see savemms-store(5)", "%s",
		    store_rc_text(rc));
	else
		rule_store(templates, layout, f);
}

void
check_queue(const struct doctor *d, struct doctor_report *r)
{
	struct job_stats jobs;

	struct finding *f;
	enum store_rc rc;

	if (d->st == NULL) /* check_store() tells of it */
		return;
	f = doctor_add(r, "queue");
	if ((rc = store_job_stats(d->st, &jobs)) != ST_OK)
		rule_set(f, FINDING_FAILED, "run savemms check; see savemms-store(5)", "%s",
		    store_rc_text(rc));
	else
		rule_queue(jobs.dead[JOB_ENCODE], jobs.dead[JOB_DELIVER], jobs.dead[JOB_POSTBACK],
		    f);
}

/* The postbacks of one template or message, of which each waits for the one before. */
struct group {
	uint64_t mmsid, message;
};

/* What has been seen of the queue. */
struct overdue {
	int64_t now, us;            /* the store's clock; how long the oldest has been due */
	struct group group[LOOKED]; /* whose first postback has been seen */
	size_t n;
};

/* Tells whether an earlier postback of the same group is there. The jobs come in their order. */
static bool
waits_for_another(struct overdue *o, const struct job *j)
{
	if (j->kind != JOB_POSTBACK)
		return false;
	for (size_t i = 0; i < o->n; i++)
		if (o->group[i].mmsid == j->mmsid && o->group[i].message == j->message)
			return true;
	if (o->n < LOOKED)
		o->group[o->n++] = (struct group){ j->mmsid, j->message };
	return false;
}

/* Sets o->us from the first jobs of the queue: of many that wait, the first ones have waited
 * longest. Those that cannot be read are passed by. */
static enum store_rc
find_overdue(struct store *st, struct overdue *o)
{
	enum store_rc rc = ST_OK;
	uint64_t after = 0;

	for (size_t i = 0; rc == ST_OK && i < LOOKED; i++) {
		struct arena *a = arena_new(JOB_MEMORY);
		struct job *j = NULL;
		uint64_t before = after;

		rc = a != NULL ? store_job_next(st, &after, a, &j) : ST_NOMEM;
		if (rc == ST_OK && !j->dead && !waits_for_another(o, j) && j->owner[0] == '\0' &&
		    o->now - j->due > o->us)
			o->us = o->now - j->due;
		if (rc == ST_CORRUPT && after != before)
			rc = ST_OK;
		arena_free(&a);
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

void
check_helper(const struct doctor *d, struct doctor_report *r)
{
	const struct settings *s = &d->settings;
	struct overdue o = { .now = clock_now() };
	char path[INSTANCE_PATH];
	struct stat st;
	struct helper_facts h = { .running = helpers_running(s->file),
		.last_s = -1,
		.starts = strcmp(s->helper_program, "none") != 0 };

	if (d->st == NULL || find_overdue(d->st, &o) != ST_OK)
		return; /* check_store() tells of it */
	h.overdue_s = o.us / 1000000;
	settings_path(s, HELPERS_SEEN, path, sizeof path);
	if (stat(path, &st) == 0)
		h.last_s = time(NULL) > st.st_mtime ? (int64_t)(time(NULL) - st.st_mtime) : 0;
	rule_helper(&h, doctor_add(r, "helper"));
}

void
check_disk(const struct doctor *d, struct doctor_report *r)
{
	struct finding *f = doctor_add(r, "disk");
	struct statvfs v;
	struct disk_facts x;

	if (statvfs(d->settings.dir, &v) != 0) {
		rule_set(f, FINDING_FAILED, "see whether the disk is mounted", "%s: %s",
		    d->settings.dir, strerror(errno));
		return;
	}
	x = (struct disk_facts){ .free = (uint64_t)v.f_bavail * v.f_frsize,
		.size = (uint64_t)v.f_blocks * v.f_frsize,
		.reserve = d->settings.reserve_mb << 20,
		.files_free = v.f_favail,
		.files = v.f_files };
	rule_disk(&x, f);
}
