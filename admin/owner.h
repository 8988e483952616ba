/*
 * owner: makes root work as the user who owns the instance. The files that a command creates
 * (shared memory of the store, logs, media) have mode 0600. If they belonged to root, the web
 * server's program could not use its own instance.
 */
#ifndef SM_OWNER_H
#define SM_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

/* Changes root into the owner of dir (user.h), with a clean environment, and sets *became. If the
 * owner is root, or the caller is not root, nothing changes. Returns DONE; on failure prints why
 * and returns NOT_DONE, and the caller must end. */
int owner_become(const char *dir, uid_t owner, bool *became);

/* Does the same for a folder that the command makes or fills: its owner is that of the nearest
 * folder that exists. Root stays root only where owner_check_root() allows it. */
int owner_become_of(const char *dir, bool *became);

/* If this is root: checks that only root can change the folder and those above it. Elsewhere
 * another could exchange them while root works there, or give root files of his own. Returns DONE;
 * otherwise prints why and returns NOT_DONE. */
int owner_check_root(const char *dir);

/* Returns what a command that writes outside the instance appends to its error message: a note if
 * root became another user, otherwise "". */
const char *owner_note(bool became);

#endif
