/* needs: see needs.h */
#include "ops/needs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/log.h"
#include "base/where.h"
#include "net/http_client.h"
#include "request/charset.h"

enum {
	FONT_DEPTH = 4, /* /usr/share/fonts/truetype/noto/NAME.ttf has two */
	SEEN_CAP = NEEDS * (NEED_WHERE + 64),
};

static bool
is_font(const char *name)
{
	static const char *const ends[] = { ".ttf", ".otf", ".ttc", ".pfb" };
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof ends / sizeof ends[0]; i++)
		if (strcasecmp(dot, ends[i]) == 0)
			return true;
	return false;
}

static bool
holds_font(const char *folder, int depth)
{
	DIR *d = opendir(folder);
	char path[NEED_WHERE];
	bool yes = false;

	for (struct dirent *e; d != NULL && !yes && (e = readdir(d)) != NULL;) {
		int n;

		if (e->d_name[0] == '.')
			continue;
		n = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		if (n < 0 || (size_t)n >= sizeof path)
			continue;
		yes = is_font(e->d_name) ? access(path, R_OK) == 0 :
		    e->d_type != DT_REG  ? depth > 0 && holds_font(path, depth - 1) :
					   false;
	}
	if (d != NULL)
		(void)closedir(d);
	return yes;
}

/* Each of these finds one thing; n->where is "" before. */

static bool
find_transcoder(const struct settings *s, struct need *n)
{
	if (s->transcode_program[0] != '\0')
		(void)snprintf(n->where, sizeof n->where, "%s", s->transcode_program);
	else
		where_program("savemms-transcode", n->where, sizeof n->where);
	return access(n->where, X_OK) == 0;
}

static bool
find_helper(const struct settings *s, struct need *n)
{
	if (s->helper_program[0] != '\0')
		(void)snprintf(n->where, sizeof n->where, "%s", s->helper_program);
	else
		where_program("savemms-helper", n->where, sizeof n->where);
	return strcmp(n->where, "none") == 0 || access(n->where, X_OK) == 0;
}

static bool
find_gifsicle(const struct settings *s, struct need *n)
{
	(void)s;
	where_tool("gifsicle", GIFSICLE, n->where, sizeof n->where);
	return access(n->where, X_OK) == 0;
}

static bool
find_fonts(const struct settings *s, struct need *n)
{
	(void)s;
	for (unsigned i = 0; where_fonts(i, n->where, sizeof n->where); i++)
		if (n->where[0] != '\0' && holds_font(n->where, FONT_DEPTH))
			return true;
	n->where[0] = '\0';
	return false;
}

/* Only the transcoder asks libmagic. The file of Debian and Fedora; another system's may lie
 * elsewhere, and the transcoder says at its start whether libmagic has found it. */
static bool
find_magic(const struct settings *s, struct need *n)
{
	(void)s;
	if (!where_carried(WHERE_MAGIC, n->where, sizeof n->where))
		(void)snprintf(n->where, sizeof n->where, "/usr/share/misc/magic.mgc");
	return access(n->where, R_OK) == 0;
}

static bool
find_authorities(const struct settings *s, struct need *n)
{
	char folder[HTTP_CLIENT_CA];

	(void)s;
	http_client_authorities(n->where, folder);
	return n->where[0] != '\0' && access(n->where, R_OK) == 0;
}

static bool
find_converters(const struct settings *s, struct need *n)
{
	(void)s;
	(void)where_carried(WHERE_CONVERTERS, n->where, sizeof n->where);
	return charset_ready();
}

static const struct {
	const char *name;
	bool (*find)(const struct settings *s, struct need *n);
	const char *without, *remedy;
} all[NEEDS] = {
	{ "savemms-transcode", find_transcoder, "no image, audio or video can be saved",
	    "install savemms again, or set transcode-program" },
	{ "savemms-helper", find_helper, "nothing is encoded, sent or posted",
	    "install savemms again, or set helper-program" },
	{ "gifsicle", find_gifsicle, "no animated GIF or WebP can be saved",
	    "install the Debian package gifsicle" },
	{ "fonts", find_fonts, "no personal image can be drawn",
	    "install the Debian package fonts-noto-core, and restart" },
	{ "magic", find_magic, "media of some formats are not recognized",
	    "install the Debian package libmagic-mgc" },
	{ "certificates", find_authorities, "no https URL can be fetched or called",
	    "install the Debian package ca-certificates" },
	{ "charsets", find_converters, "only requests in UTF-8 can be read",
	    "install the C library's gconv modules: libc6 on Debian, glibc-gconv-extra on Fedora" },
};

void
needs_look(const struct settings *s, struct need out[NEEDS])
{
	for (size_t i = 0; i < NEEDS; i++) {
		out[i] = (struct need){ .name = all[i].name,
			.without = all[i].without,
			.remedy = all[i].remedy };
		out[i].there = all[i].find(s, &out[i]);
	}
}

/* Adds the line of a missing thing to now, and logs it unless it was said before. */
static void
say(const struct need *n, const char *before, struct buf *now)
{
	const size_t from = now->len;
	char name[32];

	(void)snprintf(name, sizeof name, "\n%s ", n->name);
	if (n->there) {
		if (strstr(before, name) != NULL)
			log_info("%s: there again", n->name);
		return;
	}
	buf_printf(now, "%s%s\n", name, n->where);
	if (!buf_ok(now) || strstr(before, buf_str(now) + from) == NULL)
		log_warn("%s: missing%s%s, so %s: %s", n->name, n->where[0] != '\0' ? " at " : "",
		    n->where, n->without, n->remedy);
}

/* Notes what has been said, if it is something else than before. */
static void
note(const char *path, const char *before, struct buf *now)
{
	if (buf_ok(now) && strcmp(buf_str(now), before) == 0)
		return;
	if (!buf_ok(now) || file_replace(path, buf_str(now), now->len) != 0)
		log_warn("%s: %m; what is missing will be said again", path);
}

unsigned
needs_log(const struct settings *s, const char *seen)
{
	struct need *n = calloc(NEEDS, sizeof *n);
	struct arena *a = arena_new(2 * SEEN_CAP);
	char path[INSTANCE_PATH] = "";
	const char *before = NULL;
	unsigned missing = 0;
	struct buf now;

	buf_init(&now, SEEN_CAP);
	if (seen != NULL)
		settings_path(s, seen, path, sizeof path);
	if (seen != NULL && a != NULL)
		before = file_slurp(a, path, SEEN_CAP, NULL);
	if (before == NULL)
		before = "";
	if (n != NULL)
		needs_look(s, n);
	for (size_t i = 0; n != NULL && i < NEEDS; i++) {
		missing += !n[i].there;
		say(&n[i], before, &now);
	}
	if (n != NULL && seen != NULL)
		note(path, before, &now);
	buf_free(&now);
	arena_free(&a);
	free(n);
	return missing;
}
