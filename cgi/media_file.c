/*
 * media_file: renditions by URL, /media/<sha256>.<ext>.
 *
 * The name of a blob is its SHA-256: who knows it has seen the content or was
 * given the URL. Nothing is run or shown as a page: nosniff, a sandbox policy,
 * and objects as downloads (MEDIA.md 2.6).
 */
#include <stdio.h>
#include <string.h>

#include "app.h"
#include "blob.h"
#include "file.h"

/* The blob's name and extension out of the path; false when it is no such. */
static bool
parse_path(const char *uri, char sha[SHA256_HEX], char ext[16])
{
	/* a query may hold a medium's URL: only the path's last two parts count */
	const char *end = uri + strcspn(uri, "?#"), *at = memrchr(uri, '/', (size_t)(end - uri));
	static const char folder[] = "/media";
	size_t n;

	if (at == NULL || (size_t)(at - uri) < strlen(folder) || memcmp(at - strlen(folder), folder, strlen(folder)) != 0)
		return false;
	n = (size_t)(end - ++at);
	if (n < 66 || n > 66 + 10 || at[64] != '.')
		return false;
	(void)snprintf(sha, SHA256_HEX, "%.64s", at);
	(void)snprintf(ext, 16, "%.*s", (int)(n - 65), at + 65);
	return crypt_is_sha256_hex(sha);
}

static enum format
format_of(const char *ext)
{
	for (int f = 1; f < FORMAT_COUNT; f++)
		if (strcmp(format_ext((enum format)f), ext) == 0)
			return (enum format)f;
	return FORMAT_NONE;
}

static void
not_found(struct answer *answer)
{
	answer->status = 404;
	answer->type = "text/plain; charset=utf-8";
	buf_adds(&answer->body, "There is no such medium here.\n");
}

bool
media_file(struct app *app, const struct http *http, struct answer *answer)
{
	char sha[SHA256_HEX], ext[16];
	const char *tag;
	enum format f;

	if (!parse_path(http->uri, sha, ext))
		return false;
	f = format_of(ext);
	if (f == FORMAT_NONE || (http->method != METHOD_GET && http->method != METHOD_HEAD) ||
	    (answer->fd = blob_open(&app->settings, sha)) < 0) {
		not_found(answer);
		return true;
	}
	answer->type = format_mime(f);
	buf_printf(&answer->headers, "ETag: \"%s\"\r\nCache-Control: private, no-cache\r\n"
	    "Content-Security-Policy: default-src 'none'; sandbox\r\nContent-Disposition: %s; filename=\"%.12s.%s\"\r\n",
	    sha, kind_is_object(format_kind(f)) ? "attachment" : "inline", sha, ext);
	tag = http->param(http->ctx, "HTTP_IF_NONE_MATCH");
	if (tag != NULL && strstr(tag, sha) != NULL) {
		answer->status = 304;
		file_close(&answer->fd);
	}
	return true;
}

const char *
media_url(const struct call *c, const char *sha, enum format f)
{
	const char *base = c->app->settings.base_url;

	if (base[0] == '\0')
		base = http_origin(c->http, c->arena);
	return arena_printf(c->arena, "%s/media/%s.%s", base != NULL ? base : "", sha, format_ext(f));
}
