/*
 * image_template: the image-template commands that need nothing but the store.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/cmd.h"
#include "admin/image_admin.h"
#include "admin/lookup.h"
#include "admin/say.h"
#include "admin/table.h"
#include "admin/walk.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "blob/blob.h"
#include "media/transcode.h"
#include "model/image_template_form.h"
#include "model/mergetag.h"

enum { FORM_CAP = 1 << 20, ROW_MEMORY = 1 << 20 };

struct image_template *
find_image(struct admin *ad, const char *word)
{
	struct image_template *it = NULL;
	enum store_rc rc;
	uint64_t id;

	if (!word_id("an image template's id", word, &id))
		return NULL;
	rc = store_image_get(ad->st, 0, id, ad->a, &it);
	if (rc == ST_OK)
		return it;
	if (rc == ST_NOTFOUND)
		(void)fail("there is no image template %" PRIu64
			   "; 'savemms image-template list' shows them",
		    id);
	else
		(void)fail_store(rc, word);
	return NULL;
}

struct transcoder *
image_transcoder(const struct admin *ad)
{
	struct transcoder *t = transcoder_new(ad->s.transcode_program[0] != '\0' ?
		ad->s.transcode_program :
		NULL,
	    1);

	if (t == NULL)
		(void)fail("out of memory");
	return t;
}

struct listing {
	struct admin *ad;
	struct table *t;
	struct walk w;
};

static bool
list_row(struct listing *l, const struct image_template *it)
{
	char id[24], size[32], bytes[24], areas[24], created[CLOCK_TEXT];
	const char *const row[] = { id, account_name(l->ad->st, it->account), size, bytes, areas,
		it->barcode != NULL ? image_code_name(it->barcode->type) : "-", created, it->name };

	(void)snprintf(id, sizeof id, "%" PRIu64, it->id);
	(void)snprintf(size, sizeof size, "%" PRIu32 "x%" PRIu32, it->width, it->height);
	(void)snprintf(bytes, sizeof bytes, "%" PRIu64, it->bytes);
	(void)snprintf(areas, sizeof areas, "%zu", it->narea);
	clock_iso(it->created, created);
	return table_row(l->t, row);
}

/* Adds the rows of one account. Returns ST_NOTFOUND after the last one. */
static enum store_rc
list_account(struct listing *l, uint64_t account)
{
	enum store_rc rc = ST_OK;

	for (uint64_t after = 0, was = 0; rc == ST_OK; was = after) {
		struct arena *a = arena_new(ROW_MEMORY);
		struct image_template *it;

		rc = a != NULL ? store_image_next(l->ad->st, account, &after, a, &it) : ST_NOMEM;
		if (rc == ST_OK)
			rc = list_row(l, it) ? ST_OK : ST_NOMEM;
		else if (walk_past(&l->w, rc, after != was, "image template %" PRIu64, after))
			rc = ST_OK;
		arena_free(&a);
	}
	return rc;
}

/* Adds the rows of all accounts. Returns ST_NOTFOUND after the last one. */
static enum store_rc
list_all(struct listing *l)
{
	static struct account ac;
	char after[ACCOUNT_NAME] = "";
	enum store_rc rc = ST_OK;

	while (rc == ST_OK) {
		rc = walk_account(&l->w, l->ad->st, after, &ac);
		if (rc == ST_OK && ac.id != 0 && (rc = list_account(l, ac.id)) == ST_NOTFOUND)
			rc = ST_OK; /* on to the next account */
	}
	return rc;
}

int
cmd_image_list(struct admin *ad)
{
	static const char *const head[] = { "ID", "ACCOUNT", "PIXELS", "BYTES", "TEXTS", "BARCODE",
		"CREATED", "NAME" };
	static struct account ac;
	static struct table t;
	struct listing l = { .ad = ad, .t = &t };
	const char *name = ad->opt[OPT_ACCOUNT];
	enum store_rc rc;

	if (name != NULL && find_account(ad, name, &ac) != DONE)
		return NOT_DONE;
	table_start(&t, stdout, isatty(STDOUT_FILENO) != 0, head, sizeof head / sizeof head[0]);
	rc = name != NULL ? list_account(&l, ac.id) : list_all(&l);
	table_end(&t);
	return walk_end(&l.w, rc, "the image templates cannot be listed");
}

static void
show_tags(const char *text)
{
	struct mergetag_reader r;
	struct mergetag_piece p;

	mergetag_start(&r, text);
	while (mergetag_next(&r, &p))
		if (p.tag)
			(void)printf("merge tag: %.*s\n", (int)p.n, p.p);
}

int
cmd_image_show(struct admin *ad)
{
	const struct image_template *it = find_image(ad, ad->argv[0]);
	char created[CLOCK_TEXT], path[INSTANCE_PATH + 128];
	struct buf form;

	if (it == NULL)
		return NOT_DONE;
	clock_iso(it->created, created);
	blob_path(&ad->s, it->sha, path, sizeof path);
	(void)printf("id: %" PRIu64 "\naccount: %s\nname: ", it->id,
	    account_name(ad->st, it->account));
	text_print(stdout, it->name);
	(void)printf("\ncreated: %s\nbackground: %" PRIu32 "x%" PRIu32 " pixels, %" PRIu64
		     " bytes\nfile: %s\n",
	    created, it->width, it->height, it->bytes, path);
	for (size_t i = 0; i < it->narea; i++)
		show_tags(it->area[i].text);
	if (it->barcode != NULL) {
		show_tags(it->barcode->text);
		show_tags(it->barcode->caption);
	}
	buf_init(&form, FORM_CAP);
	image_form_write(it, &form);
	if (!buf_ok(&form)) {
		buf_free(&form);
		return fail("out of memory");
	}
	(void)printf("\n%s", buf_str(&form)); /* reading the form has removed control characters */
	buf_free(&form);
	return finish();
}

/* Removes the image template. The caller holds blob_exclusive(). */
static int
remove_locked(struct admin *ad, uint64_t id)
{
	char orphan[SHA256_HEX];
	enum store_rc rc = store_image_remove(ad->st, 0, id, orphan);

	if (rc == ST_NOTFOUND)
		return fail("there is no image template %" PRIu64
			    "; 'savemms image-template list' shows them",
		    id);
	if (rc != ST_OK)
		return fail_store(rc, ad->argv[0]);
	if (orphan[0] != '\0' && blob_remove(&ad->s, orphan) != 0)
		return fail("image template %" PRIu64
			    " is removed, but its file %s is still there: %s; the helper will "
			    "remove it in a day",
		    id, orphan, strerror(errno));
	return DONE;
}

int
cmd_image_remove(struct admin *ad)
{
	uint64_t id;
	int lock, st;

	if (!word_id("an image template's id", ad->argv[0], &id))
		return WRONG_USAGE;
	if ((lock = blob_exclusive(&ad->s)) < 0)
		return fail("the media of %s cannot be locked: %s", ad->s.dir, strerror(errno));
	st = remove_locked(ad, id);
	file_close(&lock);
	return st;
}
