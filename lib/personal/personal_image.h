/*
 * personal_image: the image that one recipient gets, made of an image template.
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
	PERSONAL_IMAGE_VALUE,   /* a value cannot be drawn: will not be otherwise next time */
	PERSONAL_IMAGE_TOO_BIG, /* it does not fit max_bytes at the lowest quality */
	PERSONAL_IMAGE_FAILED   /* our fault or a lack: may go well another time */
};

struct personal_image_want {
	const struct image_template *it;
	const struct message_var *var; /* as struct message has them: sorted; none: the defaults */
	size_t nvar;
	uint64_t max_bytes; /* of the JPEG */
	uint32_t box;       /* its longest side, as struct class says; never enlarged to it */
};

/* Fills the merge tags and draws, in a caged child that is kept for the next picture of the
 * same image template. PERSONAL_IMAGE_OK: *out is the JPEG, in the arena, but for its bytes' owner
 * as compose() wants it. Else why says what is wrong, for STATUSDETAILS and the log. A text
 * with its values is cut to RENDER_TEXT bytes (a barcode's is refused instead); in it a value
 * cannot turn the direction of what stands behind it. Any thread may call. */
enum personal_image_rc personal_image_render(const struct image_tools *tools,
    const struct personal_image_want *want, struct arena *a, struct compose_picture *out,
    char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

/* The values of a picture, all memory the arena's; false: memory is short, or, with why set,
 * a barcode's value is too long. (Part of personal_image_render(), for tests.) */
struct render_values;
bool personal_image_fill(const struct personal_image_want *want, struct arena *a,
    struct render_values *v, char why[TRANSCODE_WHY]) __attribute__((warn_unused_result));

#endif
