/* background: see background.h */
#include "personal/background.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "blob/blob.h"
#include "media/classify.h"
#include "media/transcode_made.h"
#include "model/settings.h"

static bool wrong(char why[TRANSCODE_WHY], const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool
wrong(char why[TRANSCODE_WHY], const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(why, TRANSCODE_WHY, fmt, ap);
	va_end(ap);
	return false;
}

/* Waits for the end of the job and describes what the transcoder made in *it. Returns false on
 * failure, with the reason in why. */
static bool
take_result(const struct settings *s, struct transcode_job *j, bool check,
    struct image_template *it, char why[TRANSCODE_WHY])
{
	struct transcode_result res;
	const struct transcode_output *o = &res.out[0];
	char what[IMAGE_WHY];

	transcode_wait(j, &(struct transcode_until){ transcode_queue_until(), -1 }, NULL, NULL,
	    &res);
	if (res.status == TS_BROKEN || res.status == TS_KILLED)
		return wrong(why, "the background could not be examined (%.80s): try again soon",
		    res.why);
	if (res.status != TS_OK)
		return wrong(why, "the background cannot be used: %.100s", res.why);
	if (res.frames > 1)
		return wrong(why, "the background is an animation: give a still image");
	if (!o->fits || o->format != FORMAT_JPEG)
		return wrong(why,
		    "the background cannot be fitted to %" PRIu64
		    " KB: give a smaller one, or raise "
		    "image-background-kb in savemms.conf",
		    s->image_background_kb);
	it->width = o->width;
	it->height = o->height;
	return !check || image_template_check(it, what) || wrong(why, "%s", what);
}

/* Stores what the transcoder made as a blob, under the lock, which it leaves in *lock. */
static bool
store(const struct settings *s, struct transcode_job *j, struct image_template *it, int *lock,
    char why[TRANSCODE_WHY])
{
	if ((*lock = blob_shared(s)) >= 0 &&
	    blob_store(s, transcode_output_fd(j, 0), it->sha, &it->bytes) == 0)
		return true;
	(void)wrong(why, "the background cannot be stored: %s", strerror(errno));
	file_close(lock);
	return false;
}

bool
background_make(const struct image_tools *tools, const struct background_source *source,
    struct image_template *it, int *lock, char why[TRANSCODE_WHY])
{
	const struct settings *s = tools->settings;
	const struct classify_by by = { tools->transcoder, s, it->account };
	struct transcode_request req;
	struct transcode_job *j;
	char temp[INSTANCE_PATH];
	enum format f;
	bool ok;

	*lock = -1;
	if (!classify_fd(&by, source->fd, &f))
		return wrong(why,
		    "the background could not be examined (the log says why): try again soon");
	if (f == FORMAT_NONE || format_kind(f) != KIND_IMAGE)
		return wrong(why,
		    "the background is not an image of a type that an MMS may have (JPEG, PNG, GIF, WebP)");
	transcode_request_init(&req, s, f);
	req.account = it->account;
	req.jpeg = 1;
	req.ntargets = 1;
	req.target[0] = (struct transcode_target){ .budget = s->image_background_kb * 1024,
		.box = IMAGE_SIDE_MAX };
	blob_temp_dir(s, temp, sizeof temp);
	if ((j = transcode_start(tools->transcoder, &req, source->fd, temp)) == NULL)
		return wrong(why, "the transcoder cannot be started; the log says why");
	ok = take_result(s, j, source->check, it, why) && store(s, j, it, lock, why);
	transcode_end(&j);
	return ok;
}
