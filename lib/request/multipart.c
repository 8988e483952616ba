/* multipart: the part of pairs.h that reads multipart/form-data (RFC 7578). A body
 * without its closing boundary is refused. */
#include "request/pairs.h"

#include <string.h>

#include "base/arena.h"
#include "request/mime_read.h"

/* Sets the file name and Content-Type of a pair whose part is a file. Returns false when memory
 * is short. */
static bool
add_file(struct arena *a, const struct mime_part *part, const char *field, struct pair *pr)
{
	char file[512], type[128];

	pr->file = pr->type = NULL;
	if (!mime_parameter(field, strlen(field), "filename", file, sizeof file))
		return true;
	if (!mime_field(part, "Content-Type", type, sizeof type))
		type[0] = '\0';
	pr->file = arena_strdup(a, file);
	pr->type = arena_strdup(a, type);
	return pr->file != NULL && pr->type != NULL;
}

static bool
add_part(struct arena *a, const struct mime_part *part, struct pairs *out)
{
	struct pair *pr = &out->v[out->n];
	char field[1024], name[256];

	if (out->n == PAIRS_MAX)
		return false;
	if (!mime_field(part, "Content-Disposition", field, sizeof field) ||
	    !mime_parameter(field, strlen(field), "name", name, sizeof name))
		return true; /* a part without a name belongs to no field */
	pr->len = part->nbody;
	pr->name = arena_strdup(a, name);
	pr->value = arena_memdup(a, part->body, pr->len);
	out->n++;
	return pr->name != NULL && pr->value != NULL && add_file(a, part, field, pr);
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
