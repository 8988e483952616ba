/*
 * where: finds the folders of this installation.
 *
 * `make install prefix=...` may install the programs in another place than configure was
 * given, and tests run them from the build folder. So the place of the running program
 * comes first.
 */
#ifndef SM_WHERE_H
#define SM_WHERE_H

#include <stddef.h>

/* Writes the folder of savemms.fcgi, savemms-helper and savemms-transcode to out, which has
 * size bytes. It is SAVEMMS_LIBEXEC of the environment; else the folder of the running program,
 * or ../libexec/savemms beside it, whichever holds savemms-helper; else the folder that
 * configure was given. Writes "" when the path does not fit. */
void where_libexec(char *out, size_t size);

/* Writes the folder of the web-server configurations and www to out: SAVEMMS_SHARE, else
 * share/savemms of the same installation, else the folder that configure was given. Writes ""
 * when the path does not fit. */
void where_share(char *out, size_t size);

/* Writes the path of a program in where_libexec() to out, or "" when the path does not fit. */
void where_program(const char *name, char *out, size_t size);

#endif
