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
#include "store/migrate.h"

enum { REPLAYS = 20 }; /* of one template, each deleted since: then it is saved without a key */

/* What the steps share. */
struct run {
	struct admin *ad;
	struct import im;
	struct account ac;
	struct import_server server;
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
	say_line(fmt, ap);
	va_end(ap);
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

/* Adds an item that is here to the map, and then prints its row: the memory is complete before
 * anything can fail that only tells. */
static int
tell(const struct run *r, const struct import_item *it)
{
	int st = r->fd < 0 || it->mapped ? DONE : import_map_add(r->fd, r->map, it);

	(void)printf("%s\t%" PRIu64 "\n", it->old, it->here);
	return finish() == DONE ? st : NOT_DONE;
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

/* Saves an item. An answer that the server had kept counts if it still holds: not if the template
 * was deleted since, and a refusal is not taken from before, as the operator may have raised a
 * limit meanwhile. */
static void
save_anew(struct run *r, const struct import_item *it, struct import_answer *out)
{
	struct import_server server = r->server;
	enum store_rc rc;

	for (int i = 1; import_save(r->ad, &r->ac, &server, it, out), out->replayed; i++) {
		server.keyed = out->verdict == IMPORT_SAVED && i < REPLAYS;
		if (out->verdict != IMPORT_SAVED)
			continue;
		if ((rc = import_map_look(r->ad->st, r->ac.id, out->mmsid)) == ST_OK)
			return;
		if (rc != ST_NOTFOUND) {
			out->verdict = IMPORT_STOP;
			(void)snprintf(out->text, sizeof out->text, "looking for %" PRIu64 ": %s",
			    out->mmsid, store_rc_text(rc));
			return;
		}
		server.behind = out->mmsid;
	}
}

/* Saves an item. If a source cannot be fetched any more, what the vendor had made of it will do:
 * that is what recipients got. */
static void
save(struct run *r, const struct import_item *it, struct import_answer *out)
{
	struct import_item spare = *it;
	struct import_answer again;

	save_anew(r, it, out);
	if (out->verdict != IMPORT_REFUSED || !out->gone || it->spare == NULL)
		return;
	spare.body = it->spare;
	save_anew(r, &spare, &again);
	if (again.verdict == IMPORT_REFUSED)
		return;
	if (again.verdict == IMPORT_SAVED)
		say("%s: of the vendor's renditions, because of %s", it->old, out->text);
	*out = again;
}

/* Does what is to be done about an item. Returns NOT_DONE to end the run. */
static int
import_one(struct run *r, size_t number)
{
	struct import_item *it = &r->im.item[number - 1];
	struct import_answer answer;
	int st;

	if (known(r, it, number))
		return it->here != 0 ? tell(r, it) : DONE;
	save(r, it, &answer);
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
	st = tell(r, it);
	say("%zu/%zu %s: saved as %" PRIu64, number, r->im.n, it->old, it->here);
	return st;
}

/* Finds out how the server is to be called. */
static int
find_server(struct run *r)
{
	const struct admin *ad = r->ad;
	const char *url = ad->opt[OPT_URL] != NULL ? ad->opt[OPT_URL] : ad->s.base_url;
	uint64_t layout;
	enum store_rc rc = store_layout(ad->st, &layout);

	if (rc != ST_OK)
		return fail_store(rc, "reading the layout of the store");
	if (url[0] == '\0')
		return fail("it is not known where the server is: set base-url, or give --url");
	if (strlen(url) >= SETTING_TEXT)
		return wrong("the URL is too long");
	r->server = (struct import_server){ .url = url, .keyed = layout > 1 };
	return DONE;
}

static int
import_all(struct run *r)
{
	int st = find_server(r);

	if (st != DONE)
		return st;
	if (!http_client_init())
		return fail("libcurl cannot be initialized");
	if (r->map != NULL && (r->fd = import_map_open(r->ad, r->map)) < 0)
		return NOT_DONE;
	for (size_t i = 1; i <= r->im.n && st == DONE; i++)
		st = import_one(r, i);
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
