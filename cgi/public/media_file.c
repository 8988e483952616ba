/*
 * media_file: serves sources and renditions by URL, /media/<sha256>.<ext>, as long as a template
 * or an image template refers to them.
 *
 * The name of a blob is its SHA-256: whoever knows it has seen the content or was given the
 * URL. Nothing is run or shown as a page, because of nosniff and a sandbox policy, and objects
 * are sent as downloads (savemms-media(7), Objects).
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "cgi/app.h"
#include "cgi/public/media_file.h"

/* The document that a browser makes of a medium opened alone may contain this medium and nothing
 * else, least of all scripts. A player in it requests the medium once more, and gets it only
 * from its own origin (Chromium 156: a sandbox without an origin plays nothing). */
#define MEDIUM_POLICY                                                                     \
	"Content-Security-Policy: default-src 'none'; img-src 'self'; media-src 'self'; " \
	"style-src 'unsafe-inline'; sandbox%s\r\n"

/* Splits "/<sha256>.<ext>" into the blob's name and its extension. Returns false for any other
 * path. */
static bool
parse_path(const char *below, char sha[SHA256_HEX], char ext[16])
{
	size_t n = strlen(below);

	if (n < 67 || n > 67 + 10 || below[0] != '/' || below[65] != '.')
		return false;
	(void)snprintf(sha, SHA256_HEX, "%.64s", below + 1);
	(void)snprintf(ext, 16, "%s", below + 66);
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

void
answer_medium_headers(struct answer *answer, enum format f, const char *etag, const char *name)
{
	answer->type = format_mime(f);
	answer->cache = "private, no-cache";
	(void)snprintf(answer->etag, sizeof answer->etag, "%s", etag);
	buf_printf(&answer->headers, MEDIUM_POLICY "Content-Disposition: %s; filename=\"%s\"\r\n",
	    kind_is_av(format_kind(f)) ? " allow-same-origin" : "",
	    kind_is_object(format_kind(f)) ? "attachment" : "inline", name);
}

bool
answer_medium(struct answer *answer, const struct settings *s, const char *sha, enum format f,
    const char *name)
{
	if ((answer->fd = blob_open(s, sha)) < 0)
		return false;
	answer_medium_headers(answer, f, sha, name);
	return true;
}

void
media_file(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer)
{
	char sha[SHA256_HEX], ext[16], name[32];
	enum format f = parse_path(below, sha, ext) ? format_of(ext) : FORMAT_NONE;
	enum store_rc rc = ST_OK;
	uint64_t refs = 0;

	(void)a;
	(void)snprintf(name, sizeof name, "%.12s.%s", f != FORMAT_NONE ? sha : "",
	    f != FORMAT_NONE ? ext : "");
	if (f != FORMAT_NONE)
		rc = store_blob_refs(app->store, sha, &refs);
	if (rc != ST_OK) {
		log_error("reading the references to a blob: %s", store_rc_text(rc));
		buf_adds(&answer->headers, "Retry-After: 5\r\n");
		answer_plain(answer, 503, "Temporarily unavailable; try again later.");
	} else if (refs == 0 || (http->method != METHOD_GET && http->method != METHOD_HEAD) ||
	    !answer_medium(answer, &app->settings, sha, f, name)) {
		answer_plain(answer, 404, "There is no such medium.");
	}
}
