/*
 * reload: how a change of savemms.conf reaches the programs that run.
 *
 * "savemms reload" checks the file and replaces run/reload. Every program looks at that file's
 * inode and time between requests or jobs, which costs one stat(2) and needs no signal: the
 * programs are children of web servers and helpers. What takes effect only when a program is
 * started again (settings.def) keeps its value.
 */
#ifndef SM_RELOAD_H
#define SM_RELOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "model/settings.h"

/* The state of run/reload that a program has seen; all zero: there was none. */
struct reload_mark {
	uint64_t inode;
	int64_t changed_ns;
};

/* Sets *mark to the present state. Returns whether it was another one. */
bool reload_due(const struct settings *s, struct reload_mark *mark);

/* Reads the file of old into *out, keeps what needs a new start, and opens the log again as the
 * program. Returns false, after logging the reason, if the file cannot be read or is wrong: the
 * program goes on with old. */
bool reload_read(const struct settings *old, const char *program, struct settings *out)
    __attribute__((warn_unused_result));

/* Tells the programs to read the settings again. Returns 0, or -1 with errno set. */
int reload_tell(const struct settings *s) __attribute__((warn_unused_result));

/* Does the same if the file has changed since the programs were last told. The program behind the
 * web server does so when it starts: an operator who restarts the web server after a change expects
 * that the helper, which lives on, has the new settings, too. Failure is logged. */
void reload_tell_of_change(const struct settings *s);

/* --- what waits for a new start --- */

/* Which program: SETTINGS_WEB or SETTINGS_HELPER. A program notes, when it starts, the values that
 * it keeps until it ends, in a file of its own, run/started.web.* or run/started.helper.*. Returns
 * its descriptor, which is to stay open as long as the program keeps these values: its lock tells
 * that the note holds, and the kernel gives it up with the process. Returns -1 on failure, which is
 * logged. Notes of programs that have ended are removed. */
int reload_note_start(const struct settings *s, enum settings_when program);

/* Calls each(ctx, key) once for each setting that has another value than one of the programs that
 * run has noted. Calls nothing if none has. Returns 0, or -1 with errno set if it could not look at
 * all notes. */
int reload_pending(const struct settings *s, enum settings_when program,
    void (*each)(void *ctx, const char *key), void *ctx) __attribute__((warn_unused_result));

#endif
