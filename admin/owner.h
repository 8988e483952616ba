/*
 * owner: root works as the user who owns the instance. The files that a command
 * makes (shared memory of the store, logs, media) have mode 0600: made by root,
 * they would shut the web server's program out of its own instance.
 */
#ifndef SM_OWNER_H
#define SM_OWNER_H

#include <stdbool.h>

/* Root becomes who owns the folder dir, groups included; *became says so. Where
 * that is root too, and for any other caller, nothing changes. DONE, or NOT_DONE
 * after printing why: then the caller must end. */
int owner_become(const char *dir, bool *became);

/* What to say behind the failure of a command that writes to a folder outside of
 * the instance: "", or where root became another user, that it did. */
const char *owner_note(bool became);

#endif
