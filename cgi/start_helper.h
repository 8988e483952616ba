/*
 * start_helper: makes sure that a helper runs and knows that there is work.
 */
#ifndef SM_START_HELPER_H
#define SM_START_HELPER_H

#include "cgi/app.h"

/* Makes sure that a helper runs and knows that there is work. Failures are only logged: the job
 * is on disk, and cron or the next request starts a helper. */
void start_helper(const struct settings *s);

#endif
