/* settings_use: what programs ask of settings that have been read; see settings.h. */
#include "model/settings.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

enum { LOCKS_MS = 20000 };

unsigned
settings_encode_jobs(const struct settings *s)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (s->encode_jobs > 0)
		return (unsigned)s->encode_jobs;
	return cores > 0 ? (unsigned)cores : 1;
}

uint64_t
settings_image_ms(const struct settings *s)
{
	return 2 * s->image_cpu_seconds * 1000;
}

uint64_t
settings_media_ms(const struct settings *s)
{
	return s->request_ms + settings_image_ms(s);
}

uint64_t
settings_save_ms(const struct settings *s)
{
	return settings_media_ms(s) + LOCKS_MS;
}

void
settings_path(const struct settings *s, const char *name, char *out, size_t size)
{
	int n = snprintf(out, size, "%s/%s", s->dir, name);

	if (n < 0 || (size_t)n >= size)
		out[0] = '\0';
}

void
settings_open_log(const struct settings *s, const char *program)
{
	char path[INSTANCE_PATH];
	bool to_stderr = strcmp(s->log_file, "-") == 0;

	log_as_json(strcmp(s->log_format, "json") == 0);
	settings_path(s, "log/savemms.log", path, sizeof path);
	/* log_open() itself reports a file that cannot be opened. */
	(void)log_open(program, to_stderr ? NULL : s->log_file[0] != '\0' ? s->log_file : path);
}
