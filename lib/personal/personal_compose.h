/*
 * personal_compose: puts the personal image of the recipient into an MMS that was composed with the
 * image of the default values. The helper and the dry run share it.
 */
#ifndef SM_PERSONAL_COMPOSE_H
#define SM_PERSONAL_COMPOSE_H

#include "personal/personal_image.h"
#include "send/compose_largest.h"

struct store;

struct personal_place {
	const struct image_tools *tools;
	struct store *store; /* where the image template is */
	uint64_t account;    /* whose it is; 0: anybody's */
	const struct decision *d;
	struct arena *arena; /* holds what best points to in the end */
};

/* Puts the personal image of base->m into best, which compose_largest() composed from base, if the
 * template has a personalized image. With PERSONAL_IMAGE_OK best->mms is to be sent. Otherwise
 * why gives the reason, for STATUSDETAILS: PERSONAL_IMAGE_VALUE means never (a value cannot be
 * drawn, or the image template is gone), PERSONAL_IMAGE_TOO_BIG means not as an MMS,
 * PERSONAL_IMAGE_FAILED means not now. */
enum personal_image_rc personal_compose(const struct personal_place *at,
    const struct compose_in *base, struct choice *best, char why[TRANSCODE_WHY])
    __attribute__((warn_unused_result));

#endif
