/*
 * say: prints the messages of the operator's command, each with what to do about it.
 */
#ifndef SM_SAY_H
#define SM_SAY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

/* Prints a message as a line on stderr, behind everything on stdout. Names of files and the words
 * of customers and of other servers are in it, so control characters are written as in a cell of
 * table.h. At most 16 KB are printed. */
void say_line(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));

/* Prints "savemms: " and the message on stderr. Returns NOT_DONE. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Does the same for a failed call of the store: "what: reason; what to do". */
int fail_store(enum store_rc rc, const char *what);

/* Does the same for settings that could not be read: err is what settings_read() found wrong in
 * path. */
int fail_settings(const char *path, const char *err);

/* Does the same for wrong words and points to the help. Returns WRONG_USAGE. */
int wrong(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Reads an MMSID, or another id, from a word; what names its kind in the message. If the word is
 * not an id, prints what is wrong and returns false. */
bool word_id(const char *what, const char *word, uint64_t *id);

/* Flushes stdout. Returns DONE; if stdout could not be written, prints a message and returns
 * NOT_DONE (a full disk must not look like success). */
int finish(void);

#endif
