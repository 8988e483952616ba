/*
 * media: the kinds of media a slide may hold and the file formats of each.
 */
#ifndef SM_MEDIA_H
#define SM_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

enum kind {
#define KIND(name, ...) KIND_##name,
#include "model/media.def"
#undef KIND
	KIND_COUNT
};

enum format {
	FORMAT_NONE, /* none that this program knows */
#define FORMAT(name, ...) FORMAT_##name,
#include "model/media.def"
#undef FORMAT
	FORMAT_COUNT
};

/* The profile of H.264 that a class plays: Constrained Baseline at level 3.0, Main at level
 * 3.1. */
enum profile { PROFILE_BASELINE, PROFILE_MAIN, PROFILES };

/* Returns the profile named "baseline" or "main", and PROFILES for any other name. */
enum profile profile_by_name(const char *name);

enum {
	SOUND_MONO = 64000, /* most bits a second of mono sound as MP3 (savemms-media(7), Sound) */
	SOUND_SPEECH = 12200, /* the highest mode of AMR-NB (3GPP TS 26.071) */
};

/* Returns the format of sound alone in a class that allows it this many bits a second: FORMAT_AMR
 * up to SOUND_SPEECH, else FORMAT_MP3. */
enum format sound_format(uint32_t bps);

/* These return the element of a slide that holds this kind ("IMAGE"), which is also its name
 * in records, and its name in the pair form ("image"). */
const char *kind_element(enum kind k);
const char *kind_pair(enum kind k);

/* Returns the kind of an element, by its name or its alias (CONTACT, CALENDAR), compared folded
 * (fold.h), or -1 for another name. */
int kind_by_element(const char *name);

bool kind_is_object(enum kind k); /* contact, calendar, PDF: never changed */
bool kind_is_av(enum kind k);     /* audio, video: the helper encodes them */

enum api_error kind_copy_error(enum kind k); /* E351.. */
enum api_error kind_size_error(enum kind k); /* E331.. */

/* Returns the code of the postback for a medium of this kind that could not be encoded
 * (savemms-api(7), Postbacks), or NULL for objects. */
const char *kind_postback_code(enum kind k);

/* These return true if mime (lower case, no parameters) or ext (lower case, no dot) is allowed
 * for the kind (savemms-api(7), Media types). */
bool kind_allows_mime(enum kind k, const char *mime);
bool kind_allows_ext(enum kind k, const char *ext);

const char *format_name(enum format f);       /* "JPEG", in records and logs */
enum format format_by_name(const char *name); /* FORMAT_NONE when unknown */
enum kind format_kind(enum format f);         /* f must not be FORMAT_NONE */
const char *format_mime(enum format f);
const char *format_ext(enum format f);     /* the usual extension, "jpg" */
const char *format_demuxer(enum format f); /* of libavformat; NULL if not audio or video */

/* Returns true if a file named *.ext (lower case, no dot) may be of format f or another format
 * of its family. */
bool format_has_ext(enum format f, const char *ext);

/* Returns the first format for which format_mime() returns this MIME type, in any case, or
 * FORMAT_NONE when there is none. */
enum format format_by_mime(const char *mime);

#endif
