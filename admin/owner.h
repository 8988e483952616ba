/*
 * owner: makes root work as the user who owns the instance. The files that a command creates
 * (shared memory of the store, logs, media) have mode 0600. If they belonged to root, the web
 * server's program could not use its own instance.
 */
#ifndef SM_OWNER_H
#define SM_OWNER_H

#include <stdbool.h>

/* Changes root into the owner of the folder dir, groups included, and sets *became. If the owner
 * is root, or the caller is not root, nothing changes. Returns DONE; on failure prints why and
 * returns NOT_DONE, and the caller must end. */
int owner_become(const char *dir, bool *became);

/* Returns what a command that writes outside the instance appends to its error message: a note if
 * root became another user, otherwise "". */
const char *owner_note(bool became);

#endif
