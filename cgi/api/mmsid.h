/*
 * mmsid: the MMSID a caller names, and its template.
 */
#ifndef SM_MMSID_H
#define SM_MMSID_H

#include <stdbool.h>
#include <stdint.h>

struct call;
struct template;

/* The request's MMSID; false with E620 when there is none, E241 when it is not a
 * number a template could have. */
bool mmsid_of(struct call *c, uint64_t *id) __attribute__((warn_unused_result));

/* The account's template that the request names, in c->arena; NULL with c->failure set. */
struct template *mmsid_template(struct call *c) __attribute__((warn_unused_result));

#endif
