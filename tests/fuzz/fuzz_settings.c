/*
 * fuzz_settings: the reader of savemms.conf, through a file.
 *
 * Promises looked after: a refusal has a reason that names the file's line, or the line that
 * is missing; every value that was taken would be taken again as it is written out.
 */
#include "fuzz.h"

#include <string.h>
#include <unistd.h>

#include "model/settings.h"

static char path[256];

static void
remove_file(void)
{
	(void)unlink(path);
}

/* The one file of this process; -1 when it cannot be had. */
static int
file(void)
{
	static int fd = -1;

	if (fd < 0) {
		const char *tmp = getenv("TMPDIR");

		(void)snprintf(path, sizeof path, "%s/fuzz-settings-XXXXXX",
		    tmp != NULL ? tmp : "/tmp");
		fd = mkstemp(path);
		if (fd >= 0)
			(void)atexit(remove_file);
	}
	return fd;
}

static void
set_again(void *ctx, const char *key, const char *value, const char *def, const char *doc)
{
	char err[256] = "";

	(void)def;
	(void)doc;
	MUST(settings_set(ctx, key, value, err, sizeof err) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings s, copy;
	char err[512] = "";
	int fd = file();

	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		return 0;
	if (settings_read(&s, path, err, sizeof err) != 0) {
		MUST(strstr(err, ": line ") != NULL || strstr(err, " = ...") != NULL);
		MUST(strlen(err) < sizeof err);
		return 0;
	}
	MUST(s.nclass >= 1 && s.nclass <= CLASS_MAX && s.nretry <= RETRY_MAX);
	settings_defaults(&copy, s.dir);
	settings_each(&s, set_again, &copy);
	MUST(copy.nclass == s.nclass && memcmp(copy.class, s.class, sizeof s.class) == 0);
	MUST(copy.nretry == s.nretry &&
	    memcmp(copy.retry, s.retry, s.nretry * sizeof s.retry[0]) == 0);
	return 0;
}
