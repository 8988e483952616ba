/*
 * image_render: draws an image template with given values, as it would go out.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "admin/cmd.h"
#include "admin/data.h"
#include "admin/image_admin.h"
#include "admin/owner.h"
#include "admin/say.h"
#include "base/arena.h"
#include "base/file.h"
#include "media/budget.h"
#include "model/message.h"
#include "personal/personal_image.h"

/* Returns the class that --class names, or the largest. On failure prints why and returns NULL. */
static const struct class *
find_class(const struct admin *ad)
{
	const char *name = ad->opt[OPT_CLASS];

	if (name == NULL)
		return &ad->s.class[ad->s.nclass - 1];
	for (unsigned i = 0; i < ad->s.nclass; i++)
		if (strcmp(ad->s.class[i].name, name) == 0)
			return &ad->s.class[i];
	(void)fail("there is no class '%s': classes in savemms.conf lists them", name);
	return NULL;
}

static int
render(struct admin *ad, const struct personal_image_want *want, const char *to)
{
	struct transcoder *t = image_transcoder(ad);
	const struct image_tools tools = { t, &ad->s };
	struct personal_image p;
	char why[TRANSCODE_WHY], path[INSTANCE_PATH];
	enum personal_image_rc rc;

	/* replacing a file needs its folder */
	(void)snprintf(path, sizeof path, "%s%s", strchr(to, '/') == NULL ? "./" : "", to);
	if (t == NULL)
		return NOT_DONE;
	rc = personal_image_render(&tools, want, ad->a, &p, why);
	transcoder_free(&t);
	if (rc != PERSONAL_IMAGE_OK)
		return fail("the image cannot be made: %s", why);
	if (file_replace(path, p.p, p.n) != 0)
		return fail("%s: %s%s", to, strerror(errno), owner_note(ad->as_owner));
	(void)printf("%ux%u pixels, %zu bytes\n", (unsigned)p.width, (unsigned)p.height, p.n);
	return finish();
}

int
cmd_image_render(struct admin *ad)
{
	struct slide slide = { .image_template = ad->argv[0] };
	const struct template alone = { .slide = &slide,
		.nslide = 1 }; /* an MMS of nothing but the personal image */
	struct message m = message_empty;
	const struct class *c;
	struct personal_image_want want = { 0 };

	if ((want.it = find_image(ad, ad->argv[0])) == NULL || (c = find_class(ad)) == NULL)
		return NOT_DONE;
	if (!read_data(ad, &m))
		return WRONG_USAGE;
	want.var = m.var;
	want.nvar = m.nvar;
	want.box = c->box;
	want.max_bytes = budget_of(c, &alone);
	if (want.max_bytes == 0)
		return fail("class %s has no room for an image", c->name);
	return render(ad, &want, ad->argv[1]);
}
