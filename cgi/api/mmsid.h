/*
 * mmsid: reads the MMSID that a caller names, and its template.
 */
#ifndef SM_MMSID_H
#define SM_MMSID_H

#include <stdbool.h>
#include <stdint.h>

struct call;
struct template;

/* Reads the request's MMSID. Returns false with c->failure set: E620 when there is none, E241
 * when it is not a number that a template can have. */
bool mmsid_of(struct call *c, uint64_t *id) __attribute__((warn_unused_result));

/* Reads the account's template that the request names, into c->arena. Returns NULL with
 * c->failure set. */
struct template *mmsid_template(struct call *c) __attribute__((warn_unused_result));

#endif
