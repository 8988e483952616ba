/*
 * status: shows what the instance holds and does, for people or as JSON. Each count is of one
 * moment, but they are not all of the same moment.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/say.h"
#include "admin/walk.h"
#include "base/arena.h"
#include "base/disk.h"
#include "base/text/json.h"
#include "blob/blob.h"
#include "ops/helpers.h"
#include "store/migrate.h"

struct status {
	uint64_t accounts, templates;
	uint64_t gone; /* accounts whose receivers said that their postback URLs are gone */
	uint64_t files, file_bytes; /* media */
	uint64_t disk_free, disk_size;
	unsigned helpers;
	uint64_t layout; /* of the store */
	struct job_stats jobs;
	struct walk w; /* through the accounts */
};

static int
count_file(void *ctx, const char *sha, uint64_t bytes, int64_t age)
{
	struct status *st = ctx;

	(void)sha;
	(void)age;
	st->files++;
	st->file_bytes += bytes;
	return 0;
}

/* Counts the accounts, with those that cannot be read, which it names. */
static enum store_rc
count_accounts(struct admin *ad, struct status *st)
{
	static struct account ac;
	char after[ACCOUNT_NAME] = "";
	enum store_rc rc;

	while ((rc = walk_account(&st->w, ad->st, after, &ac)) == ST_OK) {
		st->accounts++;
		if (ac.id != 0 && ac.postback_gone != 0)
			st->gone++;
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

static int
gather(struct admin *ad, struct status *st)
{
	struct disk disk;
	enum store_rc rc;

	if ((rc = count_accounts(ad, st)) != ST_OK)
		return fail_store(rc, "the accounts cannot be counted");
	if ((rc = store_template_count(ad->st, 0, &st->templates)) != ST_OK)
		return fail_store(rc, "the templates cannot be counted");
	if ((rc = store_job_stats(ad->st, &st->jobs)) != ST_OK)
		return fail_store(rc, "the jobs cannot be counted");
	if ((rc = store_layout(ad->st, &st->layout)) != ST_OK)
		return fail_store(rc, "the layout of the store cannot be read");
	if (blob_each(&ad->s, count_file, st) != 0)
		return fail("the media of %s cannot be counted: %m", ad->s.dir);
	if (!disk_of(ad->s.dir, &disk))
		return fail("%s: %m", ad->s.dir);
	st->disk_free = disk.free;
	st->disk_size = disk.size;
	st->helpers = helpers_running(ad->s.file);
	return DONE;
}

static void
print_json(const struct admin *ad, const struct status *st)
{
	char dir[JSON_ROOM(INSTANCE_PATH)];

	(void)json_quote(dir, sizeof dir, ad->s.dir);
	(void)printf("{\"instance\":%s,\"version\":\"" PACKAGE_VERSION "\",\"accounts\":%" PRIu64
		     ",\"templates\":%" PRIu64 ",\"media_files\":%" PRIu64
		     ",\"media_bytes\":%" PRIu64 ",\"disk_free_bytes\":%" PRIu64
		     ",\"disk_bytes\":%" PRIu64 ",\"store_layout\":%" PRIu64
		     ",\"postbacks_off\":%" PRIu64 ",\"helpers\":%u,\"jobs\":{",
	    dir, st->accounts, st->templates, st->files, st->file_bytes, st->disk_free,
	    st->disk_size, st->layout, st->gone, st->helpers);
	for (unsigned k = 0; k < JOB_KINDS; k++)
		(void)printf("%s\"%s\":{\"queued\":%" PRIu64 ",\"leased\":%" PRIu64
			     ",\"dead\":%" PRIu64 ",\"oldest_seconds\":%" PRId64 "}",
		    k > 0 ? "," : "", job_kind_name((enum job_kind)k), st->jobs.queued[k],
		    st->jobs.leased[k], st->jobs.dead[k], st->jobs.oldest_us[k] / 1000000);
	(void)puts("}}");
}

static void
print_text(const struct admin *ad, const struct status *st)
{
	(void)printf("instance: %s\naccounts: %" PRIu64 "\ntemplates: %" PRIu64 "\n"
		     "media: %" PRIu64 " files, %" PRIu64 " MB\ndisk: %" PRIu64
		     " MB free of %" PRIu64 " MB\nhelpers: %u\n",
	    ad->s.dir, st->accounts, st->templates, st->files, st->file_bytes >> 20,
	    st->disk_free >> 20, st->disk_size >> 20, st->helpers);
	for (unsigned k = 0; k < JOB_KINDS; k++)
		(void)printf("%s jobs: %" PRIu64 " queued (oldest %" PRId64 " s), %" PRIu64
			     " leased, %" PRIu64 " dead\n",
		    job_kind_name((enum job_kind)k), st->jobs.queued[k],
		    st->jobs.oldest_us[k] / 1000000, st->jobs.leased[k], st->jobs.dead[k]);
	if (st->jobs.dead[JOB_ENCODE] > 0)
		(void)printf(
		    "warning: %" PRIu64
		    " encodes wait because of a fault of this machine: see savemms job list, "
		    "and use savemms job retry after the repair\n",
		    st->jobs.dead[JOB_ENCODE]);
	if (st->jobs.dead[JOB_DELIVER] > 0)
		(void)printf(
		    "warning: %" PRIu64
		    " messages are held, because nobody can tell whether they were taken: see "
		    "savemms message list, and use savemms message release or savemms message fail\n",
		    st->jobs.dead[JOB_DELIVER]);
	if (st->gone > 0)
		(void)
		    printf("warning: the postbacks of %" PRIu64
			   " accounts are off, because their receivers said 410 Gone: see savemms "
			   "doctor, which names the first, and set their postback-url again\n",
			st->gone);
	if (st->layout < STORE_LAYOUT)
		(void)printf("note: the store has layout %" PRIu64
			     ", so that version 0.1.0 can still use it: savemms migrate brings it "
			     "to the present one\n",
		    st->layout);
	if (st->disk_free >> 20 < ad->s.reserve_mb)
		(void)puts("warning: free disk space is below reserve-mb: nothing new is accepted");
}

int
cmd_status(struct admin *ad)
{
	static struct status st;
	int rc = gather(ad, &st);

	if (rc != DONE)
		return rc;
	if (ad->opt[OPT_JSON] != NULL)
		print_json(ad, &st);
	else
		print_text(ad, &st);
	return walk_end(&st.w, ST_OK, "");
}
