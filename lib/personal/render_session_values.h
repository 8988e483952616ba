/*
 * render_session_values: the texts that a request of render_session.h carries.
 */
#ifndef SM_RENDER_SESSION_VALUES_H
#define SM_RENDER_SESSION_VALUES_H

#include "personal/render_session.h"

/* Returns NULL if the child can work on the request, else a static text that says what is
 * wrong. */
const char *render_ask_bad(const struct render_ask *ask) __attribute__((warn_unused_result));

/* Returns how many sessions a transcoder with this number of jobs runs at once. */
unsigned render_sessions(unsigned jobs);

/* Convert the values to text for the board and back. render_values_decode() puts the values in
 * the arena. It returns false if the text is no such record or does not suit this template: each
 * text that varies must have a value, and no other may. */
void render_values_encode(const struct render_values *v, struct buf *out);
bool render_values_decode(struct arena *a, const char *p, size_t n, const struct image_template *it,
    struct render_values *v) __attribute__((warn_unused_result));

#endif
