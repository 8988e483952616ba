/*
 * fuzz_sniff: everything that looks at a medium's bytes without a decoder: the
 * sniffer, on a head and on a file, the walkers of images, what completes an image,
 * the sizes in the headers of RIFF and ASF files.
 */
#include "fuzz.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "media/media_magic.h"
#include "transcode/av/av_head.h"
#include "transcode/av/av_plan.h"
#include "transcode/image/mend.h"
#include "transcode/image/walk.h"

static void
check_file(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("fuzz-sniff", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		return;
	MUST(media_magic_fd(fd) < FORMAT_COUNT);
	MUST(lseek(fd, 0, SEEK_CUR) == 0);
}

/* Completes a copy, which has as much room as mend() needs and no more. */
static void
check_mend(enum format f, const uint8_t *data, size_t size, const struct walk *w)
{
	unsigned char *p = malloc(size + MEND_ROOM);
	struct walk mended;
	size_t n = size, zeros;

	if (p == NULL)
		return;
	memcpy(p, data, size);
	if (mend(f, p, &n, w, &zeros)) {
		MUST(n <= size + MEND_ROOM && n + zeros <= size + MEND_ROOM);
		MUST(walk(f, p, n, &mended) && mended.whole);
		if (zeros > 0) {
			n = mend_with_zeros(p, n, zeros);
			MUST(memcmp(p, data, n - 2) == 0);
			MUST(walk(f, p, n, &mended) && mended.whole);
		}
	} else {
		MUST(n == size && memcmp(p, data, size) == 0);
	}
	free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum format images[] = { FORMAT_JPEG, FORMAT_PNG, FORMAT_GIF, FORMAT_WEBP };
	size_t head = size < SNIFF_HEAD ? size : SNIFF_HEAD;
	struct walk w;

	MUST(media_magic(data, head, size) < FORMAT_COUNT);
	MUST(media_magic(data, head, UINT64_MAX) < FORMAT_COUNT);
	check_file(data, size);
	for (size_t i = 0; i < sizeof images / sizeof images[0]; i++)
		if (walk(images[i], data, size, &w)) {
			MUST(w.width > 0 && w.height > 0);
			(void)!walk_over(&w, 50000000, 300);
			if (!w.whole)
				check_mend(images[i], data, size, &w);
		}
	for (int f = FORMAT_NONE; f < FORMAT_COUNT; f++)
		(void)head_size((enum format)f, data, size);
	return 0;
}
