/* transcode_rendition: see transcode_rendition.h */
#include "media/transcode_rendition.h"

#include "base/crypt.h"

int
transcode_rendition(const struct transcode_job *j, const struct transcode_output *o,
    struct rendition *r)
{
	*r = (struct rendition){ .format = (enum format)o->format,
		.width = o->width,
		.height = o->height,
		.ms = o->ms,
		.quality = o->quality,
		.size = !o->fits ? SIZE_LEAST :
		    o->best      ? SIZE_BEST :
				   SIZE_BOUND };
	if (o->bytes == 0)
		return 0;
	return crypt_sha256_file(transcode_output_fd(j, o->same_as), r->sha, &r->bytes) == 0 ? 1 :
											       -1;
}
