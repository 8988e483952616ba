/*
 * helpers: which helpers run for an instance, as /proc shows.
 */
#ifndef SM_HELPERS_H
#define SM_HELPERS_H

/* How many processes named savemms-helper have the instance's savemms.conf (an
 * absolute path) in their environment. Those of other users, whose environment
 * cannot be read, are not counted; 0 also when memory is short. */
unsigned helpers_running(const char *conf);

#endif
