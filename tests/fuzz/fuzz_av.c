/*
 * fuzz_av: gives a file to av_run(), which is what runs in the caged child of a sound or film.
 * There is no cage here: libFuzzer itself needs calls that the cage forbids.
 *
 * The input's first byte chooses the format, the second the targets; the file follows. Promises
 * looked after: av_run() returns 0; it never blames savemms; a failure has a printable reason; an
 * output is as large as the result says, fits exactly if it is within the budget, is within the
 * box, and can be opened again; AMR is whole frames; the answer passes transcode_result_check();
 * progress does not fall; and no descriptor is left open. LeakSanitizer looks for memory.
 *
 * libav* is not built with the counters of libFuzzer. Instead, each message that it could log
 * counts as an edge, so that inputs which reach another place in it are kept.
 */
#include "fuzz_av.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libavutil/log.h>
#include <libavutil/mem.h>

#include "media/transcode_result.h"
#include "transcode/av/av.h"
#include "transcode/transcode_child.h"

enum {
	TARGETS = 2,
	PIXELS = 320 * 240,
	MS = 2000,
	BLOCK_MOST = 256 << 20, /* the largest piece of memory that libav* gets */
	COUNTERS = 4096,
};

/* ---- messages as edges -------------------------------------------------------------- */

typedef void logger(void *ctx, int level, const char *fmt, va_list ap);

/* The linker gives our name for av_log_set_callback() to all our files. */
void __wrap_av_log_set_callback(logger *to);
void __real_av_log_set_callback(logger *to);

static uint8_t __attribute__((section("__libfuzzer_extra_counters"), used)) said[COUNTERS];
static logger *next;

static void __attribute__((format(printf, 3, 0)))
count_message(void *ctx, int level, const char *fmt, va_list ap)
{
	uint32_t h = 2166136261u;

	for (const char *s = fmt; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 16777619u;
	said[(h ^ h >> 16) % COUNTERS] = 1;
	next(ctx, level, fmt, ap);
}

void
__wrap_av_log_set_callback(logger *to)
{
	next = to;
	__real_av_log_set_callback(count_message);
}

/* ---- descriptors --------------------------------------------------------------------- */

static struct {
	bool open;
	int source, out[TARGETS], answer[2];
} file;

static void
open_files(void)
{
	if (file.open)
		return;
	file.open = true;
	file.source = memfd_create("fuzz-source", MFD_CLOEXEC);
	MUST(file.source >= 0);
	for (int i = 0; i < TARGETS; i++) {
		file.out[i] = memfd_create("fuzz-out", MFD_CLOEXEC);
		MUST(file.out[i] >= 0);
	}
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, file.answer) == 0);
	av_max_alloc(BLOCK_MOST);
}

static void
empty(int fd)
{
	MUST(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0);
}

static unsigned
count_open(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	MUST(d != NULL);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

static uint64_t
size_of(int fd)
{
	struct stat st;

	MUST(fstat(fd, &st) == 0 && st.st_size >= 0);
	return (uint64_t)st.st_size;
}

/* ---- a run ------------------------------------------------------------------------------ */

static enum format
nth_format(enum kind kind, unsigned n)
{
	enum format found[FORMAT_COUNT];
	unsigned count = 0;

	for (int f = 1; f < FORMAT_COUNT; f++)
		if (format_kind((enum format)f) == kind && format_demuxer((enum format)f) != NULL)
			found[count++] = (enum format)f;
	return found[n % count];
}

/* Returns a request without a target. Nothing limits this process. */
static struct transcode_request
request_of(uint32_t format, uint64_t pixels, uint32_t ms)
{
	return (struct transcode_request){ .version = TRANSCODE_VERSION,
		.format = format,
		.max_pixels = pixels,
		.wall_ms = 1,
		.cpu_s = 1,
		.memory_mb = 1,
		.max_ms = ms };
}

/* Returns the rate of target i's sound. The smaller of two targets may have AMR beside MP3. */
static uint32_t
sound_bps(unsigned how, unsigned i)
{
	if (how >> 6 == 2 && i == 0)
		return SOUND_SPEECH;
	return (how >> 5 & 1) != 0 ? 2 * SOUND_MONO : SOUND_MONO;
}

static void
choose(struct transcode_request *req, unsigned how)
{
	static const uint32_t budgets[] = { 1500, 6000, 20000, 80000 };
	static const uint32_t boxes[] = { 16, 48, 96, 320 };
	unsigned n = 1 + how % 2;

	req->kind = how >> 6 == 3 ? TRANSCODE_PROBE : TRANSCODE_MEDIUM;
	if (req->kind == TRANSCODE_PROBE)
		return;
	req->ntargets = n;
	for (unsigned i = 0; i < n; i++)
		req->target[i] = (struct transcode_target){
			.budget = budgets[how >> 1 & 3] << i,
			.box = boxes[how >> 3 & 3] << i,
			.audio_bps = 24000,
			.sound_bps = sound_bps(how, i),
			.profile = (how >> 5 & 1) != 0 ? PROFILE_MAIN : PROFILE_BASELINE,
		};
}

static void
run(const struct transcode_request *req, int source, struct transcode_result *res)
{
	struct job_request job = { .req = *req,
		.answer = file.answer[0],
		.source = source,
		.size = (int64_t)size_of(source) };

	MUST(transcode_request_bad(req) == NULL);
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		job.out[i] = i < req->ntargets ? file.out[i] : -1;
	transcode_result_set(res, TS_BROKEN, "");
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		res->out[i].same_as = i;
	MUST(av_run(&job, res) == 0);
}

/* ---- promises ------------------------------------------------------------------------------ */

static void
check_progress(void)
{
	struct transcode_result p;
	uint32_t last = 0;

	while (recv(file.answer[1], &p, sizeof p, MSG_DONTWAIT) == (ssize_t)sizeof p) {
		MUST(p.status == TS_PROGRESS);
		MUST(p.done_permille >= last && p.done_permille < 1000);
		last = p.done_permille;
	}
}

static void
check_why(const struct transcode_result *res)
{
	const char *end = memchr(res->why, '\0', sizeof res->why);

	MUST(end != NULL);
	for (const char *s = res->why; s < end; s++)
		MUST(*s >= ' ' && *s <= '~');
	MUST(res->status == TS_OK || end > res->why);
}

/* An AMR file is whole frames of speech and pauses, 20 ms each. */
static void
check_frames(const struct transcode_output *o, int fd)
{
	enum { PAUSE = 8, EMPTY = 15 };
	/* RFC 4867, section 5.3 */
	static const size_t size[] = { 13, 14, 16, 18, 20, 21, 27, 32, [PAUSE] = 6, [EMPTY] = 1 };
	uint64_t at = 6, n = 0;
	unsigned char head;

	for (; at < o->bytes; n++) {
		MUST(pread(fd, &head, 1, (off_t)at) == 1);
		MUST((head & 0x83) == 0 && (head >> 3 <= PAUSE || head >> 3 == EMPTY));
		MUST((head & 0x04) != 0 || head >> 3 >= PAUSE);
		at += size[head >> 3];
	}
	MUST(at == o->bytes);
	MUST(o->ms <= n * 20 + 20 && o->ms + 20 >= n * 20);
}

/* Opens an output as a source; it is what the result says. */
static void
check_again(const struct transcode_output *o, int fd)
{
	struct transcode_request req = request_of(o->format, UINT32_MAX, UINT32_MAX);
	struct transcode_result res;

	req.kind = TRANSCODE_PROBE;
	run(&req, fd, &res);
	if (res.status != TS_OK)
		(void)fprintf(stderr, "why: %s\n", res.why);
	MUST(res.status == TS_OK);
	MUST(res.width == o->width && res.height == o->height);
	if (o->format == FORMAT_AMR) { /* nothing in it tells its length but the frames */
		check_frames(o, fd);
		return;
	}
	if (res.ms > o->ms + 200 || res.ms + 200 < o->ms)
		(void)fprintf(stderr, "%u ms instead of %u\n", res.ms, o->ms);
	MUST(res.ms <= o->ms + 200 && res.ms + 200 >= o->ms);
}

static void
check_output(const struct transcode_request *req, const struct transcode_result *res, unsigned i)
{
	const struct transcode_output *o = &res->out[i];
	const struct transcode_target *t = &req->target[i];

	MUST(o->same_as < req->ntargets);
	MUST(o->bytes == size_of(file.out[o->same_as]));
	MUST(o->bytes <= AV_FILE_MOST);
	MUST(o->fits == (o->bytes > 0 && o->bytes <= t->budget));
	if (o->bytes == 0)
		return;
	MUST(o->width <= t->box && o->height <= t->box);
	if (o->same_as == i)
		check_again(o, file.out[i]);
}

static void
check(const struct transcode_request *req, const struct transcode_result *res)
{
	struct transcode_result checked = *res;
	uint64_t sizes[TRANSCODE_TARGETS] = { 0 };

	check_why(res);
	if (res->status == TS_BROKEN)
		(void)fprintf(stderr, "why: %s\n", res->why);
	MUST(res->status == TS_OK || res->status == TS_CORRUPT || res->status == TS_TOO_BIG ||
	    res->status == TS_LIMIT);
	for (unsigned i = 0; i < req->ntargets; i++)
		sizes[i] = size_of(file.out[i]);
	transcode_result_check(&checked, sizeof checked, req, sizes);
	MUST(checked.status == res->status);
	for (unsigned i = 0; res->status == TS_OK && i < req->ntargets; i++)
		check_output(req, res, i);
}

void
fuzz_av(enum kind kind, const uint8_t *data, size_t size)
{
	struct transcode_request req;
	struct transcode_result res;
	unsigned before;

	if (size < 2)
		return;
	open_files();
	before = count_open();
	req = request_of(nth_format(kind, data[0]), PIXELS, MS);
	choose(&req, data[1]);
	empty(file.source);
	for (int i = 0; i < TARGETS; i++)
		empty(file.out[i]);
	MUST(pwrite(file.source, data + 2, size - 2, 0) == (ssize_t)(size - 2));
	run(&req, file.source, &res);
	check_progress();
	check(&req, &res);
	MUST(count_open() == before);
}
