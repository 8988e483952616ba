/*
 * media_file: serves sources and renditions by URL, /media/<sha256>.<ext>, as long as a template
 * or an image template refers to them, or somebody works on them in the console: what was uploaded
 * or drawn there has a note for an hour after its last use (blob_upload.h).
 *
 * The name of a blob is its SHA-256: whoever knows it has seen the content or was given the
 * URL. Nothing is run or shown as a page, because of nosniff and a sandbox policy, and objects
 * are sent as downloads (savemms-media(7), Objects).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "blob/blob_upload.h"
#include "cgi/app.h"
#include "cgi/public/media_file.h"
#include "media/classify.h"

/* The document that a browser makes of a medium opened alone may contain this medium and nothing
 * else, least of all scripts. A player in it requests the medium once more, and gets it only
 * from its own origin (Chromium 156: a sandbox without an origin plays nothing). */
#define MEDIUM_POLICY                                                                     \
	"Content-Security-Policy: default-src 'none'; img-src 'self'; media-src 'self'; " \
	"style-src 'unsafe-inline'; sandbox%s\r\n"

static bool
known_ext(const char *ext)
{
	for (int f = 1; f < FORMAT_COUNT; f++)
		if (strcmp(format_ext((enum format)f), ext) == 0)
			return true;
	return false;
}

/* Takes the blob's name out of "/<sha256>.<ext>". Returns false for any other path. */
static bool
parse_path(const char *below, char sha[SHA256_HEX])
{
	size_t n = strlen(below);

	if (n < 67 || n > 67 + 10 || below[0] != '/' || below[65] != '.')
		return false;
	(void)snprintf(sha, SHA256_HEX, "%.64s", below + 1);
	return crypt_is_sha256_hex(sha) && known_ext(below + 66);
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

/* Makes the answer the blob, with the type that its bytes have: the extension in the URL is
 * whatever somebody wrote there. Our own rules know all that savemms makes and nearly all that it
 * takes, so the transcoder is rarely asked. Returns 200, 404, or 503 when the blob is there but
 * cannot be read or examined. */
static int
serve(struct app *app, const char *sha, struct answer *answer)
{
	const struct classify_by by = { app->transcoder, &app->settings, 0 };
	int fd = blob_open(&app->settings, sha);
	enum format f;
	char name[32];
	bool looked;

	if (fd < 0 && errno == ENOENT)
		return 404;
	if (fd < 0) {
		log_error("blob %s cannot be read: %m", sha);
		return 503;
	}
	looked = classify_fd(&by, fd, &f);
	if (f == FORMAT_NONE) {
		file_close(&fd);
		return looked ? 404 : 503;
	}
	(void)snprintf(name, sizeof name, "%.12s.%s", sha, format_ext(f));
	answer->fd = fd;
	answer_medium_headers(answer, f, sha, name);
	return 200;
}

/* Tells by 200, 404 or 503 whether a blob that nothing refers to is shown in the console. Any other
 * waits for the sweep only. */
static int
in_console(const struct settings *s, const char *sha)
{
	int noted = blob_upload_noted(s, sha);

	if (noted >= 0)
		return noted > 0 ? 200 : 404;
	log_error("looking for the note of an upload: %m");
	return 503;
}

/* Tells by 200, 404 or 503 whether the blob may be served. */
static int
may_serve(struct app *app, const char *sha)
{
	uint64_t refs;
	enum store_rc rc = store_blob_refs(app->store, sha, &refs);

	if (rc == ST_OK)
		return refs > 0 ? 200 : in_console(&app->settings, sha);
	log_error("reading the references to a blob: %s", store_rc_text(rc));
	return 503;
}

void
media_file(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer)
{
	char sha[SHA256_HEX];
	int status = 404;

	(void)a;
	if ((http->method == METHOD_GET || http->method == METHOD_HEAD) && parse_path(below, sha))
		status = may_serve(app, sha);
	if (status == 200)
		status = serve(app, sha, answer);
	if (status == 404)
		answer_plain(answer, 404, "There is no such medium.");
	else if (status == 503) {
		buf_adds(&answer->headers, "Retry-After: 5\r\n");
		answer_plain(answer, 503, "Temporarily unavailable; try again later.");
	}
}
