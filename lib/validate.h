/*
 * validate: rules 4 to 17 of SPEC 3.1, on the request alone. Pure.
 */
#ifndef SM_VALIDATE_H
#define SM_VALIDATE_H

#include "error.h"
#include "request.h"
#include "settings.h"
#include "template.h"

struct validate_env {
	const struct settings *settings;
	/* Is there an image template of this id in the caller's account? NULL: there
	 * are none at all. */
	bool (*image_known)(void *ctx, const char *id);
	void *ctx;
};

/* The template that a good request asks for, its media with kind and url only.
 * NULL and the first failure, in the order of the rules. */
struct template *validate_save(struct arena *a, const struct request *r, const struct validate_env *env,
    struct failure *f);

#endif
