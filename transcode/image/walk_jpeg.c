/*
 * walk_jpeg: walks JPEG markers (ITU-T T.81 annex B). Like decoders, it skips bytes between
 * segments that are not a marker; a file with such bytes is not plain.
 */
#include "transcode/image/walk.h"

#include <string.h>

enum {
	SOF0 = 0xc0,
	SOF15 = 0xcf,
	DHT = 0xc4,
	JPG = 0xc8,
	DAC = 0xcc,
	RST0 = 0xd0,
	RST7 = 0xd7,
	SOI = 0xd8,
	EOI = 0xd9,
	SOS = 0xda,
	DQT = 0xdb,
	DRI = 0xdd,
	APP0 = 0xe0,
	TEM = 0x01
};

struct jpeg {
	const unsigned char *p;
	size_t n, at;
	bool frame, jfif, clean; /* clean: nothing found that a plain file does not have */
	unsigned parts;          /* colour components */
};

/* Returns the next marker at or after at; 0 at the end of the bytes. */
static unsigned
next_marker(struct jpeg *j)
{
	size_t from = j->at;

	while (j->n - j->at >= 2) {
		unsigned m = j->p[j->at + 1];

		if (j->p[j->at] == 0xff && m != 0 && m != 0xff) {
			if (j->at != from)
				j->clean = false;
			j->at += 2;
			return m;
		}
		j->at++;
	}
	j->at = j->n;
	return 0;
}

/* Skips entropy-coded bytes; at is then at a marker or at the end. */
static void
skip_scan(struct jpeg *j)
{
	while (j->n - j->at >= 2) {
		unsigned m = j->p[j->at + 1];

		if (j->p[j->at] == 0xff && m != 0 && !(m >= RST0 && m <= RST7))
			return;
		j->at++;
	}
	j->at = j->n;
}

static bool
frame(struct jpeg *j, unsigned m, size_t len, struct walk *w)
{
	const unsigned char *s = j->p + j->at;

	if (len < 8)
		return false;
	w->height = (uint32_t)(s[3] << 8 | s[4]);
	w->width = (uint32_t)(s[5] << 8 | s[6]);
	j->parts = s[7];
	j->clean = j->clean && !j->frame && m == SOF0 && s[2] == 8;
	j->frame = true;
	return true;
}

/* Reads one segment of len bytes at at. Returns false when it makes the file unreadable. */
static bool
segment(struct jpeg *j, unsigned m, size_t len, struct walk *w)
{
	if (m >= SOF0 && m <= SOF15 && m != DHT && m != JPG && m != DAC)
		return frame(j, m, len, w);
	if (m == APP0 && len == 16 && memcmp(j->p + j->at + 2, "JFIF", 5) == 0)
		j->jfif = true; /* 16 bytes: without a thumbnail */
	else if (m != DHT && m != DQT && m != DRI && m != SOS)
		j->clean = false;
	return true;
}

bool
walk_jpeg(const unsigned char *p, size_t n, struct walk *w)
{
	struct jpeg j = { .p = p, .n = n, .at = 2, .clean = true };
	unsigned m;

	if (n < 4 || p[0] != 0xff || p[1] != SOI)
		return false;
	while ((m = next_marker(&j)) != 0) {
		size_t len;

		if (m == EOI) {
			w->whole = j.frame;
			break;
		}
		if (m == SOI || m == TEM || (m >= RST0 && m <= RST7)) {
			j.clean = false;
			continue;
		}
		if (n - j.at < 2 || (len = (size_t)(p[j.at] << 8 | p[j.at + 1])) < 2 ||
		    len > n - j.at)
			break;
		if (!segment(&j, m, len, w))
			return false;
		j.at += len;
		w->end = j.at;
		if (m == SOS)
			skip_scan(&j);
		w->ready = m == SOS && j.at == n && j.frame;
	}
	w->plain = w->whole && j.clean && j.at == n && (j.parts == 1 || (j.parts == 3 && j.jfif));
	return j.frame;
}
