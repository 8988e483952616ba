/*
 * user: root works as the owner of what it works on.
 */
#ifndef SM_USER_H
#define SM_USER_H

#include <stdbool.h>

/* When this process is root and the folder belongs to another user, becomes that user
 * for good, groups included, so that no file made here is out of that user's reach.
 * *became says whether it did. 0, or -1 with errno. Call it before threads start. */
int user_become_owner(const char *dir, bool *became) __attribute__((warn_unused_result));

#endif
