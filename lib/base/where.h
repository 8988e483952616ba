/*
 * where: finds the folders of this installation.
 *
 * `make install prefix=...` may install the programs in another place than configure was
 * given, and tests run them from the build folder. So the place of the running program
 * comes first.
 */
#ifndef SM_WHERE_H
#define SM_WHERE_H

#include <stdbool.h>
#include <stddef.h>

/* What a bundle for hosts without these things carries (dist/bundle), below its prefix. */
#define WHERE_CONVERTERS "lib/savemms/gconv"              /* charset converters of iconv(3) */
#define WHERE_FONTS "share/savemms/fonts"                 /* with a fonts.conf */
#define WHERE_MORE_FONTS "../fonts"                       /* the operator's, for all versions */
#define WHERE_MAGIC "share/savemms/magic.mgc"             /* of libmagic */
#define WHERE_AUTHORITIES "share/savemms/authorities.pem" /* certificates of TLS */

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

/* Writes the path of something that a bundle carries, one of WHERE_*, to out: below the prefix of
 * the running program. Returns false, with out "", if it is not there or cannot be read: then the
 * libraries look where they were built to look. */
bool where_carried(const char *rest, char *out, size_t size);

/* Writes the i-th folder that fonts are read from to out, the carried ones first, or "" for one
 * that is not there. Returns false when there is no i-th. */
bool where_fonts(unsigned i, char *out, size_t size);

/* Writes the path of another project's program to out: that of this name in where_libexec(), which
 * a bundle has, else otherwise, which configure found. */
void where_tool(const char *name, const char *otherwise, char *out, size_t size);

/* Lets the C library find the charset converters that a bundle carries, and fontconfig the fonts. A
 * main() calls it before anything else, and before it starts threads. Returns false when memory is
 * short. */
bool where_set_environment(void) __attribute__((warn_unused_result));

#endif
