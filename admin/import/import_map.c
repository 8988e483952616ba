/* import_map: see import.h */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "admin/import/import.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/arena.h"
#include "base/file.h"
#include "base/num.h"
#include "store/store_list.h"

enum { MAP_CAP = 16 << 20, RECORD_CAP = 64 << 20, LINE = IMPORT_OLD + 24 };

enum store_rc
import_map_look(struct store *st, uint64_t account, uint64_t id)
{
	struct arena *a = arena_new(RECORD_CAP);
	struct template *t;
	enum store_rc rc = a != NULL ? store_template_get(st, account, id, a, &t) : ST_NOMEM;

	arena_free(&a);
	return rc;
}

/* Notes that the map has this MMSID for an item, if the account still has that template. */
static enum store_rc
note_mapped(struct import *im, struct store *st, uint64_t account, const char *old, uint64_t id)
{
	struct import_item *it = import_items_find(im, old);
	enum store_rc rc;

	if (it == NULL)
		return ST_OK;
	if ((rc = import_map_look(st, account, id)) == ST_OK) {
		it->here = id;
		it->mapped = true;
	}
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* Reads the lines of the map. */
static int
read_lines(struct import *im, struct admin *ad, uint64_t account, const char *path)
{
	char *next = file_slurp(ad->a, path, MAP_CAP, NULL);
	enum store_rc rc;

	if (next == NULL && errno == ENOENT)
		return DONE;
	if (next == NULL)
		return fail("%s: %s%s", path, strerror(errno), owner_note(ad->as_owner));
	for (unsigned long number = 1; *next != '\0'; number++) {
		char *line = next, *end = strchr(line, '\n'), *tab = strchr(line, '\t');
		uint64_t id;

		if (end != NULL)
			*end = '\0';
		if (tab == NULL || end == NULL || tab > end ||
		    !num_u64(tab + 1, 1, UINT64_MAX, &id))
			return fail("%s: line %lu is not an old id, a tab and an MMSID; remove "
				    "the line, or name another file",
			    path, number);
		*tab = '\0';
		next = end + 1;
		if ((rc = note_mapped(im, ad->st, account, line, id)) != ST_OK)
			return fail_store(rc, tab + 1);
	}
	return DONE;
}

static void
begin(void *ctx, uint64_t total)
{
	(void)ctx;
	(void)total;
}

/* Looks whether a template is an item: a customer may have given another one that reference. */
static bool
take(void *ctx, const struct template *t)
{
	struct import_item *it = import_items_find(ctx, t->reference);

	if (it != NULL && it->here == 0 && strcmp(t->name, it->name) == 0)
		it->here = t->id;
	return true;
}

int
import_map_known(struct import *im, struct admin *ad, uint64_t account, const char *path)
{
	const struct template_query q = { .account = account, .max = SIZE_MAX };
	const struct template_reader reader = { begin, take, im };
	enum store_rc rc;

	if (path != NULL && read_lines(im, ad, account, path) != DONE)
		return NOT_DONE;
	rc = store_template_each(ad->st, &q, &reader);
	return rc == ST_OK ? DONE : fail_store(rc, "looking for what was imported before");
}

int
import_map_open(const struct admin *ad, const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd < 0)
		(void)fail("%s: %s%s", path, strerror(errno), owner_note(ad->as_owner));
	return fd;
}

int
import_map_add(int fd, const char *path, const struct import_item *it)
{
	char line[LINE];
	int n = snprintf(line, sizeof line, "%s\t%" PRIu64 "\n", it->old, it->here);

	if (n > 0 && (size_t)n < sizeof line && file_write(fd, line, (size_t)n) == 0 &&
	    fsync(fd) == 0)
		return DONE;
	return fail("%s: %s; it lacks %s, which is %" PRIu64 " here", path, strerror(errno),
	    it->old, it->here);
}
