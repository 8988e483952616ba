/*
 * identify: see identify.h. This is the only file that uses libmagic.
 *
 * libmagic sees at most 64 KB, never looks into archives or compressed data and runs within limits
 * far below its own (savemms-media(7), Formats). The parent loads the database, which it trusts;
 * only a caged child shows it bytes from strangers. A decoder has the last word on every image,
 * sound and film. A file on which libmagic fails counts as unknown and is refused.
 */
#include "transcode/identify.h"

#include <errno.h>
#include <limits.h>
#include <magic.h>
#include <stdbool.h>
#include <strings.h>

#include "base/file.h"
#include "base/log.h"
#include "base/where.h"
#include "transcode/child.h"

enum { MAGIC_HEAD = 65536 }; /* bytes shown to libmagic */

static magic_t loaded; /* NULL: not yet */

/* libmagic's names of formats where they differ from those in media.def (5.44, measured, and its
 * magic files); see savemms-media(7), Formats. */
static const struct {
	const char *mime;
	enum format format;
} aliases[] = {
	{ "audio/mp3", FORMAT_MP3 },
	{ "audio/x-mp3", FORMAT_MP3 },
	{ "audio/wav", FORMAT_WAV },
	{ "audio/vnd.wave", FORMAT_WAV },
	{ "video/x-ms-asf", FORMAT_ASF },
	{ "video/avi", FORMAT_AVI },
	{ "video/mp2p", FORMAT_MPEGPS },
	{ "video/mp2t", FORMAT_MPEGTS },
	{ "video/mpv", FORMAT_MPEGES },
	{ "video/x-m4v", FORMAT_MP4 },
	{ "video/3gpp2", FORMAT_3GP },
	{ "text/x-vcard", FORMAT_VCF },
	{ "text/directory", FORMAT_VCF },
};

enum format
identify_mime(const char *mime)
{
	for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
		if (strcasecmp(aliases[i].mime, mime) == 0)
			return aliases[i].format;
	return format_by_mime(mime);
}

static bool
set_limits(magic_t m)
{
	static const struct {
		int param;
		size_t most;
	} limits[] = {
		{ MAGIC_PARAM_INDIR_MAX, 5 },
		{ MAGIC_PARAM_NAME_MAX, 30 },
		{ MAGIC_PARAM_ELF_PHNUM_MAX, 1 },
		{ MAGIC_PARAM_ELF_SHNUM_MAX, 1 },
		{ MAGIC_PARAM_ELF_NOTES_MAX, 1 },
		{ MAGIC_PARAM_REGEX_MAX, 4096 },
		{ MAGIC_PARAM_BYTES_MAX, MAGIC_HEAD },
	};

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
		if (magic_setparam(m, limits[i].param, &limits[i].most) == -1)
			return false;
	return true;
}

static const char *
error_of(magic_t m)
{
	return magic_error(m) != NULL ? magic_error(m) : "unknown error";
}

void
identify_load(void)
{
	char carried[PATH_MAX]; /* of a bundle; else libmagic's own is used */
	bool own = !where_carried(WHERE_MAGIC, carried, sizeof carried);
	magic_t m;

	if (loaded != NULL)
		return;
	m = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |
	    MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON |
	    MAGIC_NO_CHECK_APPTYPE);
	if (m == NULL) {
		log_error("libmagic cannot be initialized: %m");
		return;
	}
	if (!set_limits(m) || magic_load(m, own ? NULL : carried) == -1) {
		log_error("libmagic cannot be set up: %s", error_of(m));
		magic_close(m);
		return;
	}
	loaded = m;
}

/* Asks libmagic about n bytes. */
static int
ask(const char *head, size_t n, struct transcode_result *res)
{
	const char *mime = magic_buffer(loaded, head, n);

	if (mime == NULL && magic_errno(loaded) == ENOMEM)
		return child_fail(res, TS_BROKEN, "libmagic: %s", error_of(loaded));
	if (mime == NULL)
		log_warn("libmagic: %s", error_of(loaded));
	res->status = TS_OK;
	res->format = mime != NULL ? identify_mime(mime) : FORMAT_NONE;
	return 0;
}

int
identify_run(const struct job_request *j, struct transcode_result *res)
{
	static char head[MAGIC_HEAD];
	ssize_t n;

	if (loaded == NULL)
		return child_fail(res, TS_BROKEN, "libmagic's database was not loaded");
	if ((n = file_pread(j->source, head, sizeof head, 0)) < 0)
		return child_fail(res, TS_BROKEN, "the medium cannot be read: %m");
	return ask(head, (size_t)n, res);
}
