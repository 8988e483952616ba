/* settings_value: see settings_value.h */
#include "model/settings_value.h"

#include <stdio.h>
#include <string.h>

#include "base/list.h"
#include "base/num.h"
#include "model/media.h"

static const struct class known[] = {
#define CLASS(name, bytes, side, film_sound, sound, profile) { name, bytes, side, film_sound, sound, PROFILE_##profile },
#include "model/classes.def"
#undef CLASS
};

/* A name alone stands for the class of that name. */
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

/* Reads "NAME" or "NAME:BYTES:SIDE:FILM-SOUND[:SOUND[:PROFILE]]"; without the last, sound is mono and
 * films are baseline. */
static bool
read_class(char *item, struct class *c)
{
	uint64_t bytes, box, film, sound = SOUND_MONO;
	char *part[6] = { NULL }, *save = NULL;
	enum profile profile;

	for (int i = 0; i < 6; i++)
		part[i] = strtok_r(i == 0 ? item : NULL, ":", &save);
	profile = part[5] != NULL ? profile_by_name(part[5]) : PROFILE_BASELINE;
	if (part[0] != NULL && part[1] == NULL)
		return known_class(part[0], c);
	if (part[3] == NULL || !class_name_ok(part[0]) || !num_u64(part[1], 10000, 100000000, &bytes) ||
	    !num_u64(part[2], 96, 16384, &box) || !num_u64(part[3], 8000, 320000, &film) ||
	    (part[4] != NULL && !num_u64(part[4], 8000, 320000, &sound)) ||
	    profile == PROFILES || strtok_r(NULL, ":", &save) != NULL)
		return false;
	*c = (struct class){ .bytes = bytes, .box = (uint32_t)box, .audio_bps = (uint32_t)film, .sound_bps = (uint32_t)sound,
		.profile = profile };
	(void)snprintf(c->name, sizeof c->name, "%s", part[0]);
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
		if (n == CLASS_MAX || !read_class(item, &out[n]) || has_class(out, n, out[n].name) ||
		    (n > 0 && out[n].bytes < out[n - 1].bytes))
			return 0;
		n++;
	}
	return n;
}

const char *
check_classes(const char *v)
{
	struct class c[CLASS_MAX];

	return settings_classes(v, c) > 0 ? NULL :
	    "1 to 8 of S, M, L, XL, XXL or NAME:MESSAGE-BYTES:LONGEST-SIDE:FILM-SOUND-BITS[:SOUND-BITS[:PROFILE]], smallest first";
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

	return settings_schedule(v, out, &n) ? NULL : "up to 20 numbers of seconds, at most 30 days each";
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
	return check_url(v) == NULL && v[n - 1] != '/' ? NULL : "http://HOST or https://HOST, with no slash at the end";
}

const char *
check_spool_media(const char *v)
{
	return strcmp(v, "refer") == 0 || strcmp(v, "embed") == 0 ? NULL : "refer or embed";
}
