/*
 * doctor_codecs: lets the transcoder make renditions of a small picture, sound and film for every
 * class, from sources that no class takes as they are.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "admin/doctor/doctor.h"
#include "admin/doctor/rule.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/where.h"
#include "blob/blob.h"
#include "media/transcode.h"
#include "media/transcode_made.h"

enum { WAV_RATE = 8000, WAV_HEAD = 44, WAV_SAMPLES = 4000, WALL_MS = 30000 };

struct medium_facts {
	const char *name;   /* of the finding */
	const char *sample; /* file in www; NULL: a sound that is made here */
	enum format format;
};

static void
put(unsigned char *p, uint32_t v, int n)
{
	for (int i = 0; i < n; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

/* Writes half a second of a tone as a WAV file. Returns 0, or -1 with errno set. */
static int
write_wav(int fd)
{
	unsigned char wav[WAV_HEAD + WAV_SAMPLES * 2];

	memcpy(wav, "RIFF....WAVEfmt ", 16);
	put(wav + 4, sizeof wav - 8, 4);
	put(wav + 16, 16, 4);
	put(wav + 20, 1, 2); /* PCM */
	put(wav + 22, 1, 2); /* channels */
	put(wav + 24, WAV_RATE, 4);
	put(wav + 28, WAV_RATE * 2, 4);
	put(wav + 32, 2, 2);
	put(wav + 34, 16, 2);
	memcpy(wav + 36, "data", 4);
	put(wav + 40, WAV_SAMPLES * 2, 4);
	for (unsigned i = 0; i < WAV_SAMPLES; i++)
		put(wav + WAV_HEAD + 2 * i, i / 10 % 2 == 0 ? 6000 : 0xffff & -6000U, 2);
	return file_write(fd, wav, sizeof wav);
}

/* Returns the sample, open for reading, or -1 with errno set. */
static int
open_sample(const struct settings *s, const struct medium_facts *m)
{
	char share[INSTANCE_PATH], path[INSTANCE_PATH + 64];
	int fd;

	if (m->sample == NULL) {
		if ((fd = blob_temp(s)) >= 0 && write_wav(fd) != 0)
			file_close(&fd);
		return fd;
	}
	where_share(share, sizeof share);
	(void)snprintf(path, sizeof path, "%s/www/%s", share, m->sample);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Appends the names of the classes for which nothing came out. */
static void
list_lacking(const struct settings *s, const struct transcode_result *res, char *out, size_t size)
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned k = 0; k < s->nclass && n < size; k++)
		if (!res->out[k].fits)
			n += (size_t)snprintf(out + n, size - n, "%s%s", n > 0 ? " " : "",
			    s->class[k].name);
}

static void
make(const struct settings *s, struct transcoder *t, const struct medium_facts *m,
    struct finding *f)
{
	struct transcode_request req;
	struct transcode_result res = { .status = TS_BROKEN };
	struct transcode_job *j = NULL;
	char temp[INSTANCE_PATH], lacking[CLASS_MAX * (CLASS_NAME + 1)];
	struct codec_facts c = { .why = "", .lacking = lacking, .classes = s->nclass };
	int64_t began = clock_mono();
	int fd = open_sample(s, m);

	transcode_request_init(&req, s, m->format);
	req.wall_ms = req.wall_ms < WALL_MS ? req.wall_ms : WALL_MS;
	for (req.ntargets = 0; req.ntargets < s->nclass; req.ntargets++)
		req.target[req.ntargets] = transcode_target_of(&s->class[req.ntargets],
		    s -> class[req.ntargets].bytes);
	blob_temp_dir(s, temp, sizeof temp);
	if (fd < 0) {
		c.why = strerror(errno);
	} else if ((j = transcode_start(t, &req, fd, temp)) == NULL) {
		c.why = "the transcoder cannot be started";
	} else {
		transcode_wait(j, transcode_queue_until(), NULL, NULL, &res);
		if (res.status != TS_OK)
			c.why = res.why[0] != '\0' ? res.why : "no reason given";
	}
	list_lacking(s, &res, lacking, sizeof lacking);
	c.ms = (uint64_t)(clock_mono() - began) / 1000;
	rule_codec(&c, f);
	if (j != NULL)
		transcode_end(&j);
	file_close(&fd);
}

void
check_codecs(const struct doctor *d, struct doctor_report *r)
{
	static const struct medium_facts media[] = {
		{ "pictures", "sample.jpg", FORMAT_JPEG },
		{ "sounds", NULL, FORMAT_WAV },
		{ "films", "sample.avi", FORMAT_AVI },
	};
	const struct settings *s = &d->settings;
	struct transcoder *t = transcoder_new(s->transcode_program[0] != '\0' ?
		s->transcode_program :
		NULL,
	    1);

	for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
		struct finding *f = doctor_add(r, media[i].name);

		if (t != NULL)
			make(s, t, &media[i], f);
		else
			rule_codec(&(struct codec_facts){ .why = "out of memory", .lacking = "" },
			    f);
	}
	transcoder_free(&t);
}
