/*
 * media: the kinds of media a slide may hold and the file formats of each.
 */
#ifndef SM_MEDIA_H
#define SM_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

#include "model/error.h"

enum kind {
#define KIND(name, ...) KIND_##name,
#include "model/media.def"
#undef KIND
	KIND_COUNT
};

enum format {
	FORMAT_NONE, /* not a format we know */
#define FORMAT(name, ...) FORMAT_##name,
#include "model/media.def"
#undef FORMAT
	FORMAT_COUNT
};

/* What of H.264 a class plays: Constrained Baseline at level 3.0, Main at level 3.1. */
enum profile { PROFILE_BASELINE, PROFILE_MAIN, PROFILES };
enum profile profile_by_name(const char *name); /* "baseline", "main"; PROFILES for any other */

enum { SOUND_MONO = 64000 }; /* most bits a second that mono sound gets as MP3 (MEDIA.md 2.4) */

/* The element of a slide that holds this kind ("IMAGE"), also its name in
 * records, and the pair form's name ("image"). */
const char *kind_element(enum kind k);
const char *kind_pair(enum kind k);

/* The kind of an element name or its alias (CONTACT, CALENDAR), any case; -1
 * when it is none. */
int kind_by_element(const char *name);

bool kind_is_object(enum kind k); /* contact, calendar, PDF: never changed */
bool kind_is_av(enum kind k);     /* audio, video: encoded by the helper */

enum api_error kind_copy_error(enum kind k); /* E351.. */
enum api_error kind_size_error(enum kind k); /* E331.. */

/* The code and element of an encoding postback for a failed medium of this
 * kind (SPEC 3.7); NULL for objects. */
const char *kind_postback_code(enum kind k);
const char *kind_postback_element(enum kind k);

/* Is mime (lower case, no parameters) or ext (lower case, no dot) one that
 * SPEC 3.3 lists for the kind? */
bool kind_allows_mime(enum kind k, const char *mime);
bool kind_allows_ext(enum kind k, const char *ext);

const char *format_name(enum format f);       /* "JPEG", in records and logs */
enum format format_by_name(const char *name); /* FORMAT_NONE when unknown */
enum kind format_kind(enum format f);         /* f must not be FORMAT_NONE */
const char *format_mime(enum format f);
const char *format_ext(enum format f);     /* the usual extension, "jpg" */
const char *format_demuxer(enum format f); /* libavformat's, NULL if not audio/video */

/* Would a file named *.ext (lower case, no dot) be of format f or a sibling in
 * its family? */
bool format_has_ext(enum format f, const char *ext);

/* The format whose MIME type (the one format_mime() gives) this is, the first
 * of several; FORMAT_NONE when there is none. */
enum format format_by_mime(const char *mime);

#endif
