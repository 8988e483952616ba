/*
 * user: lets root work as the owner of the folder it works on.
 */
#ifndef SM_USER_H
#define SM_USER_H

#include <stdbool.h>

/* If this process is root and the folder belongs to another user, becomes that user for good,
 * groups included, so that this user can reach every file made here. *became says whether it
 * did. Returns 0, or -1 with errno set. Call it before threads start. */
int user_become_owner(const char *dir, bool *became) __attribute__((warn_unused_result));

#endif
