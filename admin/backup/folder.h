/*
 * folder: new or empty folders to put something in.
 */
#ifndef SM_FOLDER_H
#define SM_FOLDER_H

/* Makes dir and those above it, or takes an existing one that is empty; its
 * mode is 0700 then. 0, or -1 and the reason in err. */
int folder_claim(const char *dir, char *err, unsigned errlen) __attribute__((warn_unused_result));

#endif
