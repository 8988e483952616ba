/* multipart: the part of pairs.h that reads multipart/form-data (RFC 7578). A body
 * without its closing boundary is refused. */
#include "request/pairs.h"

#include <string.h>

#include "base/arena.h"
#include "request/charset.h"
#include "request/mime_read.h"

/* Sets the charset and the Content-Type of a pair, and its file name if its part is a file. Returns
 * false when memory is short. */
static bool
add_type(struct arena *a, const struct mime_part *part, const char *field, struct pair *pr)
{
	char file[512], type[256], charset[CHARSET_NAME];

	if (!mime_field(part, "Content-Type", type, sizeof type))
		type[0] = '\0';
	if (!mime_parameter(type, strlen(type), "charset", charset, sizeof charset))
		charset[0] = '\0';
	pr->charset = arena_strdup(a, charset);
	pr->type = arena_strdup(a, type);
	pr->file = NULL;
	if (!mime_parameter(field, strlen(field), "filename", file, sizeof file))
		return pr->charset != NULL && pr->type != NULL;
	pr->file = arena_strdup(a, file);
	return pr->charset != NULL && pr->file != NULL && pr->type != NULL;
}

static bool
add_part(struct arena *a, const struct mime_part *part, struct pairs *out)
{
	struct pair *pr = &out->v[out->n];
	char field[1024], name[256];

	if (out->n == PAIRS_MAX)
		return false;
	if (!mime_field(part, "Content-Disposition", field, sizeof field) ||
	    !mime_parameter(field, strlen(field), "name", name, sizeof name)) {
		out->unnamed++; /* it belongs to no field */
		return true;
	}
	pr->len = part->nbody;
	pr->name = arena_strdup(a, name);
	pr->value = arena_memdup(a, part->body, pr->len);
	out->n++;
	return pr->name != NULL && pr->value != NULL && add_type(a, part, field, pr);
}

bool
pairs_from_multipart(struct arena *a, const char *content_type, const char *p, size_t n,
    struct pairs *out)
{
	struct mime_parts parts;
	struct mime_part part;
	int more;

	if (out->v == NULL && (out->v = arena_array(a, PAIRS_MAX, sizeof *out->v)) == NULL)
		return false;
	if (!mime_open(&parts, content_type, p, n))
		return false;
	while ((more = mime_next(&parts, &part)) > 0)
		if (!add_part(a, &part, out))
			return false;
	return more == 0;
}
