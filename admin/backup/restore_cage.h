/*
 * restore_cage: examines a foreign database where it can do no harm. Recovery does what the
 * database's log says, and opens, changes and removes the files that the log names.
 */
#ifndef SM_RESTORE_CAGE_H
#define SM_RESTORE_CAGE_H

/* Runs work(ctx) in a child process that can change nothing outside the folder to and read only
 * that and the folder from; what it changes in memory is lost, except in shared memory. Where the
 * kernel has no Landlock, it says so and runs work() as it is, but never as root. Returns what
 * work() returned; prints why it could not and returns NOT_DONE if the child could not be caged or
 * was killed. */
int restore_caged(const char *from, const char *to, int (*work)(void *ctx), void *ctx);

#endif
