/* upload: see upload.h */
#include "cgi/console/upload.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "blob/blob_upload.h"
#include "cgi/start_helper.h"
#include "media/type_rules.h"
#include "model/media.h"
#include "model/text.h"

/* Replaces characters that could be misread in a URL or a path by '_'. If the name is too long,
 * its end is kept, which has the extension. */
static const char *
clean_name(struct console *c, const char *file)
{
	const char *base = strrchr(file, '/') != NULL ? strrchr(file, '/') + 1 : file;
	char *name, *w;

	if (!text_valid(base, strlen(base)))
		base = "file";
	while (strlen(base) >= UPLOAD_NAME)
		for (base++; ((unsigned char)*base & 0xc0) == 0x80; base++)
			;
	if ((name = arena_strdup(c->arena, base)) == NULL)
		return NULL;
	for (w = name; *w != '\0'; w++)
		if ((unsigned char)*w < ' ' || strchr("\"#%&'<>?\\\177", *w) != NULL)
			*w = '_';
	return name;
}

/* Returns the type if a slide may have such a medium, else application/octet-stream. Browsers go
 * by the extension and name many types; any other type is left to the bytes, which must then
 * match the extension (savemms-api(7), Media types). */
static const char *
clean_type(struct console *c, const char *type)
{
	char mime[TYPERULE_MIME];

	type_rule_mime(type, mime);
	for (int k = 0; k < KIND_COUNT; k++)
		if (kind_allows_mime((enum kind)k, mime))
			return arena_strdup(c->arena, mime);
	return "application/octet-stream";
}

bool
console_upload_note(struct console *c, const char *sha, uint64_t bytes, const char **why)
{
	const struct settings *s = &c->app->settings;

	if (blob_upload_note(s, c->account.id, sha, bytes, s->console_keep_kb * 1024) == 0)
		return true;
	if (errno == EDQUOT) {
		log_warn("console: account=%s has uploaded as much as it may", c->account.name);
		*why =
		    "You have uploaded too much within an hour. Save what you have, or try again "
		    "later.";
		start_helper(s); /* it removes what has expired */
		return false;
	}
	log_error("console: noting an upload: %m");
	*why = "A file could not be stored. Try again soon.";
	return false;
}

static bool
keep(struct console *c, const struct pair *p, struct console_upload *out, const char **why)
{
	const struct settings *s = &c->app->settings;
	int fd, lock;
	bool ok;

	*why = "A file could not be stored. Try again soon.";

	if (file_disk_free(s->dir) < (s->reserve_mb << 20) + p->len) {
		log_error("console: disk space is low; an upload was refused");
		return false;
	}
	crypt_sha256_hex(p->value, p->len, out->sha);
	if (!console_upload_note(c, out->sha, p->len, why))
		return false;
	if ((fd = blob_temp(s)) < 0 || (lock = blob_shared(s)) < 0) {
		log_error("console: keeping an upload: %m");
		file_close(&fd);
		return false;
	}
	ok = file_write(fd, p->value, p->len) == 0 && blob_store(s, fd, out->sha, &out->bytes) == 0;
	if (!ok)
		log_error("console: keeping an upload: %m");
	file_close(&fd);
	file_close(&lock);
	return ok;
}

bool
console_upload_take(struct console *c, const char *field, struct console_upload *out,
    const char **why)
{
	const struct pair *p = console_pair(c, field);

	memset(out, 0, sizeof *out);
	/* a file field that was left empty sends a file without name and bytes */
	if (p == NULL || p->file == NULL || (p->file[0] == '\0' && p->len == 0))
		return true;
	if (!keep(c, p, out, why))
		return false;
	out->type = clean_type(c, p->type);
	out->name = clean_name(c, p->file);
	log_info("console: account=%s uploaded %zu bytes", c->account.name, p->len);
	return out->type != NULL && out->name != NULL;
}

/* --- tickets: "MAC purpose sha type name" -------------------------------------------------- */

static void
sign(struct console *c, const char *what, char out[SHA256_HEX])
{
	unsigned char mac[SHA256_BYTES];

	crypt_hmac_sha256(c->session, strlen(c->session), what, strlen(what), mac);
	crypt_digest_hex(mac, out);
}

const char *
console_upload_ticket(struct console *c, const char *purpose, const struct console_upload *u)
{
	const char *what = arena_printf(c->arena, "%s %s %s %s", purpose, u->sha, u->type, u->name);
	char mac[SHA256_HEX];

	if (what == NULL)
		return NULL;
	sign(c, what, mac);
	return arena_printf(c->arena, "%s %s", mac, what);
}

void
console_upload_find(struct console *c, const char *purpose, const char *ticket,
    struct console_upload *out)
{
	char mac[SHA256_HEX], *what = arena_strdup(c->arena, ticket), *sha, *type, *name;
	const size_t n = strlen(purpose);
	int fd;

	memset(out, 0, sizeof *out);
	if (what == NULL || strlen(what) < SHA256_HEX || (what += SHA256_HEX, what[-1] != ' '))
		return;
	what[-1] = '\0';
	sign(c, what, mac);
	if (!crypt_equal(mac, what - SHA256_HEX) || strncmp(what, purpose, n) != 0 ||
	    *(sha = what + n) != ' ' || (type = strchr(sha + 1, ' ')) == NULL ||
	    (name = strchr(type + 1, ' ')) == NULL)
		return;
	*type++ = *name++ = '\0';
	(void)snprintf(out->sha, sizeof out->sha, "%s", sha + 1);
	if ((fd = blob_open(&c->app->settings, out->sha)) < 0)
		return;
	out->bytes = (uint64_t)file_size(fd);
	file_close(&fd);
	blob_upload_use(&c->app->settings, c->account.id, out->sha);
	out->type = type;
	out->name = name;
}
