/* unused: see unused.h */
#include "helper/unused.h"

#include "base/file.h"
#include "blob/blob.h"

bool
unused_remove(const struct helper *h, const char *sha)
{
	int lock = blob_exclusive(&h->settings);
	uint64_t refs;
	bool removed = lock >= 0 && store_blob_refs(h->store, sha, &refs) == ST_OK && refs == 0 &&
	    blob_remove(&h->settings, sha) == 0;

	file_close(&lock);
	return removed;
}
