/* witness: see witness.h */
#include "ops/witness.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/crypt.h"
#include "base/file.h"

/* Writes the path of the word's file to out. */
static void
path_of(const struct settings *s, const char *word, char out[INSTANCE_PATH])
{
	char name[WITNESS + 16];

	(void)snprintf(name, sizeof name, "run/witness.%s", word);
	settings_path(s, name, out, INSTANCE_PATH);
}

int
witness_make(const struct settings *s, char word[WITNESS])
{
	char path[INSTANCE_PATH];
	int fd;

	crypt_random_text(word, WITNESS - 1);
	path_of(s, word, path);
	if ((fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)) < 0)
		return -1;
	file_close(&fd);
	return 0;
}

void
witness_remove(const struct settings *s, const char *word)
{
	char path[INSTANCE_PATH];

	path_of(s, word, path);
	(void)unlink(path); /* an empty file that stays is only untidy */
}

bool
witness_seen(const struct settings *s, const char *word)
{
	char path[INSTANCE_PATH];

	if (strlen(word) != WITNESS - 1 || !ascii_only(word, ASCII_ALNUM))
		return false;
	path_of(s, word, path);
	return access(path, F_OK) == 0;
}
