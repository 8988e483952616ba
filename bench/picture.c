/*
 * bench/picture: personal images a second by one session (two texts and a QR code over a
 * background of 640x1138), compared with bare JPEG encodes of the same pixels at the same
 * quality in the same minute.
 *
 * usage: picture BACKGROUND.jpg TRANSCODER [ROUNDS]
 * Prints images a second, encodes a second and their ratio, as medians over the rounds; then the
 * CPU time of both sides for an image and that of an encode, which other load disturbs less.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vips/vips.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/crypt.h"
#include "base/file.h"
#include "base/num.h"
#include "blob/blob.h"
#include "model/message.h"
#include "child_process.h"
#include "personal/personal_image.h"

enum { ROUNDS = 15, EACH = 40, MOST = 200, QUALITY = 82 };

static struct settings settings;
static struct image_area area[2] = {
	{ { 40, 60, 560, 90 }, "Noto Sans Bold", 48, 0xffffff, IMAGE_CENTER,
	    "Dear {$firstname|friend}" },
	{ { 40, 170, 560, 60 }, "Noto Sans", 32, 0xffffff, IMAGE_CENTER,
	    "Your code is {$code|none}" },
};
static struct image_barcode code = { CODE_QR, { 195, 780, 250, 290 }, 0, 0xffffff, "{$code|none}",
	"https://example.com/c/{$code|none}" };
static struct image_template image = {
	.id = 1, .account = 1, .name = "bench", .area = area, .narea = 2, .barcode = &code
};

static void
die(const char *what)
{
	(void)fprintf(stderr, "bench/picture: %s: %m\n", what);
	exit(1);
}

/* Makes an instance's folder with the background as a blob. */
static void
prepare(const char *background)
{
	char dir[] = "/tmp/picture.XXXXXX", chunk[65536];
	VipsImage *im = vips_image_new_from_file(background, NULL);
	int from = open(background, O_RDONLY | O_CLOEXEC), to;
	ssize_t n;

	if (mkdtemp(dir) == NULL || im == NULL || from < 0)
		die(background);
	image.width = (uint32_t)vips_image_get_width(im);
	image.height = (uint32_t)vips_image_get_height(im);
	g_object_unref(im);
	settings_defaults(&settings, dir);
	if (blob_init(&settings) != 0 || (to = blob_temp(&settings)) < 0)
		die(dir);
	while ((n = read(from, chunk, sizeof chunk)) > 0)
		if (file_write(to, chunk, (size_t)n) != 0)
			die(dir);
	if (blob_store(&settings, to, image.sha, &image.bytes) != 0)
		die(dir);
	file_close(&from);
	file_close(&to);
}

/* Draws n images with values of their own. *out gets the bytes of the last one. Returns seconds. */
static double
draw(struct transcoder *t, unsigned first, unsigned n, struct arena *keep,
    struct personal_image *out)
{
	const struct image_tools tools = { t, &settings };
	int64_t began = clock_mono();

	for (unsigned i = 0; i < n; i++) {
		char name[32], number[32], why[TRANSCODE_WHY];
		const struct message_var var[] = { { "code", number }, { "firstname", name } };
		const struct personal_image_want want = { &image, var, 2, 300000, 2048, 0 };
		struct arena *a = i + 1 == n && keep != NULL ? keep : arena_new(1 << 22);

		(void)snprintf(number, sizeof number, "%08u", (first + i) * 7919);
		(void)snprintf(name, sizeof name, "Recipient %u", first + i);
		if (a == NULL ||
		    personal_image_render(&tools, &want, a, out, why) != PERSONAL_IMAGE_OK) {
			(void)fprintf(stderr, "bench/picture: %s\n", why);
			exit(1);
		}
		if (a != keep)
			arena_free(&a);
	}
	return (double)(clock_mono() - began) / 1e6;
}

/* Encodes the pixels n times as the transcoder does. Returns seconds. */
static double
encode(VipsImage *im, unsigned n)
{
	int64_t began = clock_mono();

	for (unsigned i = 0; i < n; i++) {
		void *p = NULL;
		size_t size;

		if (vips_jpegsave_buffer(im, &p, &size, "Q", QUALITY, "optimize_coding", TRUE,
			"interlace", FALSE, "subsample_mode", VIPS_FOREIGN_SUBSAMPLE_ON, "strip",
			TRUE, NULL) != 0)
			die("encode");
		g_free(p);
	}
	return (double)(clock_mono() - began) / 1e6;
}

/* Returns the CPU seconds of this process. */
static double
own_cpu(void)
{
	struct rusage u;

	if (getrusage(RUSAGE_SELF, &u) != 0)
		die("getrusage");
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Returns the CPU seconds of the session, which is the transcoder's only child. */
static double
session_cpu(void)
{
	long pid = child_of(child_of((long)getpid())), user, sys;
	char path[64];
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	if ((f = fopen(path, "re")) == NULL ||
	    fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %ld %ld", &user, &sys) !=
		2)
		die(path);
	(void)fclose(f);
	return (double)(user + sys) / (double)sysconf(_SC_CLK_TCK);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, unsigned n)
{
	qsort(v, n, sizeof *v, compare);
	return v[n / 2];
}

int
main(int argc, char **argv)
{
	double pictures[MOST], encodes[MOST], ratio[MOST], cpu, encode_cpu = 0;
	struct arena *keep = arena_new(1 << 23);
	struct personal_image p;
	VipsImage *im, *mem;
	struct transcoder *t;
	uint64_t rounds = ROUNDS;

	if (argc < 3 || (argc > 3 && !num_u64(argv[3], 1, MOST, &rounds))) {
		(void)fprintf(stderr, "usage: picture BACKGROUND.jpg TRANSCODER [ROUNDS]\n");
		return 2;
	}
	if (keep == NULL || !crypt_init() || vips_init(argv[0]) != 0 ||
	    (t = transcoder_new(argv[2], 1)) == NULL)
		die("start");
	vips_concurrency_set(1);
	vips_cache_set_max(0);
	prepare(argv[1]);
	(void)draw(t, 0, 20, keep, &p);
	if (vips_jpegload_buffer((void *)(uintptr_t)p.p, p.n, &im, NULL) != 0 ||
	    (mem = vips_image_copy_memory(im)) == NULL)
		die("decode");
	(void)encode(mem, 10);
	cpu = -own_cpu() - session_cpu();
	for (unsigned i = 0; i < rounds; i++) {
		double d = draw(t, i * EACH, EACH, NULL, &p), before = own_cpu(),
		       e = encode(mem, EACH);

		encode_cpu += own_cpu() - before;
		pictures[i] = EACH / d;
		encodes[i] = EACH / e;
		ratio[i] = d / e;
	}
	(void)printf(
	    "%ux%u, %zu bytes: %.0f pictures a second, %.0f bare encodes a second, ratio %.2f\n",
	    (unsigned)image.width, (unsigned)image.height, p.n, median(pictures, (unsigned)rounds),
	    median(encodes, (unsigned)rounds), median(ratio, (unsigned)rounds));
	cpu += own_cpu() + session_cpu() - encode_cpu;
	(void)printf("CPU: %.2f ms a picture, %.2f ms an encode, ratio %.2f\n",
	    cpu * 1e3 / (double)(EACH * rounds), encode_cpu * 1e3 / (double)(EACH * rounds),
	    cpu / encode_cpu);
	transcoder_free(&t);
	return 0;
}
