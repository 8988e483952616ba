/* media: see media.h. All facts are rows of media.def. */
#include "model/media.h"

#include <string.h>
#include <strings.h>

#include "base/list.h"
#include "model/fold.h"

static const struct kind_row {
	const char *element, *pair;
	enum api_error copy, size;
	const char *code, *mimes, *exts;
} kinds[KIND_COUNT] = {
#define KIND(name, element, pair, limit, copy, size, code, told, mimes, exts) \
	[KIND_##name] = { element, pair, copy, size, code, mimes, exts },
#include "model/media.def"
#undef KIND
};

/* Families are compared as numbers. Each name needs a distinct value, no matter which. */
#define FORMAT(name, kind, family, mime, exts, demuxer) FAMILY_OF_##name = FORMAT_##family,
enum family {
#include "model/media.def"
};
#undef FORMAT

static const struct format_row {
	const char *name;
	enum kind kind;
	int family;
	const char *mime, *exts, *demuxer;
} formats[FORMAT_COUNT] = {
	[FORMAT_NONE] = { "none", KIND_COUNT, FORMAT_NONE, "application/octet-stream", "bin",
	    NULL },
#define FORMAT(name, kind, family, mime, exts, demuxer) \
	[FORMAT_##name] = { #name, KIND_##kind, FAMILY_OF_##name, mime, exts, demuxer },
#include "model/media.def"
#undef FORMAT
};

const char *
kind_element(enum kind k)
{
	return kinds[k].element;
}

const char *
kind_pair(enum kind k)
{
	return kinds[k].pair;
}

int
kind_by_element(const char *name)
{
	if (fold_same(name, "CONTACT"))
		return KIND_VCARD;
	if (fold_same(name, "CALENDAR"))
		return KIND_ICAL;
	for (int k = 0; k < KIND_COUNT; k++)
		if (fold_same(name, kinds[k].element))
			return k;
	return -1;
}

bool
kind_is_object(enum kind k)
{
	return k == KIND_VCARD || k == KIND_ICAL || k == KIND_PDF;
}

bool
kind_is_av(enum kind k)
{
	return k == KIND_AUDIO || k == KIND_VIDEO;
}

enum api_error
kind_copy_error(enum kind k)
{
	return kinds[k].copy;
}

enum api_error
kind_size_error(enum kind k)
{
	return kinds[k].size;
}

const char *
kind_postback_code(enum kind k)
{
	return kinds[k].code;
}

bool
kind_allows_mime(enum kind k, const char *mime)
{
	return list_has(kinds[k].mimes, mime);
}

bool
kind_allows_ext(enum kind k, const char *ext)
{
	return list_has(kinds[k].exts, ext);
}

const char *
format_name(enum format f)
{
	return formats[f].name;
}

enum format
format_by_name(const char *name)
{
	for (int f = 1; f < FORMAT_COUNT; f++)
		if (strcmp(formats[f].name, name) == 0)
			return (enum format)f;
	return FORMAT_NONE;
}

enum kind
format_kind(enum format f)
{
	return formats[f].kind;
}

const char *
format_mime(enum format f)
{
	return formats[f].mime;
}

const char *
format_ext(enum format f)
{
	static const char *const usual[FORMAT_COUNT] = {
		[FORMAT_NONE] = "bin",
		[FORMAT_JPEG] = "jpg",
		[FORMAT_MPEGPS] = "mpg",
		[FORMAT_MPEGES] = "mpg",
		[FORMAT_MPEGTS] = "mpg",
		[FORMAT_VCF] = "vcf",
		[FORMAT_ICS] = "ics",
	};

	return usual[f] != NULL ? usual[f] : formats[f].exts; /* the others have one */
}

const char *
format_demuxer(enum format f)
{
	return formats[f].demuxer;
}

bool
format_has_ext(enum format f, const char *ext)
{
	for (int g = 1; f != FORMAT_NONE && g < FORMAT_COUNT; g++)
		if (formats[g].family == formats[f].family && list_has(formats[g].exts, ext))
			return true;
	return false;
}

enum format
format_by_mime(const char *mime)
{
	for (int f = 1; f < FORMAT_COUNT; f++)
		if (strcasecmp(formats[f].mime, mime) == 0)
			return (enum format)f;
	return FORMAT_NONE;
}

enum profile
profile_by_name(const char *name)
{
	static const char
	    *const names[PROFILES] = { [PROFILE_BASELINE] = "baseline", [PROFILE_MAIN] = "main" };
	unsigned p = 0;

	while (p < PROFILES && strcmp(names[p], name) != 0)
		p++;
	return (enum profile)p;
}

enum format
sound_format(uint32_t bps)
{
	return bps <= SOUND_SPEECH ? FORMAT_AMR : FORMAT_MP3;
}
