/*
 * probe: does the server on this machine answer as savemms does?
 */
#ifndef SM_PROBE_H
#define SM_PROBE_H

#include <stdbool.h>
#include <stddef.h>

enum { PROBE_SUMMARY = 128 };

/* One GET of /API/wxml/1.3/ on 127.0.0.1:port, at most two seconds. True when
 * the answer is ours: HTTP 200 with E100. Otherwise summary is the answer's first line, or what is
 * wrong. */
bool probe_api(unsigned port, char summary[PROBE_SUMMARY]) __attribute__((warn_unused_result));

/* Is this whole HTTP answer ours? summary as above. */
bool probe_is_ours(const char *answer, char summary[PROBE_SUMMARY]);

/* A port of 127.0.0.1 that is free at this moment: port itself, or any when it
 * is 0. 0 with errno set when there is none. */
unsigned probe_free_port(unsigned port) __attribute__((warn_unused_result));

#endif
