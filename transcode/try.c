/*
 * try: see try.h
 *
 * It takes the same path as the servers: it starts a transcoder of its own, which forks and cages.
 * Result files are named DIR/CLASS.EXTENSION; existing ones are replaced.
 */
#include "transcode/try.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/file.h"
#include "base/num.h"
#include "media/transcode.h"
#include "media/transcode_made.h"
#include "media/transcode_result.h"
#include "model/settings.h"
#include "model/settings_value.h"

enum { OPT_CLASS = 256, OPT_OUT, OPT_FORMAT, OPT_PIXELS, OPT_FRAMES, OPT_WALL, NAME = 32 };

static const struct option options[] = {
	{ "class", required_argument, NULL, OPT_CLASS },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "max-pixels", required_argument, NULL, OPT_PIXELS },
	{ "max-frames", required_argument, NULL, OPT_FRAMES },
	{ "wall", required_argument, NULL, OPT_WALL },
	{ NULL, 0, NULL, 0 },
};

struct trial {
	const char *file, *out;
	enum format format;
	uint64_t pixels, frames, wall; /* 0: the default */
	char name[TRANSCODE_TARGETS][NAME];
	struct transcode_target target[TRANSCODE_TARGETS];
	unsigned n;
};

/* Returns the format that a file's name promises, or FORMAT_NONE. */
static enum format
by_extension(const char *file)
{
	const char *dot = strrchr(file, '.');
	char ext[16];
	size_t n = 0;

	if (dot == NULL || strlen(dot + 1) >= sizeof ext)
		return FORMAT_NONE;
	for (const char *s = dot + 1; *s != '\0'; s++)
		ext[n++] = ascii_lower(*s);
	ext[n] = '\0';
	for (int f = 1; f < FORMAT_COUNT; f++) /* the usual one first: mpg, mov */
		if (strcmp(format_ext((enum format)f), ext) == 0)
			return (enum format)f;
	for (int f = 1; f < FORMAT_COUNT; f++)
		if (format_has_ext((enum format)f, ext))
			return (enum format)f;
	return FORMAT_NONE;
}

/* Adds a class to the trial. It may have any name that a file can have, and any numbers that a
 * request can hold. */
static bool
add_class(struct trial *t, const char *text)
{
	char copy[128];
	struct class_parts p;

	if (t->n >= TRANSCODE_TARGETS || strlen(text) >= sizeof copy)
		return false;
	memcpy(copy, text, strlen(text) + 1);
	if (class_parse(copy, &p) < 4 || strlen(p.name) >= NAME || strchr(p.name, '/') != NULL ||
	    p.name[0] == '.' || p.bytes < 1 || p.bytes > UINT32_MAX || p.side < 1 ||
	    p.side > 65535 || p.film_bps > UINT32_MAX || p.sound_bps > UINT32_MAX)
		return false;
	(void)snprintf(t->name[t->n], NAME, "%s", p.name);
	t->target[t->n++] = (struct transcode_target){ .budget = p.bytes,
		.box = (uint32_t)p.side,
		.audio_bps = (uint32_t)p.film_bps,
		.sound_bps = (uint32_t)p.sound_bps,
		.profile = p.profile };
	return true;
}

static bool
arguments(struct trial *t, int argc, char **argv)
{
	int c;
	bool ok = argc >= 1;

	/* getopt starts after argv[0], which is the file here */
	for (optind = 1; ok && (c = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		if (c == OPT_CLASS)
			ok = add_class(t, optarg);
		else if (c == OPT_OUT)
			t->out = optarg;
		else if (c == OPT_FORMAT)
			ok = (t->format = format_by_name(optarg)) != FORMAT_NONE;
		else if (c == OPT_PIXELS)
			ok = num_u64(optarg, 1, UINT32_MAX, &t->pixels);
		else if (c == OPT_FRAMES)
			ok = num_u64(optarg, 1, UINT32_MAX, &t->frames);
		else if (c == OPT_WALL)
			ok = num_u64(optarg, 1, 3600000, &t->wall);
		else
			ok = false;
	}
	if (!ok || optind != argc || t->n == 0 || t->out == NULL)
		return false;
	t->file = argv[0];
	if (t->format == FORMAT_NONE)
		t->format = by_extension(t->file);
	return true;
}

/* Writes target i's bytes to DIR/CLASS.EXT. Returns false on failure, which it reports. */
static bool
save(const struct trial *t, const struct transcode_job *j, unsigned i,
    const struct transcode_output *o)
{
	char path[PATH_MAX];
	char *bytes = malloc(o->bytes);
	bool ok = false;

	if (snprintf(path, sizeof path, "%s/%s.%s", t->out, t->name[i],
		format_ext((enum format)o->format)) >= (int)sizeof path)
		errno = ENAMETOOLONG;
	else if (bytes != NULL)
		ok = file_pread(transcode_output_fd(j, o->same_as), bytes, o->bytes, 0) ==
			(ssize_t)o->bytes &&
		    file_replace(path, bytes, o->bytes) == 0;
	if (!ok)
		(void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
	free(bytes);
	return ok;
}

static int
report(const struct trial *t, const struct transcode_job *j, const struct transcode_result *r)
{
	static const char *const word[] = { "ok", "progress", "corrupt", "too-big", "limit",
		"value", "killed", "broken" };
	int status = r->status == TS_OK ? 0 : 1;

	for (unsigned i = 0; r->status == TS_OK && i < t->n; i++) {
		const struct transcode_output *o = &r->out[i];

		(void)printf("%s %s %llu %ux%u quality=%u ms=%u fits=%u best=%u same=%s\n",
		    t->name[i], format_name((enum format)o->format), (unsigned long long)o->bytes,
		    o->width, o->height, o->quality, o->ms, o->fits, o->best, t->name[o->same_as]);
		if (!o->fits || !save(t, j, i, o))
			status = 1;
	}
	(void)printf("status %s source=%ux%u frames=%u ms=%u%s%s\n", word[r->status], r->width,
	    r->height, r->frames, r->ms, r->why[0] != '\0' ? " why=" : "", r->why);
	return status;
}

/* Fills in the request of a trial. */
static void
fill(const struct trial *t, struct transcode_request *req)
{
	static struct settings s;

	settings_defaults(&s, "");
	transcode_request_init(req, &s, t->format);
	req->max_pixels = t->pixels > 0 ? t->pixels : req->max_pixels;
	req->max_frames = t->frames > 0 ? (uint32_t)t->frames : req->max_frames;
	req->wall_ms = t->wall > 0 ? (uint32_t)t->wall : req->wall_ms;
	req->ntargets = t->n;
	memcpy(req->target, t->target, sizeof req->target);
}

int
try_main(int argc, char **argv)
{
	struct trial t = { .format = FORMAT_NONE };
	struct transcode_request req;
	struct transcode_result res;
	struct transcoder *tc = NULL;
	struct transcode_job *j = NULL;
	int fd = -1, status = 1;
	const char *bad;

	if (!arguments(&t, argc, argv))
		return -1;
	fill(&t, &req);
	if ((bad = transcode_request_bad(&req)) != NULL)
		(void)fprintf(stderr, "%s: %s\n", t.file, bad);
	else if ((fd = open(t.file, O_RDONLY | O_CLOEXEC)) < 0 || file_mkdirs(t.out) != 0)
		(void)fprintf(stderr, "%s, %s: %s\n", t.file, t.out, strerror(errno));
	else if ((tc = transcoder_new("/proc/self/exe", 1)) == NULL ||
	    (j = transcode_start(tc, &req, fd, t.out)) == NULL)
		(void)fprintf(stderr, "the transcoder cannot be started\n");
	if (j != NULL) {
		transcode_wait(j, NULL, NULL, NULL, &res);
		status = report(&t, j, &res);
	}
	transcode_end(&j);
	transcoder_free(&tc);
	file_close(&fd);
	return status;
}
