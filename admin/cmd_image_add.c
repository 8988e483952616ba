/*
 * image_add: adds an image template. It reads and checks the form, fetches or reads the background,
 * has the confined transcoder fit it to image-background-kb, and stores both. If anything is wrong
 * it stores nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "admin/cmd.h"
#include "admin/image_admin.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/arena.h"
#include "base/file.h"
#include "media/transcode.h"
#include "model/image_template_form.h"
#include "net/fetch.h"
#include "net/http_client.h"
#include "personal/background.h"

enum { FORM_CAP = 256 << 10, SOURCE_CAP = 32 << 20, DIFFERS = 10 /* percent */ };

static void
ignore(void *ctx, size_t i)
{
	(void)ctx;
	(void)i;
}

/* Returns a descriptor from which the background can be read. On failure prints why and returns
 * -1. */
static int
open_background(const struct admin *ad, const char *where)
{
	struct fetch f = { .url = where, .limit = SOURCE_CAP, .gif_limit = SOURCE_CAP, .fd = -1 };
	int fd;

	if (strncasecmp(where, "http://", 7) != 0 && strncasecmp(where, "https://", 8) != 0) {
		if ((fd = open(where, O_RDONLY | O_CLOEXEC)) < 0)
			(void)fail("%s: %s%s", where, strerror(errno), owner_note(ad->as_owner));
		return fd;
	}
	if (!http_client_init()) {
		(void)fail("libcurl cannot be initialized");
		return -1;
	}
	fetch_all(&ad->s, &f, 1, ignore, NULL);
	if (f.rc != FETCH_OK)
		(void)fail("%s cannot be fetched: %s", where,
		    f.rc == FETCH_TOO_BIG ? "it is too large" : f.why);
	return f.fd;
}

static int
budget_background(const struct admin *ad, int source, struct image_template *it, int *lock)
{
	struct transcoder *t = image_transcoder(ad);
	const struct image_tools tools = { t, &ad->s };
	char why[TRANSCODE_WHY];
	bool ok;

	if (t == NULL)
		return NOT_DONE;
	ok = background_make(&tools, &(struct background_source){ source, true }, it, lock, why);
	transcoder_free(&t);
	return ok ? DONE : fail("%s", why);
}

static bool
differs(uint32_t is, uint32_t should)
{
	return is * 100 < should * (100 - DIFFERS) || is * 100 > should * (100 + DIFFERS);
}

/* Makes the background a blob and stores the image template. */
static int
store(struct admin *ad, int source, struct image_template *it)
{
	enum store_rc rc;
	int lock = -1, st = budget_background(ad, source, it, &lock);

	if (st != DONE)
		return st;
	rc = store_image_create(ad->st, it);
	file_close(&lock);
	if (rc != ST_OK)
		return fail_store(rc, it->name);
	(void)printf("id: %" PRIu64 "\nbackground: %" PRIu32 "x%" PRIu32 " pixels, %" PRIu64
		     " bytes\n",
	    it->id, it->width, it->height, it->bytes);
	if (differs(it->width, IMAGE_WIDTH) || differs(it->height, IMAGE_HEIGHT))
		(void)fprintf(stderr,
		    "savemms: the background is %" PRIu32 "x%" PRIu32
		    "; %dx%d is recommended, which fills "
		    "a handset's screen\n",
		    it->width, it->height, IMAGE_WIDTH, IMAGE_HEIGHT);
	return finish();
}

/* Fills in the image template from the account, the name and the form. */
static int
read_words(struct admin *ad, struct image_template *it)
{
	static struct account ac;
	char why[IMAGE_WHY];
	const char *form, *from = ad->opt[OPT_FROM];
	enum store_rc rc = store_account_by_name(ad->st, ad->argv[0], &ac);

	if (rc == ST_NOTFOUND)
		return fail("there is no account '%s'; 'savemms account list' shows them",
		    ad->argv[0]);
	if (rc != ST_OK)
		return fail_store(rc, ad->argv[0]);
	it->account = ac.id;
	it->name = ad->argv[1];
	if ((form = file_slurp(ad->a, from, FORM_CAP, NULL)) == NULL)
		return fail("%s: %s%s", from, strerror(errno), owner_note(ad->as_owner));
	return image_form_read(ad->a, form, it, why) ? DONE : fail("%s: %s", from, why);
}

int
cmd_image_add(struct admin *ad)
{
	struct image_template it = { .name = "" };
	int source, st;

	if (ad->opt[OPT_FROM] == NULL || ad->opt[OPT_BACKGROUND] == NULL)
		return wrong(
		    "--background and --from are needed; 'savemms image-template add --help' shows a form");
	if ((st = read_words(ad, &it)) != DONE)
		return st;
	if ((source = open_background(ad, ad->opt[OPT_BACKGROUND])) < 0)
		return NOT_DONE;
	st = store(ad, source, &it);
	file_close(&source);
	return st;
}
