/*
 * witness: shows that a server which answers at a URL serves this instance. Who can write in the
 * instance makes a file run/witness.WORD and asks the server whether it sees the file.
 */
#ifndef SM_WITNESS_H
#define SM_WITNESS_H

#include <stdbool.h>

#include "model/settings.h"

enum { WITNESS = 33 }; /* a word of 32 letters and digits, with its NUL */

#define WITNESS_QUERY "witness=" /* of /healthz, before the word */
#define WITNESS_SEEN "here"      /* what /healthz answers if the instance has the file */

/* Makes the file of a new random word. Returns 0, or -1 with errno set. The caller removes it with
 * witness_remove(). */
int witness_make(const struct settings *s, char word[WITNESS]) __attribute__((warn_unused_result));

void witness_remove(const struct settings *s, const char *word);

/* Returns whether the instance has the file of this word. A text of another form has none. */
bool witness_seen(const struct settings *s, const char *word);

#endif
