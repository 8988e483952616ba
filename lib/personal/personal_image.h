/*
 * personal_image: the image that one recipient gets, made from an image template.
 */
#ifndef SM_PERSONAL_IMAGE_H
#define SM_PERSONAL_IMAGE_H

#include "media/transcode.h"
#include "model/image_template.h"
#include "personal/image_tools.h"
#include "send/compose.h"

struct arena;

enum personal_image_rc {
	PERSONAL_IMAGE_OK,
	PERSONAL_IMAGE_VALUE,   /* a value that no attempt can draw */
	PERSONAL_IMAGE_TOO_BIG, /* it exceeds max_bytes even at the lowest quality */
	PERSONAL_IMAGE_FAILED /* a fault or shortage of this machine; another attempt may succeed */
};

struct personal_image_want {
	const struct image_template *it;
	const struct message_var *var; /* sorted as in struct message; none: the defaults */
	size_t nvar;
	uint64_t max_bytes; /* of the JPEG */
	uint32_t box;  /* longest side in pixels, as in struct class; no image is enlarged to it */
	int64_t until; /* clock_mono() when it has failed if it is not drawn; 0: each step has its
	                  own time */
};

/* Fills in the merge tags and draws the image, in a caged child that is kept for the next
 * personal image of the same image template. With PERSONAL_IMAGE_OK *out is the JPEG, with its
 * bytes in the arena. Otherwise why says what is wrong, for STATUSDETAILS and the log. A text is
 * cut to RENDER_TEXT bytes, values included, but a barcode that exceeds them is refused. A value
 * cannot turn the direction of the text that follows it. Any thread may call this function. */
enum personal_image_rc personal_image_render(const struct image_tools *tools,
    const struct personal_image_want *want, struct arena *a, struct personal_image *out,
    char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* Writes a text that tells this image from any other, without drawing it: the hash of the image
 * template, the values, the limits and the version of this program. Returns PERSONAL_IMAGE_OK, or
 * what personal_image_render() would return for these values or for want of memory. */
enum personal_image_rc personal_image_tag(const struct personal_image_want *want, struct arena *a,
    char tag[SHA256_HEX], char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* Fills in the values of a personal image, in the arena. Returns false if memory is short, or,
 * with why set, if the value of a barcode is empty or too long. (A part of
 * personal_image_render(), public for the tests.) */
struct render_values;
bool personal_image_fill(const struct personal_image_want *want, struct arena *a,
    struct render_values *v, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

#endif
