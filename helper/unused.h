/*
 * unused: removes blobs that nothing refers to.
 */
#ifndef SM_UNUSED_H
#define SM_UNUSED_H

#include "helper/helper.h"

/* Removes the blob if no template and no image template refers to it, which is looked at under the
 * lock: a writer may have named it a moment ago. The caller holds no lock of blob.h. Returns true
 * if the blob was removed; a blob that cannot be removed now is left to the sweep. */
bool unused_remove(const struct helper *h, const char *sha);

#endif
