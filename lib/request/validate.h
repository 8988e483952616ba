/*
 * validate: rules 4 to 17 of SPEC 3.1 and those of 6.2, on the request alone. Pure.
 */
#ifndef SM_VALIDATE_H
#define SM_VALIDATE_H

#include "model/account.h"
#include "model/error.h"
#include "model/message.h"
#include "model/settings.h"
#include "model/template.h"
#include "request/request.h"

struct validate_env {
	const struct settings *settings;
	/* Is there an image template of this id in the caller's account? NULL: there
	 * are none at all. */
	bool (*image_known)(void *ctx, const char *id);
	void *ctx;
};

/* The template that a good request asks for, its media with kind and url only.
 * NULL and the first failure, in the order of the rules. */
struct template *validate_save(struct arena *a, const struct request *r,
    const struct validate_env *env, struct failure *f);

/* yes, no or empty, any case (E652 otherwise: false). NULL is empty. */
bool validate_yes_no(const char *s, bool *out) __attribute__((warn_unused_result));

struct send_env {
	const struct settings *settings;
	const struct account *account;   /* the caller's */
	const struct template *template; /* the account's, as MMSID names it */
};

/* The message that a good sendSavedMMS asks for, without what the store gives and
 * without base. NULL and the first failure, from E626 on in the order of SPEC 6.2. */
struct message *validate_send(struct arena *a, const struct request *r, const struct send_env *env,
    struct failure *f);

#endif
