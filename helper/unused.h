/*
 * unused: removes blobs that nothing refers to.
 */
#ifndef SM_UNUSED_H
#define SM_UNUSED_H

#include "helper/helper.h"

enum unused {
	UNUSED_KEPT,    /* something refers to the blob, or it cannot be removed now */
	UNUSED_REMOVED, /* the blob is gone */
	UNUSED_LOCKED,  /* the media folder cannot be locked: others would have to wait as long */
};

/* Removes the blob if no template and no image template refers to it and it was last stored at
 * least seconds ago, both looked at under the lock: a writer may have stored or named it a moment
 * ago. The caller holds no lock of blob.h. What is not removed is left to the next sweep;
 * UNUSED_LOCKED is logged. */
enum unused unused_remove(const struct helper *h, const char *sha, int64_t seconds);

#endif
