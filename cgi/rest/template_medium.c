/* template_medium: a medium of a template, /api/v2/templates/ID/media/SLIDE/KIND. See
 * savemms-api-rest(7), Media. */
#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "base/num.h"
#include "cgi/action.h"
#include "cgi/api/mmsid.h"
#include "cgi/call.h"
#include "cgi/public/media_file.h"
#include "cgi/rest/rest.h"

enum { FILE_NAME = 64 };

/* Returns the medium that the path names, or NULL. */
static const struct medium *
find(const struct rest *r, const struct template *t)
{
	const struct slide *s;
	uint64_t slide;
	int kind = kind_by_element(r->part[2]);

	if (kind < 0 || !num_u64(r->part[1], 1, t->nslide, &slide))
		return NULL;
	s = &t->slide[slide - 1];
	for (size_t i = 0; i < s->nmedium; i++)
		if ((int)s->medium[i].kind == kind && s->medium[i].sha[0] != '\0')
			return &s->medium[i];
	return NULL;
}

static bool
none(struct rest *r)
{
	return rest_fail(r, E241, 404, NULL);
}

bool
rest_medium(struct rest *r)
{
	struct call *c = &r->call;
	const char *class = rest_parameter(r, "class"), *sha;
	const struct rendition *made = NULL;
	const struct medium *m;
	struct template *t;
	char name[FILE_NAME];
	enum format f;

	c->request->mmsid = r->part[0];
	if (!action_may(c, "getMMSIDDetails") || (t = mmsid_template(c)) == NULL)
		return false;
	if ((m = find(r, t)) == NULL ||
	    (class != NULL && (made = medium_rendition(m, class)) == NULL))
		return none(r);
	sha = made != NULL ? made->sha : m->sha;
	f = made != NULL ? made->format : m->format;
	(void)snprintf(name, sizeof name, "%.12s.%s", sha, format_ext(f));
	if (answer_medium(c->answer, &c->app->settings, sha, f, name))
		return true;
	if (errno == ENOENT) /* deleted meanwhile */
		return none(r);
	log_error("blob %s cannot be read: %m", sha);
	return call_fail(c, E503);
}
