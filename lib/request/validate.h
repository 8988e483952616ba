/*
 * validate: checks on the request alone: checks 4 to 17 of a save (savemms-api(7), Checks) and
 * those of a send (savemms-api(7), Checks of a send and sendMMS). Pure.
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
	int64_t now; /* microseconds since 1970 */
	/* Is there an image template with this id in the caller's account? NULL means that there
	 * are none. */
	bool (*image_known)(void *ctx, const char *id);
	void *ctx;
	bool sends; /* for a sendMMS: NAME may be missing, and OPERATORID counts */
};

/* Returns the template that a valid request asks for, in the arena's memory; its media have only
 * kind and url. Returns NULL with the first failure, in the order of the checks, in *f. The
 * template's texts may be those of the request. */
struct template *validate_save(struct arena *a, const struct request *r,
    const struct validate_env *env, struct failure *f);

/* Makes the text of a slide, of a TEXT or a CUSTOMTEXT as it came: cleaned (text_slide()) and
 * without the blanks at its ends. *out is NULL when nothing is left or in is NULL, else the
 * arena's. Returns false when memory is short. */
bool validate_text(struct arena *a, const char *in, const char **out)
    __attribute__((warn_unused_result));

/* Sets *out to true for yes, and to false for no or NULL, in any case. An empty value arrives as
 * NULL. Returns false for anything else (E652). */
bool validate_yes_no(const char *s, bool *out) __attribute__((warn_unused_result));

/* Reads a time that must lie behind now, in microseconds since 1970. A time earlier than *out takes
 * its place; out may be NULL. Returns false if s is no such time (E100); NULL is none, and good. */
bool validate_future(const char *s, int64_t now, int64_t *out) __attribute__((warn_unused_result));

/* Makes the checks on the dates and on to-displayonly, which all stand before that of E652; sends
 * tells whether the request sends. Sets m->not_after; an end of the link before m->expires takes
 * its place. m may be NULL. Returns false for E100. */
bool validate_dates(const struct request *r, int64_t now, bool sends, struct message *m)
    __attribute__((warn_unused_result));

/* Makes the checks of a text: it is one (E100), and has at most max characters (E228). NULL is
 * good. Returns true with the failure in *f. */
bool validate_text_fails(const char *s, unsigned long max, struct failure *f)
    __attribute__((warn_unused_result));

/* Makes these checks on the labels that a send may have, OPERATORID and service-id. */
bool validate_labels_fail(const struct request *r, const struct settings *s, struct failure *f)
    __attribute__((warn_unused_result));

struct send_env {
	const struct settings *settings;
	const struct account *account; /* the caller's */
	int64_t now;                   /* microseconds since 1970 */
	/* the template of the account that MMSID names, or that a sendMMS makes */
	const struct template *template;
};

/* Returns the message that a valid sendSavedMMS asks for, in the arena's memory, without what
 * the store adds and without base. Returns NULL with the first failure in *f, in the order of
 * savemms-api(7), Checks of a send, from E626 on. The message's texts may be those of the
 * request. */
struct message *validate_send(struct arena *a, const struct request *r, const struct send_env *env,
    struct failure *f);

/* The checks of a sendMMS that a save does not have, on both sides of those of validate_save(). The
 * first makes those from E201 to E114 and returns a message that only has its ends; env->template
 * is not used. The second completes the message, for the template that validate_save() returned;
 * its expires is what the request names, or INT64_MAX. The third makes that of E115. They
 * return NULL, or false, with the failure in *f. */
struct message *validate_send_ends(struct arena *a, const struct request *r,
    const struct send_env *env, struct failure *f);
bool validate_send_rest(struct arena *a, const struct request *r, const struct send_env *env,
    struct message *m, struct failure *f) __attribute__((warn_unused_result));
bool validate_send_mask(const struct settings *s, const struct message *m, struct failure *f)
    __attribute__((warn_unused_result));

#endif
