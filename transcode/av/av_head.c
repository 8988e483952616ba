/*
 * av_head: finds how large a file was when it was whole; see av_head.h. ffmpeg plays what is
 * left of a RIFF or ASF file that was cut, and takes the duration from what it sees, so only the
 * sizes in the header reveal the cut. Known limits: a file written to a pipe has no size in its
 * header, and nothing reveals that an MP3 or MPEG file was cut.
 */
#include "transcode/av/av_plan.h"
#include "transcode/av/av_head.h"

#include <string.h>

#include "base/file.h"
#include "base/num.h"

enum {
	ASF_HEADER = 30,    /* bytes before the header's objects (ASF specification 3.1) */
	ASF_OBJECT = 24,    /* GUID and size of an object */
	ASF_OBJECTS = 64,   /* most objects examined */
	ASF_SIZE = 40,      /* in the File Properties Object (3.2): file size */
	ASF_FLAGS = 88,     /* its flags; bit 0: written live, the size means nothing */
	BOXES = 4096,       /* most boxes examined (ISO 14496-12) */
	HEAD = 8,           /* bytes of a box's size and type */
	TAIL_MOST = 65536,  /* most bytes that tail_missing() makes good */
	AMR_BYTES_MOST = 61 /* of a frame: wideband, 23.85 kbit/s */
};

/* Returns the size in a RIFF header. Writers that cannot seek leave zero or a very large number
 * there (RIFF has 4 GB). */
static uint64_t
riff_size(const unsigned char *p, size_t n)
{
	uint64_t size = n >= 8 ? num_little(p + 4, 4) : 0;

	return size == 0 || size >= 0x7fff0000 ? 0 : size + 8;
}

static uint64_t
asf_size(const unsigned char *p, size_t n)
{
	static const unsigned char properties[16] = {
		0xa1,
		0xdc,
		0xab,
		0x8c,
		0x47,
		0xa9,
		0xcf,
		0x11,
		0x8e,
		0xe4,
		0x00,
		0xc0,
		0x0c,
		0x20,
		0x53,
		0x65,
	};
	uint64_t off = ASF_HEADER;

	for (int i = 0; i < ASF_OBJECTS && off + ASF_OBJECT <= n; i++) {
		uint64_t size = num_little(p + off + 16, 8);

		if (memcmp(p + off, properties, sizeof properties) == 0)
			return off + ASF_FLAGS < n && (p[off + ASF_FLAGS] & 1) == 0 ?
			    num_little(p + off + ASF_SIZE, 8) :
			    0;
		if (size < ASF_OBJECT || size > n)
			return 0;
		off += size;
	}
	return 0;
}

uint64_t
head_size(enum format f, const unsigned char *head, size_t n)
{
	switch (f) {
	case FORMAT_WAV:
	case FORMAT_AVI:
		return riff_size(head, n);
	case FORMAT_ASF:
		return asf_size(head, n);
	default:
		return 0;
	}
}

/* ---- the end of an index ------------------------------------------------------------------- */

/* A box: its type, and where its content begins and the box ends. */
struct box {
	unsigned char type[4];
	int64_t from, end;
};

/* Reads the head of the box at offset at. A box may end behind the file. */
static bool
read_box(int fd, int64_t at, struct box *b)
{
	unsigned char p[16];
	ssize_t n = file_pread(fd, p, sizeof p, (uint64_t)at);
	uint64_t size;

	if (n < HEAD)
		return false;
	memcpy(b->type, p + 4, sizeof b->type);
	size = num_big(p, 4);
	b->from = at + HEAD;
	if (size == 1 && n == sizeof p) {
		size = num_big(p + 8, 8);
		b->from = at + 16;
	}
	if (size < (uint64_t)(b->from - at) || size > INT64_MAX / 2)
		return false;
	b->end = at + (int64_t)size;
	return true;
}

/* Finds the box from offset at on that ends behind size. */
static bool
find_cut(int fd, int64_t at, int64_t size, struct box *b)
{
	for (int i = 0; i < BOXES && at < size && read_box(fd, at, b); i++) {
		if (b->end > size)
			return true;
		at = b->end;
	}
	return false;
}

int64_t
tail_missing(int fd, int64_t size)
{
	struct box index, cut;

	if (!find_cut(fd, 0, size, &index) || memcmp(index.type, "moov", 4) != 0 ||
	    index.end - size > TAIL_MOST)
		return 0;
	/* without a box that was cut, the cut is in the head of one, or between two */
	if (!find_cut(fd, index.from, size, &cut) || index.end - cut.end >= HEAD)
		return 0; /* or another box is to follow */
	return memcmp(cut.type, "udta", 4) == 0 || memcmp(cut.type, "meta", 4) == 0 ?
	    index.end - size :
	    0;
}

/* ---- zeros --------------------------------------------------------------------------------- */

int64_t
size_before_zeros(int fd, int64_t size)
{
	unsigned char p[4096];
	int64_t end = size;

	while (end > 0) {
		size_t n = end < (int64_t)sizeof p ? (size_t)end : sizeof p, left = n;

		if (file_pread(fd, p, n, (uint64_t)end - n) != (ssize_t)n)
			return size;
		while (left > 0 && p[left - 1] == 0)
			left--;
		end -= (int64_t)(n - left);
		if (left > 0)
			break;
	}
	return size - end > AMR_BYTES_MOST ? end : size;
}
