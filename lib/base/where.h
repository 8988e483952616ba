/*
 * where: the folders of this installation, wherever it was put.
 *
 * `make install prefix=...` may put the programs elsewhere than configure was told,
 * and tests run them from the build folder: so the folders are found from the
 * running program's own place first.
 */
#ifndef SM_WHERE_H
#define SM_WHERE_H

#include <stddef.h>

/* The folder of savemms.fcgi, savemms-helper and savemms-transcode: the environment's
 * SAVEMMS_LIBEXEC, else the running program's own folder or ../libexec/savemms beside
 * it, whichever holds savemms-helper, else the one configure was told. "" when the
 * path does not fit. */
void where_libexec(char *out, size_t size);

/* The folder of the web-server configurations and www: SAVEMMS_SHARE, else
 * share/savemms of the same installation, else the one configure was told. */
void where_share(char *out, size_t size);

/* A program of where_libexec(); "" when the path does not fit. */
void where_program(const char *name, char *out, size_t size);

#endif
