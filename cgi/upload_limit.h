/*
 * upload_limit: how many large bodies are in memory at once. What brings files along is there twice
 * once it is read.
 */
#ifndef SM_UPLOAD_LIMIT_H
#define SM_UPLOAD_LIMIT_H

#include <stdbool.h>

struct http;

/* Tells whether the body may be read now, and counts it if it is large; upload_leave() ends that,
 * in any case. large tells whether it may be. */
bool upload_enter(const struct http *h, bool large) __attribute__((warn_unused_result));
void upload_leave(const struct http *h, bool large);

#endif
