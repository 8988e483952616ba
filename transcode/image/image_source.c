/* image_source: reads the bytes of a source; see image.h. */
#include <stdlib.h>

#include "base/file.h"
#include "transcode/child.h"
#include "transcode/image/image.h"
#include "transcode/image/mend.h"
#include "transcode/transcode_child.h"

/* Far above any limit at which a transfer is cut (savemms-api(7), Size limits). */
enum { SOURCE_MAX = 256 << 20 };

bool
image_slurp(int fd, struct source *src, struct transcode_result *res)
{
	int64_t size = file_size(fd);
	unsigned char *p;

	if (size < 0 || size == 0 || size > SOURCE_MAX) {
		(void)child_fail(res,
		    size < 0     ? TS_BROKEN :
			size > 0 ? TS_TOO_BIG :
				   TS_CORRUPT,
		    "%lld bytes", (long long)size);
		return false;
	}
	p = malloc((size_t)size + MEND_ROOM);
	if (p == NULL || file_pread(fd, p, (size_t)size, 0) != (ssize_t)size) {
		free(p);
		(void)child_fail(res, TS_BROKEN, "source cannot be read: %m");
		return false;
	}
	src->p = p;
	src->n = (size_t)size;
	return true;
}
