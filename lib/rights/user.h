/*
 * user: lets root work as another user.
 */
#ifndef SM_USER_H
#define SM_USER_H

#include <stdbool.h>
#include <sys/types.h>

/* If this process is root and owner is not, becomes that user for good, with the user's own group
 * and groups, or with nogroup alone if /etc/passwd does not know the user. *became says whether it
 * did. Returns 0, or -1 with errno set; the caller must then end. Call it before threads start. */
int user_become(uid_t owner, bool *became) __attribute__((warn_unused_result));

/* Returns whether the folders of the absolute path, itself included, belong to owner or to root,
 * and no other user can rename what is in them. A group may, if it is root's or if owner is not
 * root. If not, shortens path to the one that is not so. */
bool user_holds_path(uid_t owner, char *path) __attribute__((warn_unused_result));

/* After user_become(): leaves only what programs of the owner may know of root's environment:
 * language, time zone, terminal and what names this installation. Sets PATH to the system's
 * folders and HOME to the owner's. Returns 0, or -1 when memory is short. */
int user_clean_environment(void) __attribute__((warn_unused_result));

#endif
