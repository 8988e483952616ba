/*
 * image_admin: what the commands about image templates share.
 */
#ifndef SM_IMAGE_ADMIN_H
#define SM_IMAGE_ADMIN_H

#include "admin/admin.h"

struct transcoder;

/* The image template of a word that is its id, in ad->a. NULL: why has been printed. */
struct image_template *find_image(struct admin *ad, const char *word);

/* A transcoder as the settings name it. NULL: why has been printed. */
struct transcoder *image_transcoder(const struct admin *ad);

#endif
