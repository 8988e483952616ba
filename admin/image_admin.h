/*
 * image_admin: what the image-template commands share.
 */
#ifndef SM_IMAGE_ADMIN_H
#define SM_IMAGE_ADMIN_H

#include "admin/admin.h"

struct transcoder;

/* Returns the image template whose id is the word, in memory of ad->a. On failure prints why and
 * returns NULL. */
struct image_template *find_image(struct admin *ad, const char *word);

/* Returns a new transcoder as the settings name it; the caller frees it. On failure prints why and
 * returns NULL. */
struct transcoder *image_transcoder(const struct admin *ad);

#endif
