/*
 * helpers: counts the running helpers of an instance, by /proc, and wakes or starts one.
 */
#ifndef SM_HELPERS_H
#define SM_HELPERS_H

#include "model/settings.h"

/* A file of the instance; its time of change is that at which a helper last began or ended. */
#define HELPERS_SEEN "run/helper.seen"

/* Returns how many processes named savemms-helper have conf, the absolute path of the instance's
 * savemms.conf, in their environment. It cannot read the environment of other users' processes
 * and does not count them. Returns 0 also when memory is short. */
unsigned helpers_running(const char *conf);

/* Gives HELPERS_SEEN the present time; logs a failure. A helper does so when it begins and ends. */
void helpers_note(const struct settings *s);

/* Tells a running helper of the instance that there may be work, through the pipe run/helper.wake,
 * which it reads. Does nothing if no helper listens: a helper looks for work when it starts. */
void helpers_wake(const struct settings *s);

/* Starts program as a helper that nobody has to wait for, and hands it the locked descriptor of
 * run/helper.lock, which stays open here. Returns 0, or -1 with errno set. */
int helpers_start(const struct settings *s, const char *program, int lock)
    __attribute__((warn_unused_result));

#endif
