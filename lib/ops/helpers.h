/*
 * helpers: counts the running helpers of an instance, by /proc.
 */
#ifndef SM_HELPERS_H
#define SM_HELPERS_H

/* Returns how many processes named savemms-helper have conf, the absolute path of the instance's
 * savemms.conf, in their environment. It cannot read the environment of other users' processes
 * and does not count them. Returns 0 also when memory is short. */
unsigned helpers_running(const char *conf);

#endif
