/*
 * folder: claims new or empty folders, and gives them back empty.
 */
#ifndef SM_FOLDER_H
#define SM_FOLDER_H

/* Creates dir and its parents, or takes dir if it exists and is empty, and sets its mode to 0700.
 * Returns 0, or -1 with the reason in err. */
int folder_claim(const char *dir, char *err, unsigned errlen) __attribute__((warn_unused_result));

/* Removes what is in dir, but not dir itself, for one who has claimed it and then failed. Follows
 * no links and enters no other file system. Returns 0, or -1 with errno set when something stays.
 */
int folder_empty(const char *dir) __attribute__((warn_unused_result));

#endif
