/*
 * probe: finds out whether savemms answers on a port of this machine.
 */
#ifndef SM_PROBE_H
#define SM_PROBE_H

#include <stdbool.h>
#include <stddef.h>

enum { PROBE_SUMMARY = 128 };

/* Sends one GET of /API/wxml/1.3/ to 127.0.0.1:port and waits at most two seconds. Returns true if
 * the answer is ours: HTTP 200 with E100. Otherwise summary is the first line of the answer, or
 * what is wrong. */
bool probe_api(unsigned port, char summary[PROBE_SUMMARY]) __attribute__((warn_unused_result));

/* Returns whether this complete HTTP answer is ours. summary is as above. */
bool probe_is_ours(const char *answer, char summary[PROBE_SUMMARY]);

/* Returns a port of 127.0.0.1 that is free at this moment: port itself, or any port if it is 0.
 * Returns 0 with errno set if there is none. */
unsigned probe_free_port(unsigned port) __attribute__((warn_unused_result));

#endif
