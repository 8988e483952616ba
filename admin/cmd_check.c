/*
 * check: compares database and media with each other and changes nothing. It reads a copy of the
 * database, so that nothing changes meanwhile, but the media that are in use. If a blob is missing,
 * it asks the store again, because the template may have been deleted since. It prints each
 * inconsistency as a line on stdout. The exit status is 1 if there is an inconsistency, or if
 * something prevented the check.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "admin/backup/snapshot.h"
#include "admin/cmd.h"
#include "admin/say.h"
#include "base/crypt.h"
#include "base/file.h"
#include "blob/blob.h"

struct looking {
	struct admin *ad;
	struct snapshot *sn;
	uint64_t looked;
	uint64_t files, bytes;
};

/* Puts "" into wrong_how if the blob exists and is correct, otherwise what is wrong with it. */
static void
look_at(const struct looking *l, const char *sha, uint64_t bytes, char *wrong_how, size_t size)
{
	char hex[SHA256_HEX];
	uint64_t n;
	int fd = blob_open(&l->ad->s, sha);
	int64_t have = fd >= 0 ? file_size(fd) : -1;

	wrong_how[0] = '\0';
	if (fd < 0 && errno == ENOENT)
		(void)snprintf(wrong_how, size, "its file is missing");
	else if (have < 0)
		(void)snprintf(wrong_how, size, "its file cannot be opened: %s", strerror(errno));
	else if ((uint64_t)have != bytes)
		(void)snprintf(wrong_how, size,
		    "its file has %" PRId64 " bytes and should have %" PRIu64, have, bytes);
	else if (l->ad->opt[OPT_QUICK] != NULL)
		(void)0;
	else if (crypt_sha256_file(fd, hex, &n) != 0)
		(void)snprintf(wrong_how, size, "its file cannot be read: %s", strerror(errno));
	else if (strcmp(hex, sha) != 0)
		(void)snprintf(wrong_how, size, "its file is damaged: the SHA-256 is %s", hex);
	file_close(&fd);
}

/* Checks the blob again under the lock. While the lock is held nobody removes blobs, so a blob that
 * something refers to must exist. */
static bool
still_wrong(struct looking *l, const char *sha, uint64_t bytes, char *wrong_how, size_t size)
{
	int lock = blob_shared(&l->ad->s);
	uint64_t refs = 1;

	if (lock >= 0 && store_blob_refs(l->ad->st, sha, &refs) == ST_OK && refs > 0)
		look_at(l, sha, bytes, wrong_how, size);
	file_close(&lock);
	return refs > 0 && wrong_how[0] != '\0';
}

static int
check_blob(void *ctx, const char *sha, uint64_t bytes, const char *whose)
{
	struct looking *l = ctx;
	char how[256], text[512];

	show_progress("reading media", ++l->looked, l->files);
	look_at(l, sha, bytes, how, sizeof how);
	if (how[0] == '\0' || !still_wrong(l, sha, bytes, how, sizeof how))
		return 0;
	(void)snprintf(text, sizeof text, "blob %s of %s: %s", sha, whose, how);
	snapshot_fault(l->sn, text);
	return 0;
}

static void
check_fault(void *ctx, const char *text)
{
	struct looking *l = ctx;

	snapshot_fault(l->sn, text);
}

static int
count_blob(void *ctx, const char *sha, uint64_t bytes, int64_t age)
{
	struct looking *l = ctx;

	(void)sha;
	(void)age;
	l->files++;
	l->bytes += bytes;
	return 0;
}

static int
report(const struct looking *l, const struct store_check *c)
{
	uint64_t more = l->files > c->blobs ? l->files - c->blobs : 0;

	if (l->sn->st == NULL) {
		(void)printf("%" PRIu64 " inconsistencies; the records could not be checked\n",
		    l->sn->faults);
		(void)finish();
		return NOT_DONE;
	}
	(void)printf("%" PRIu64 " accounts, %" PRIu64 " templates, %" PRIu64 " jobs, %" PRIu64
		     " blobs: ",
	    c->accounts, c->templates, c->jobs, c->blobs);
	if (l->sn->faults == 0)
		(void)printf("no inconsistencies\n");
	else
		(void)printf("%" PRIu64 " inconsistencies\n", l->sn->faults);
	if (more > 0)
		(void)printf(
		    "%" PRIu64
		    " more blobs that nothing refers to; the helper removes them after a day\n",
		    more);
	return finish() == DONE && l->sn->faults == 0 ? DONE : NOT_DONE;
}

static int
look(struct looking *l)
{
	struct store_check c = { .fault = check_fault, .blob = check_blob, .ctx = l };
	enum store_rc rc;

	if (blob_each(&l->ad->s, count_blob, l) != 0)
		return fail("the folder of the media cannot be read: %s", strerror(errno));
	if (l->sn->st != NULL && (rc = store_check(l->sn->st, &c)) != ST_OK)
		return fail_store(rc, "the check was not completed");
	show_progress(NULL, 0, 0);
	return report(l, &c);
}

int
cmd_check(struct admin *ad)
{
	static struct snapshot sn;
	struct looking l = { .ad = ad, .sn = &sn };
	int st = snapshot_take(&sn, ad, NULL, NULL);

	if (st == DONE && (st = snapshot_open(&sn)) == DONE)
		st = look(&l);
	snapshot_end(&sn);
	return st;
}
