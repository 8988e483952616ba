/*
 * bench/jobs: runs many media through one transcoder and watches the process that forks their
 * children: its memory and its descriptors must not grow.
 *
 * usage: jobs TRANSCODER N FILE...
 * Runs N jobs, FILE after FILE. Prints jobs a second, how the jobs ended, and the memory of
 * the process and its descriptors after a tenth of the jobs and at the end. The exit status is 1
 * if the memory has grown by more than GROWTH_KB or a descriptor is left, or if a job was broken.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/num.h"
#include "child_process.h"
#include "media/media_magic.h"
#include "media/transcode.h"
#include "media/transcode_made.h"
#include "model/settings.h"

enum { FILES = 32, GROWTH_KB = 256, BUDGET = 20000, BOX = 160 };

static struct settings settings;

static void
die(const char *what)
{
	(void)fprintf(stderr, "bench/jobs: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Returns the memory of a process in KiB that is no file's, whether or not a child shares it. */
static unsigned long
memory_kb(long pid)
{
	char path[64], line[128];
	unsigned long kb = 0;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/status", pid);
	if ((f = fopen(path, "re")) == NULL)
		die(path);
	while (kb == 0 && fgets(line, sizeof line, f) != NULL)
		if (sscanf(line, "RssAnon: %lu kB", &kb) != 1)
			kb = 0;
	(void)fclose(f);
	return kb;
}

static unsigned
descriptors(long pid)
{
	char path[64];
	unsigned n = 0;
	DIR *d;

	(void)snprintf(path, sizeof path, "/proc/%ld/fd", pid);
	if ((d = opendir(path)) == NULL)
		die(path);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static enum transcode_status
run_one(struct transcoder *t, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct transcode_request req;
	struct transcode_result res;
	struct transcode_job *j;

	if (fd < 0)
		die(path);
	transcode_request_init(&req, &settings, media_magic_fd(fd));
	req.ntargets = 1;
	req.target[0] = (struct transcode_target){ .budget = BUDGET,
		.box = BOX,
		.audio_bps = 24000,
		.sound_bps = 32000 };
	if ((j = transcode_start(t, &req, fd, "/tmp")) == NULL)
		die("the transcoder cannot be started");
	transcode_wait(j, NULL, NULL, NULL, &res);
	transcode_end(&j);
	(void)close(fd);
	return res.status;
}

int
main(int argc, char **argv)
{
	unsigned long ended[TS_BROKEN + 1] = { 0 }, kb = 0, kb_end;
	unsigned fds = 0, fds_end;
	struct transcoder *t;
	int64_t began;
	uint64_t n;
	long pid;

	if (argc < 4 || argc > 3 + FILES || !num_u64(argv[2], 10, 10000000, &n)) {
		(void)fprintf(stderr, "usage: jobs TRANSCODER N FILE...\n");
		return 2;
	}
	settings_defaults(&settings, "");
	if ((t = transcoder_new(argv[1], 1)) == NULL)
		die("transcoder");
	began = clock_mono();
	for (uint64_t i = 0; i < n; i++) {
		ended[run_one(t, argv[3 + i % (unsigned)(argc - 3)])]++;
		if (i + 1 == n / 10) {
			pid = child_of((long)getpid());
			kb = memory_kb(pid);
			fds = descriptors(pid);
		}
	}
	pid = child_of((long)getpid());
	kb_end = memory_kb(pid);
	fds_end = descriptors(pid);
	(void)printf("jobs: %llu, %.0f a second; %lu ok, %lu corrupt, %lu too big, %lu broken\n",
	    (unsigned long long)n, (double)n * 1e6 / (double)(clock_mono() - began), ended[TS_OK],
	    ended[TS_CORRUPT], ended[TS_TOO_BIG] + ended[TS_LIMIT],
	    ended[TS_KILLED] + ended[TS_BROKEN]);
	(void)printf("jobs: memory %lu KiB after a tenth, %lu KiB at the end; descriptors %u, %u\n",
	    kb, kb_end, fds, fds_end);
	transcoder_free(&t);
	return kb_end > kb + GROWTH_KB || fds_end > fds || ended[TS_KILLED] + ended[TS_BROKEN] > 0;
}
