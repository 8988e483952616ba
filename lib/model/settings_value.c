/* settings_value: see settings_value.h */
#include "model/settings_value.h"

#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/list.h"
#include "base/num.h"

static const struct class known[] = {
#define CLASS(name, bytes, side, film_sound, sound, profile) \
	{ name, bytes, side, film_sound, sound, PROFILE_##profile },
#include "model/classes.def"
#undef CLASS
};

/* Sets *c to the class of classes.def with this name. Returns false if there is none. */
static bool
known_class(const char *name, struct class *c)
{
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (strcmp(known[i].name, name) == 0) {
			*c = known[i];
			return true;
		}
	return false;
}

bool
class_name_ok(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n < CLASS_NAME && ascii_only(name, ASCII_UPPER ASCII_DIGITS);
}

unsigned
class_parse(char *text, struct class_parts *out)
{
	char *part[6] = { NULL }, *save = NULL;
	unsigned n = 0;

	while (n < 6 && (part[n] = strtok_r(n == 0 ? text : NULL, ":", &save)) != NULL)
		n++;
	*out = (struct class_parts){ .name = part[0],
		.sound_bps = SOUND_MONO,
		.profile = PROFILE_BASELINE };
	if (n == 1)
		return n;
	if (n == 6)
		out->profile = profile_by_name(part[5]);
	if (n < 4 || !num_u64(part[1], 0, UINT64_MAX, &out->bytes) ||
	    !num_u64(part[2], 0, UINT64_MAX, &out->side) ||
	    !num_u64(part[3], 0, UINT64_MAX, &out->film_bps) ||
	    (n > 4 && !num_u64(part[4], 0, UINT64_MAX, &out->sound_bps)) ||
	    out->profile == PROFILES || strtok_r(NULL, ":", &save) != NULL)
		return 0;
	return n;
}

static bool
within(uint64_t v, uint64_t min, uint64_t max)
{
	return v >= min && v <= max;
}

/* Reads a class of the settings: the name of a class of classes.def, or all parts of a class. */
static bool
read_class(char *item, struct class *c)
{
	struct class_parts p;
	unsigned n = class_parse(item, &p);

	if (n == 1)
		return known_class(p.name, c);
	if (n == 0 || !class_name_ok(p.name) || !within(p.bytes, 10000, 100000000) ||
	    !within(p.side, 96, 16384) || !within(p.film_bps, 8000, 320000) ||
	    !within(p.sound_bps, 4750, 320000))
		return false;
	*c = (struct class){ .bytes = p.bytes,
		.box = (uint32_t)p.side,
		.audio_bps = (uint32_t)p.film_bps,
		.sound_bps = (uint32_t)p.sound_bps,
		.profile = p.profile };
	(void)snprintf(c->name, sizeof c->name, "%s", p.name);
	return true;
}

static bool
has_class(const struct class *c, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(c[i].name, name) == 0)
			return true;
	return false;
}

unsigned
settings_classes(const char *list, struct class out[CLASS_MAX])
{
	char item[80];
	unsigned n = 0;

	while (list_next(&list, item, sizeof item)) {
		if (n == CLASS_MAX || !read_class(item, &out[n]) ||
		    has_class(out, n, out[n].name) || (n > 0 && out[n].bytes < out[n - 1].bytes))
			return 0;
		n++;
	}
	return n;
}

const char *
check_classes(const char *v)
{
	struct class c[CLASS_MAX];

	return settings_classes(v, c) > 0 ?
	    NULL :
	    "1 to 8 of LEGACY, S, M, L, XL, XXL or NAME:MESSAGE-BYTES:LONGEST-SIDE:FILM-SOUND-BITS[:SOUND-BITS[:PROFILE]], smallest first";
}

bool
settings_schedule(const char *list, uint32_t out[RETRY_MAX], unsigned *n)
{
	char item[32];
	uint64_t v;

	for (*n = 0; list_next(&list, item, sizeof item); (*n)++) {
		if (*n == RETRY_MAX || !num_u64(item, 0, 30U * 86400, &v))
			return false;
		out[*n] = (uint32_t)v;
	}
	return true;
}

const char *
check_schedule(const char *v)
{
	uint32_t out[RETRY_MAX];
	unsigned n;

	return settings_schedule(v, out, &n) ? NULL :
					       "up to 20 numbers of seconds, at most 30 days each";
}

const char *
check_ports(const char *v)
{
	char item[32];
	uint64_t port;

	if (strcmp(v, "any") == 0)
		return NULL;
	while (list_next(&v, item, sizeof item))
		if (!num_u64(item, 1, 65535, &port))
			return "port numbers, or any";
	return NULL;
}

const char *
check_routes(const char *v)
{
	return routing_check_routes(v);
}

const char *
check_base_url(const char *v)
{
	size_t n = strlen(v);

	if (n == 0)
		return NULL;
	return check_url(v) == NULL && v[n - 1] != '/' ?
	    NULL :
	    "http://HOST or https://HOST, with no slash at the end";
}

const char *
check_spool_media(const char *v)
{
	return strcmp(v, "refer") == 0 || strcmp(v, "embed") == 0 ? NULL : "refer or embed";
}

const char *
check_log_format(const char *v)
{
	return strcmp(v, "text") == 0 || strcmp(v, "json") == 0 ? NULL : "text or json";
}

const char *
check_answer_type(const char *v)
{
	return strcmp(v, "plain") == 0 || strcmp(v, "xml") == 0 ? NULL : "plain or xml";
}
