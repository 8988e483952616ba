/*
 * account import: reads the files, looks what is here already, and saves the rest, one after the
 * other. What is done is told at once, so that a run can be ended at any time and begun again.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/import/import.h"
#include "admin/lookup.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/arena.h"
#include "base/file.h"
#include "net/http_client.h"
#include "request/json_tree.h"
#include "request/xmltree.h"

/* What the steps share. */
struct run {
	struct admin *ad;
	struct import im;
	struct account ac;
	const char *map; /* the file; NULL: none */
	int fd;          /* of it; -1: not open */
	size_t saved, here, refused, unread;
};

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Tells of the progress, on stderr. */
static void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
}

/* Reads one file. Returns false if nothing more can be read, as memory is short. */
static bool
read_file(struct run *r, const char *path)
{
	struct arena *a = arena_new(IMPORT_FILE + 65536);
	const char *p, *why = NULL;
	size_t n = 0;
	bool ok = true;

	if (a == NULL)
		return false;
	if ((p = file_slurp(a, path, IMPORT_FILE, &n)) == NULL) {
		(void)fail("%s: %s%s", path, strerror(errno), owner_note(r->ad->as_owner));
		r->unread++;
	} else if (!import_read(&r->im, p, n, &why)) {
		ok = why != NULL;
		if (ok)
			(void)fail("%s: %s", path, why);
		r->unread++;
	}
	arena_free(&a);
	return ok;
}

static int
read_files(struct run *r)
{
	struct import *im = &r->im;

	im->a = r->ad->a;
	im->key = r->ac.key;
	im->posters = r->ad->opt[OPT_POSTERS] != NULL;
	im->own_reference = r->map != NULL;
	if ((im->item = arena_array(im->a, IMPORT_ITEMS, sizeof *im->item)) == NULL)
		return fail("out of memory");
	for (int i = 1; i < r->ad->argc; i++)
		if (!read_file(r, r->ad->argv[i]))
			return fail("%s: out of memory; import fewer files at a time",
			    r->ad->argv[i]);
	if (im->unnamed > 0)
		(void)fail("%zu templates have no id that can be used, which is of at most %d "
			   "letters, digits, '.', '_' and '-'",
		    im->unnamed, IMPORT_OLD);
	import_items_unite(im);
	say("found %zu templates: %zu in lists, %zu with their slides", im->n, im->listed,
	    im->described);
	if (im->total > im->n)
		(void)fail("the lists tell of %" PRIu64
			   " templates, so not all of their pages are there",
		    im->total);
	return DONE;
}

/* Prints the row of an item that is here, and adds it to the map. */
static int
tell(const struct run *r, const struct import_item *it)
{
	(void)printf("%s\t%" PRIu64 "\n", it->old, it->here);
	if (finish() != DONE)
		return NOT_DONE;
	return r->fd < 0 || it->mapped ? DONE : import_map_add(r->fd, r->map, it);
}

/* Tells what is known of an item without asking the server. Returns whether that is all. */
static bool
known(struct run *r, const struct import_item *it, size_t number)
{
	if (it->here != 0) {
		r->here++;
		say("%zu/%zu %s: is here as %" PRIu64, number, r->im.n, it->old, it->here);
	} else if (it->body == NULL) {
		r->refused++;
		say("%zu/%zu %s: not importable: %s", number, r->im.n, it->old, it->why);
	}
	return it->here != 0 || it->body == NULL;
}

/* Saves an item. If a source cannot be fetched any more, what the vendor had made of it will do:
 * that is what recipients got. */
static void
save(struct run *r, const char *url, const struct import_item *it, struct import_answer *out)
{
	struct import_item spare = *it;
	struct import_answer again;

	import_save(r->ad, &r->ac, url, it, out);
	if (out->verdict != IMPORT_REFUSED || !out->gone || it->spare == NULL)
		return;
	spare.body = it->spare;
	import_save(r->ad, &r->ac, url, &spare, &again);
	if (again.verdict == IMPORT_REFUSED)
		return;
	if (again.verdict == IMPORT_SAVED)
		say("%s: of the vendor's renditions, because of %s", it->old, out->text);
	*out = again;
}

/* Does what is to be done about an item. Returns NOT_DONE to end the run. */
static int
import_one(struct run *r, const char *url, size_t number)
{
	struct import_item *it = &r->im.item[number - 1];
	struct import_answer answer;

	if (known(r, it, number))
		return it->here != 0 ? tell(r, it) : DONE;
	save(r, url, it, &answer);
	if (answer.verdict == IMPORT_STOP)
		return fail("%s: %s. %zu templates were not tried", it->old, answer.text,
		    r->im.n - number);
	if (answer.verdict == IMPORT_REFUSED) {
		r->refused++;
		say("%zu/%zu %s: not importable: %s", number, r->im.n, it->old, answer.text);
		return DONE;
	}
	r->saved++;
	it->here = answer.mmsid;
	say("%zu/%zu %s: saved as %" PRIu64, number, r->im.n, it->old, it->here);
	return tell(r, it);
}

static int
import_all(struct run *r)
{
	const struct admin *ad = r->ad;
	const char *url = ad->opt[OPT_URL] != NULL ? ad->opt[OPT_URL] : ad->s.base_url;
	int st = DONE;

	if (url[0] == '\0')
		return fail("it is not known where the server is: set base-url, or give --url");
	if (strlen(url) >= SETTING_TEXT)
		return wrong("the URL is too long");
	if (!http_client_init())
		return fail("libcurl cannot be initialized");
	if (r->map != NULL && (r->fd = import_map_open(ad, r->map)) < 0)
		return NOT_DONE;
	for (size_t i = 1; i <= r->im.n && st == DONE; i++)
		st = import_one(r, url, i);
	file_close(&r->fd);
	say("%zu imported, %zu here already, %zu not importable", r->saved, r->here, r->refused);
	return st;
}

/* Shows what would be done. */
static int
show_all(struct run *r)
{
	for (size_t i = 1; i <= r->im.n; i++) {
		const struct import_item *it = &r->im.item[i - 1];

		if (it->here != 0)
			(void)printf("%s\t%" PRIu64 "\n", it->old, it->here);
		else if (it->body != NULL)
			(void)printf("%s\t-\n", it->old);
		(void)known(r, it, i);
	}
	say("%zu would be imported, %zu here already, %zu not importable",
	    r->im.n - r->here - r->refused, r->here, r->refused);
	return finish();
}

int
cmd_account_import(struct admin *ad)
{
	static struct run r;
	int st;

	r = (struct run){ .ad = ad, .map = ad->opt[OPT_MAP], .fd = -1 };
	if ((st = find_account(ad, ad->argv[0], &r.ac)) != DONE)
		return st;
	xmltree_init();
	json_tree_init();
	if ((st = read_files(&r)) != DONE ||
	    (st = import_map_known(&r.im, ad, r.ac.id, r.map)) != DONE)
		return st;
	import_items_by_age(&r.im);
	st = ad->opt[OPT_DRY_RUN] != NULL ? show_all(&r) : import_all(&r);
	return st == DONE && (r.refused > 0 || r.unread > 0 || r.im.unnamed > 0) ? NOT_DONE : st;
}
