/*
 * target_order: decides the order of targets and what each gets.
 */
#ifndef SM_TARGET_ORDER_H
#define SM_TARGET_ORDER_H

#include "transcode/image/image.h"

/* Sets order[] to the order in which targets are made: the largest box first, and of equal boxes
 * the largest budget first, so that from one target to the next pixels and bytes only decrease. */
void target_order(const struct transcode_request *req, unsigned order[TRANSCODE_TARGETS]);

/* Returns the index of the file that suits the target best: of the files within box and budget the
 * one with the most pixels, then the best quality; when none fits the budget, the smallest. Returns
 * -1 when there is no file within the box. */
int target_pick(const struct transcode_target *t, const struct target_file *f, unsigned n);

#endif
