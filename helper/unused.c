/* unused: see unused.h */
#include "helper/unused.h"

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"

enum unused
unused_remove(const struct helper *h, const char *sha)
{
	int lock = blob_exclusive(&h->settings);
	uint64_t refs;
	bool removed;

	if (lock < 0) {
		log_error("removing a file of the media folder: it cannot be locked: %m");
		return UNUSED_LOCKED;
	}
	removed = store_blob_refs(h->store, sha, &refs) == ST_OK && refs == 0 &&
	    blob_remove(&h->settings, sha) == 0;
	file_close(&lock);
	return removed ? UNUSED_REMOVED : UNUSED_KEPT;
}
