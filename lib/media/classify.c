/*
 * classify: see classify.h. This is the only file that uses libmagic.
 *
 * libmagic sees at most 64 KB, never looks into archives or compressed data and runs within limits
 * far below its own (savemms-media(7), Formats), because it reads bytes from strangers in the
 * server's own process. What it says only matters where media_magic() is silent, and a decoder has
 * the last word on every image, sound and film. A file on which it fails counts as unknown and is
 * refused.
 */
#include "media/classify.h"

#include <errno.h>
#include <limits.h>
#include <magic.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <strings.h>

#include "base/file.h"
#include "base/log.h"
#include "base/where.h"
#include "media/media_magic.h"

enum { MAGIC_HEAD = 65536 }; /* bytes shown to libmagic */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static bool have_key;

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
classify_mime(const char *mime)
{
	for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
		if (strcasecmp(aliases[i].mime, mime) == 0)
			return aliases[i].format;
	return format_by_mime(mime);
}

static void
close_handle(void *m)
{
	magic_close(m);
}

static void
make_key(void)
{
	have_key = pthread_key_create(&key, close_handle) == 0;
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

/* Loads the magic file that a bundle carries, else libmagic's own. */
static bool
load(magic_t m)
{
	char carried[PATH_MAX];

	return magic_load(m,
		   where_carried(WHERE_MAGIC, carried, sizeof carried) ? carried : NULL) != -1;
}

/* Returns this thread's libmagic handle, made when first needed; NULL when that fails (logged). */
static magic_t
handle(void)
{
	magic_t m;

	if (pthread_once(&once, make_key) != 0 || !have_key) {
		log_error("libmagic: no thread key");
		return NULL;
	}
	if ((m = pthread_getspecific(key)) != NULL)
		return m;
	m = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR |
	    MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_CDF | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON |
	    MAGIC_NO_CHECK_APPTYPE);
	if (m == NULL) {
		log_error("libmagic: cannot be initialized");
		return NULL;
	}
	if (!set_limits(m) || !load(m) || pthread_setspecific(key, m) != 0) {
		log_error("libmagic: %s",
		    magic_error(m) != NULL ? magic_error(m) : "cannot be set up");
		magic_close(m);
		return NULL;
	}
	return m;
}

bool
classify_ready(void)
{
	return handle() != NULL;
}

/* Asks libmagic about n bytes; *found stays as it is where libmagic fails. Returns false when
 * that is for want of memory. */
static bool
ask_about(magic_t m, const char *head, size_t n, enum format *found)
{
	const char *mime = magic_buffer(m, head, n);

	if (mime != NULL) {
		*found = classify_mime(mime);
		return true;
	}
	log_warn("libmagic: %s", magic_error(m) != NULL ? magic_error(m) : "failed");
	return magic_errno(m) != ENOMEM;
}

static bool
ask_magic(int fd, enum format *found)
{
	magic_t m = handle();
	char *head = m != NULL ? malloc(MAGIC_HEAD) : NULL;
	ssize_t n = head != NULL ? file_pread(fd, head, MAGIC_HEAD, 0) : -1;
	bool looked = n >= 0;

	if (m != NULL && !looked) /* without a handle, handle() has logged the reason */
		log_error("a medium cannot be examined: %m");
	if (n > 0)
		looked = ask_about(m, head, (size_t)n, found);
	free(head);
	return looked;
}

bool
classify_fd(int fd, enum format *found)
{
	*found = media_magic_fd(fd);
	return *found != FORMAT_NONE || ask_magic(fd, found);
}
