/* unused: see unused.h */
#include "helper/unused.h"

#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"

/* Tells whether the blob was last stored so many seconds ago: whoever stores it sets its time. */
static bool
is_old(const struct settings *s, const char *sha, int64_t seconds)
{
	char path[INSTANCE_PATH];
	struct stat st;

	blob_path(s, sha, path, sizeof path);
	return stat(path, &st) == 0 && clock_now() / 1000000 - (int64_t)st.st_mtime >= seconds;
}

enum unused
unused_remove(const struct helper *h, const char *sha, int64_t seconds)
{
	int lock = blob_exclusive(h->settings);
	uint64_t refs;
	bool removed;

	if (lock < 0) {
		log_error("removing a file of the media folder: it cannot be locked: %m");
		return UNUSED_LOCKED;
	}
	removed = (seconds == 0 || is_old(h->settings, sha, seconds)) &&
	    store_blob_refs(h->store, sha, &refs) == ST_OK && refs == 0 &&
	    blob_remove(h->settings, sha) == 0;
	file_close(&lock);
	return removed ? UNUSED_REMOVED : UNUSED_KEPT;
}
