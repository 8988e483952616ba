/*
 * image_form: an image template as people write it (savemms(1)): a part begins with
 * [text] or [barcode], and below it stand lines "key = value". Pure.
 */
#ifndef SM_IMAGE_FORM_H
#define SM_IMAGE_FORM_H

#include "image_template.h"

/* Reads areas and barcode into *it; all memory is the arena's. False and in why the
 * line and what is wrong with it; limits are image_template_check()'s to look at. */
bool image_form_read(struct arena *a, const char *form, struct image_template *it, char why[IMAGE_WHY])
    __attribute__((warn_unused_result));

/* Appends the form that image_form_read() would read as these areas and barcode. */
void image_form_write(const struct image_template *it, struct buf *out);

/* A form that shows all keys, for the help. */
extern const char image_form_sample[];

#endif
