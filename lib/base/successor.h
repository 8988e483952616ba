/*
 * successor: notices that another program was installed in the place of the running one, and goes
 * on as that program.
 *
 * An upgrade replaces the file, or the link that leads to it, while the old program runs on. The
 * process becomes the new program without ending: whoever started it does not notice, and a
 * listening socket stays open with the connections that wait at it.
 */
#ifndef SM_SUCCESSOR_H
#define SM_SUCCESSOR_H

#include <stdbool.h>

/* Remembers which file the program's name leads to: name if it is an absolute path (argv[0]), else
 * that of the running program. Call it once, at the start. If the file cannot be looked at, there
 * is no successor. */
void successor_watch(const char *name);

/* Returns true if the name leads to another program now, whose file has been whole for a moment:
 * its permissions came last. Any thread may ask. */
bool successor_there(void);

/* Returns the name. */
const char *successor_name(void);

/* Becomes the program that has the name now, with these words after its name (NULL ends them) and
 * this process's environment. All descriptors are closed but those without close-on-exec; no signal
 * is blocked. Other threads end. Returns only on failure, with errno set. */
void successor_exec(char *const *argv);

#endif
