/* render_fonts: see render_fonts.h */
#include "transcode/personal/render_fonts.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "transcode/cage/cage.h"
#include "transcode/personal/render_run.h"
#include "transcode/personal/render_text.h"

/* A letter or two of each script that texts to handsets are written in. */
static const struct {
	const char *name, *text;
} scripts[] = {
	{ "Latin", "Ag\xc3\xa9\xc5\x82" },
	{ "emoji", "\xf0\x9f\x98\x80" },
	{ "Greek", "\xce\xa9" },
	{ "Cyrillic", "\xd0\x96" },
	{ "Arabic", "\xd8\xb3" },
	{ "Hebrew", "\xd7\xa9" },
	{ "Devanagari", "\xe0\xa4\x95" },
	{ "Bengali", "\xe0\xa6\x95" },
	{ "Tamil", "\xe0\xae\x95" },
	{ "Thai", "\xe0\xb8\x81" },
	{ "Chinese", "\xe4\xb8\xad" },
	{ "Japanese", "\xe3\x81\x82" },
	{ "Korean", "\xed\x95\x9c" },
};

static bool
write_line(int fd, const char *word, const char *script)
{
	char line[64];

	(void)snprintf(line, sizeof line, "%s %s\n", word, script);
	return file_write(fd, line, strlen(line)) == 0;
}

int
render_fonts(int fd)
{
	struct cage c = { .calls = CAGE_RENDER };

	if (!render_allow_fonts(&c) || cage_enter(&c) < 0) {
		log_error("the cage cannot be entered: %m");
		return 1;
	}
	if (!render_text_setup())
		return write_line(fd, "missing", scripts[0].name) ? 0 : 1;
	for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
		if (!write_line(fd, render_text_unknown(scripts[i].text) == 0 ? "ok" : "missing",
			scripts[i].name))
			return 1;
	return 0;
}
