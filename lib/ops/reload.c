/* reload: see reload.h */
#include "ops/reload.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

enum { STARTED_CAP = 64 << 10 };

static const char mark_file[] = "run/reload";

bool
reload_due(const struct settings *s, struct reload_mark *mark)
{
	struct reload_mark before = *mark;
	char path[INSTANCE_PATH];
	struct stat st;

	settings_path(s, mark_file, path, sizeof path);
	*mark = (struct reload_mark){ 0, 0 };
	if (stat(path, &st) == 0)
		*mark = (struct reload_mark){ st.st_ino,
			(int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec };
	return mark->inode != before.inode || mark->changed_ns != before.changed_ns;
}

bool
reload_read(const struct settings *old, const char *program, struct settings *out)
{
	char err[1024];

	if (settings_read(out, old->file, err, sizeof err) != 0) {
		log_error("reload: %s; the old settings stay", err);
		return false;
	}
	settings_keep(out, old);
	settings_open_log(out, program);
	log_info("reload: the settings have been read again");
	return true;
}

int
reload_tell(const struct settings *s)
{
	char path[INSTANCE_PATH], now[CLOCK_TEXT];

	clock_iso(clock_now(), now);
	settings_path(s, mark_file, path, sizeof path);
	return file_replace(path, now, strlen(now));
}

/* --- what waits for a new start ---------------------------------------------------------- */

/* A walk through the settings that one program keeps. */
struct kept {
	enum settings_when program;
	struct buf *lines;   /* gets "key = value" of each */
	const char *started; /* or such lines, with which each is compared; NULL: not */
	void (*each)(void *ctx, const char *key);
	void *ctx;
};

static void
look(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	enum settings_when when = settings_when(key);
	struct kept *k = ctx;
	size_t from = k->lines->len;

	(void)def;
	(void)doc;
	if (when != k->program && when != SETTINGS_BOTH)
		return;
	buf_printf(k->lines, "\n%s = %s\n", key, value);
	if (buf_ok(k->lines) && k->started != NULL &&
	    strstr(k->started, buf_str(k->lines) + from) == NULL)
		k->each(k->ctx, key);
}

static void
path_of(const struct settings *s, enum settings_when program, char out[INSTANCE_PATH])
{
	settings_path(s, program == SETTINGS_WEB ? "run/started.web" : "run/started.helper", out,
	    INSTANCE_PATH);
}

void
reload_note_start(const struct settings *s, enum settings_when program)
{
	char path[INSTANCE_PATH];
	struct kept k = { .program = program };
	struct buf lines;

	k.lines = &lines;
	buf_init(&lines, STARTED_CAP);
	settings_each(s, look, &k);
	path_of(s, program, path);
	if (!buf_ok(&lines) || file_replace(path, buf_str(&lines), lines.len) != 0)
		log_warn("%s: %m; savemms reload cannot say what needs a new start", path);
	buf_free(&lines);
}

void
reload_pending(const struct settings *s, enum settings_when program,
    void (*each)(void *ctx, const char *key), void *ctx)
{
	struct arena *a = arena_new(2 * STARTED_CAP);
	char path[INSTANCE_PATH];
	struct kept k = { .program = program, .each = each, .ctx = ctx };
	struct buf lines;

	k.lines = &lines;
	buf_init(&lines, STARTED_CAP);
	path_of(s, program, path);
	if (a != NULL && (k.started = file_slurp(a, path, STARTED_CAP, NULL)) != NULL)
		settings_each(s, look, &k);
	buf_free(&lines);
	arena_free(&a);
}
