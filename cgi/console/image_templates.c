/*
 * image_templates: lists, builds, previews, saves and deletes the account's image templates.
 *
 * The function that makes personal images also draws the preview. Without script the preview
 * is a blob that nothing refers to (the sweep removes it after a day); the script gets its
 * bytes.
 */
#include "cgi/console/builder.h"
#include "cgi/console/list_html.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "blob/blob_upload.h"
#include "net/fetch.h"
#include "personal/background.h"
#include "personal/personal_image.h"

enum { SOURCE_CAP = 32 << 20, PREVIEW_BYTES = 400 << 10, SHOWN = 500 };

static void
no_memory(struct console *c)
{
	console_store_fail(c, ST_NOMEM, "building an image template");
}

/* --- the list ------------------------------------------------------------------------ */

static void
write_item(struct console *c, const struct image_template *it)
{
	char date[CONSOLE_DATE];

	console_date(it->created, date);
	buf_adds(c->out, "<li class=\"item\">");
	list_poster(c, it->sha, FORMAT_JPEG);
	list_title(c, console_url(c, "pictures/%" PRIu64, it->id), it->name);
	html_elem(c->out, "p",
	    arena_printf(c->arena,
		"TEMPLATE-ID %" PRIu64 " · %" PRIu32 "x%" PRIu32 " pixels · %zu text area%s%s · %s",
		it->id, it->width, it->height, it->narea, it->narea == 1 ? "" : "s",
		it->barcode != NULL ? ", barcode" : "", date));
	console_link(c, console_url(c, "pictures/%" PRIu64 "/delete", it->id), "Delete …",
	    "danger");
	buf_adds(c->out, "</div></li>\n");
}

void
console_image_templates(struct console *c)
{
	struct image_template *it;
	uint64_t after = 0;
	size_t n = 0;
	enum store_rc rc = ST_OK;

	console_open(c, "Image templates");
	console_say(c, "lead",
	    "An image template is a background with texts and a barcode. Each recipient gets a "
	    "personal image, made with their own values. A slide refers to an image template by "
	    "its TEMPLATE-ID.");
	buf_adds(c->out, "<p class=\"buttons\">");
	console_link(c, console_url(c, "pictures/new"), "New image template", "button");
	buf_adds(c->out, "</p>\n<ul class=\"items\">\n");
	while (rc == ST_OK && n <= SHOWN) {
		const uint64_t was = after;

		rc = store_image_next(c->app->store, c->account.id, &after, c->arena, &it);
		if (rc == ST_OK && n++ < SHOWN)
			write_item(c, it);
		else if (console_pass_by(rc, after != was, "image template %" PRIu64, after))
			rc = ST_OK;
	}
	if (rc != ST_OK && rc != ST_NOTFOUND) {
		console_store_fail(c, rc, "listing image templates");
		return;
	}
	buf_adds(c->out, "</ul>\n");
	if (n == 0)
		console_say(c, "hint", "No image templates yet.");
	else if (n > SHOWN)
		console_say(c, "hint",
		    "There are more. savemms image-template list shows them all.");
	console_close(c);
}

/* --- deleting ------------------------------------------------------------------------- */

static struct image_template *
template_in_path(struct console *c)
{
	struct image_template *it;
	enum store_rc rc = store_image_get(c->app->store, c->account.id, c->id, c->arena, &it);

	if (rc == ST_OK)
		return it;
	console_store_fail(c, rc, "reading an image template");
	return NULL;
}

void
console_image_template_delete(struct console *c)
{
	struct image_template *it = template_in_path(c);

	if (it == NULL)
		return;
	list_ask_delete(c,
	    &(struct list_delete){ .title = "Delete this image template?",
		.text = arena_printf(c->arena,
		    "“%s” (%" PRIu64 ") will be deleted at once. Messages that use it will "
		    "fail from then on. This cannot be undone.",
		    it->name, it->id),
		.action = arena_printf(c->arena, "pictures/%" PRIu64 "/delete", it->id),
		.keep = "pictures" });
}

/* Replaces the image template in the path or, with replace NULL, removes it. Then it removes the
 * blob that nothing refers to any more. */
static enum store_rc
change(struct console *c, struct image_template *replace)
{
	const struct settings *s = &c->app->settings;
	char orphan[SHA256_HEX];
	enum store_rc rc;
	int lock = blob_exclusive(s), fd = -1;

	if (lock < 0) {
		log_error("locking the media folder: %m");
		return ST_IO;
	}
	if (replace != NULL &&
	    (fd = blob_open(s, replace->sha)) < 0) /* an old one: the sweep may have removed it */
		rc = ST_IO;
	else
		rc = replace != NULL ?
		    store_image_replace(c->app->store, replace, orphan) :
		    store_image_remove(c->app->store, c->account.id, c->id, orphan);
	if (rc == ST_OK && orphan[0] != '\0' && blob_remove(s, orphan) != 0)
		log_warn("removing blob %s: %m; the sweep will remove it", orphan);
	file_close(&fd);
	file_close(&lock);
	return rc;
}

void
console_image_template_delete_do(struct console *c)
{
	enum store_rc rc = change(c, NULL);

	if (rc != ST_OK) {
		console_store_fail(c, rc, "removing an image template");
		return;
	}
	log_info("console: account=%s deleted image template %" PRIu64, c->account.name, c->id);
	console_go(c, "pictures?said=picture-gone");
}

/* --- the background ---------------------------------------------------------------------- */

static void
ignore(void *ctx, size_t i)
{
	(void)ctx;
	(void)i;
}

/* Opens a new background, from an upload or a URL. Returns -1 with f->why set on failure, and -1
 * with f->why "" when there is none. */
static int
open_source(struct console *c, struct builder_form *f)
{
	struct fetch get = { .url = f->url,
		.limit = SOURCE_CAP,
		.gif_limit = SOURCE_CAP,
		.fd = -1 };
	struct console_upload up;
	const char *why;
	int fd;

	if (!console_upload_take(c, "file", &up, &why)) {
		(void)snprintf(f->why, sizeof f->why, "%s", why);
		return -1;
	}
	if (up.name != NULL) {
		if ((fd = blob_open(&c->app->settings, up.sha)) < 0)
			(void)snprintf(f->why, sizeof f->why,
			    "the file could not be read; try again soon");
		return fd;
	}
	if (f->url[0] == '\0')
		return -1;
	fetch_all(&c->app->settings, &get, 1, ignore, NULL);
	if (get.rc != FETCH_OK) {
		log_info("console: background %.200s: %s", get.path, get.why);
		(void)snprintf(f->why, sizeof f->why, "the background cannot be fetched%s",
		    get.rc == FETCH_TOO_BIG ? ": it is too large" : "");
	}
	return get.fd;
}

/* Counts a blob that was made for the form. Returns false with f->why set if it is one too many;
 * the sweep removes it then. */
static bool
note_blob(struct console *c, struct builder_form *f, const char *sha, uint64_t bytes)
{
	const char *why;

	if (console_upload_note(c, sha, bytes, &why))
		return true;
	(void)snprintf(f->why, sizeof f->why, "%s", why);
	return false;
}

/* Stores a new background, if there is one. */
static void
take_background(struct console *c, struct builder_form *f)
{
	const struct image_tools tools = { c->app->transcoder, &c->app->settings };
	struct image_template it = { .account = c->account.id, .name = "" };
	struct background_source source = { open_source(c, f), false };
	int lock = -1;

	if (source.fd < 0)
		return;
	if (background_make(&tools, &source, &it, &lock, f->why) &&
	    note_blob(c, f, it.sha, it.bytes)) {
		f->background = (struct console_upload){ .type = "image/jpeg",
			.bytes = it.bytes,
			.name = arena_printf(c->arena, "%" PRIu32 "x%" PRIu32, it.width,
			    it.height) };
		memcpy(f->background.sha, it.sha, SHA256_HEX);
		f->url = "";
	}
	file_close(&lock);
	file_close(&source.fd);
}

/* --- preview and saving -------------------------------------------------------------------- */

/* Draws f->it with the defaults of its tags. */
static bool
draw(struct console *c, struct builder_form *f, struct personal_image *p)
{
	const struct settings *s = &c->app->settings;
	const struct image_tools tools = { c->app->transcoder, s };
	const struct personal_image_want want = { .it = &f->it,
		.max_bytes = PREVIEW_BYTES,
		.box = s->class[s->nclass - 1].box };
	const char *why = NULL;

	if (!console_check_allowed(c, &why)) {
		(void)snprintf(f->why, sizeof f->why, "%s", why != NULL ? why : "");
		return false;
	}
	return personal_image_render(&tools, &want, c->arena, p, f->why) == PERSONAL_IMAGE_OK;
}

/* Does the same and stores the result as a blob; sha is "" when that fails. */
static void
draw_blob(struct console *c, struct builder_form *f, char sha[SHA256_HEX])
{
	const struct settings *s = &c->app->settings;
	struct personal_image p;
	uint64_t bytes;
	int fd, lock;

	sha[0] = '\0';
	if (!draw(c, f, &p))
		return;
	fd = blob_temp(s);
	lock = blob_shared(s);
	if (fd < 0 || lock < 0 || file_write(fd, p.p, p.n) != 0 ||
	    blob_store(s, fd, sha, &bytes) != 0) {
		log_error("console: keeping a preview: %m");
		sha[0] = '\0';
	} else if (!note_blob(c, f, sha, bytes)) {
		sha[0] = '\0';
	}
	file_close(&fd);
	file_close(&lock);
}

/* Stores a new image template. Its background was made some time ago, so the sweep may have
 * removed it. */
static enum store_rc
store_new(struct console *c, struct builder_form *f)
{
	const struct settings *s = &c->app->settings;
	int lock = blob_shared(s), fd = -1;
	enum store_rc rc = ST_IO;

	f->it.id = 0;
	if (lock >= 0 && (fd = blob_open(s, f->it.sha)) >= 0 && blob_put(s, fd, f->it.sha) == 0)
		rc = store_image_create(c->app->store, &f->it);
	else
		log_error("console: storing the background of an image template: %m");
	file_close(&fd);
	file_close(&lock);
	return rc;
}

static void
save(struct console *c, struct builder_form *f, bool as_new)
{
	enum store_rc rc = as_new || f->id == 0 ? store_new(c, f) : change(c, &f->it);

	if (rc != ST_OK) {
		console_store_fail(c, rc, "storing an image template");
		return;
	}
	blob_upload_forget(&c->app->settings, c->account.id, f->it.sha);
	log_info("console: account=%s stored image template %" PRIu64, c->account.name, f->it.id);
	console_go(c, "pictures/%" PRIu64 "?said=picture", f->it.id);
}

static void
write_page(struct console *c, struct builder_form *f, bool preview)
{
	char sha[SHA256_HEX] = "";

	if (preview)
		draw_blob(c, f, sha);
	console_open(c, f->id != 0 ? "Image template" : "New image template");
	builder_write(c, f, sha);
	console_close(c);
}

void
console_image_template_new(struct console *c)
{
	struct builder_form *f = builder_new(c);

	if (f == NULL)
		no_memory(c);
	else
		write_page(c, f, false);
}

void
console_image_template(struct console *c)
{
	struct image_template *it = template_in_path(c);
	struct builder_form *f;

	if (it == NULL)
		return;
	if ((f = builder_of(c, it)) == NULL) {
		no_memory(c);
		return;
	}
	write_page(c, f, builder_build(c, f, false));
}

void
console_image_template_do(struct console *c)
{
	const char *button = console_field(c, "do");
	struct builder_form *f = builder_read(c);
	bool fresh, good, saving = strncmp(button, "save", 4) == 0;

	if (f == NULL) {
		no_memory(c);
		return;
	}
	f->id = c->id;
	fresh = f->background.name == NULL;
	take_background(c, f);
	if (fresh && f->background.name != NULL && f->narea == 0 && !f->has_code)
		builder_do(c, f, "add");
	builder_do(c, f, button);
	good = f->why[0] == '\0' && builder_build(c, f, saving);
	if (good && saving) {
		save(c, f, strcmp(button, "save-new") == 0);
		return;
	}
	if (saving)
		c->answer->status = 400;
	write_page(c, f, good);
}

/* Answers the script with the preview itself, or with one line that says what is wrong. */
void
console_image_template_preview(struct console *c)
{
	struct builder_form *f = builder_read(c);
	struct personal_image p;

	if (f == NULL)
		no_memory(c);
	else if (!builder_build(c, f, false) || !draw(c, f, &p))
		answer_plain(c->answer, 400, f->why);
	else {
		c->answer->type = "image/jpeg";
		buf_add(c->out, p.p, p.n);
	}
}
