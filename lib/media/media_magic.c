/*
 * media_magic: see media_magic.h.
 *
 * There is a table of signatures, then there are probes for the formats that need more than one:
 * ISO media (list of brands, atoms of older QuickTime files), MP3 (frame headers that must chain),
 * MPEG-TS (packets), text objects, PDF. The order is from the strictest test to the loosest; the
 * first that knows the bytes wins.
 *
 * Nothing here fails: bytes that are not there do not match. Known limits: MPEG audio of layers I
 * and II, free-format MP3, 192-byte transport streams and text objects in UTF-16 are not known.
 */
#include "media/media_magic.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/num.h"

/* The file: its head in memory and, if fd is not -1, the rest behind fd. */
struct file {
	const unsigned char *head;
	size_t n;
	uint64_t size;
	int fd;
};

/* Bytes a at the start and, when b is not NULL, bytes b at offset boff. */
static const struct signature {
	enum format format;
	const char *a;
	size_t alen;
	size_t boff;
	const char *b;
	size_t blen;
} signatures[] = {
/* clang-format off */
#define SIG(format, a) { FORMAT_##format, a, sizeof(a) - 1, 0, NULL, 0 }
#define SIG2(format, a, boff, b) { FORMAT_##format, a, sizeof(a) - 1, boff, b, sizeof(b) - 1 }
	/* clang-format on */
	SIG(JPEG, "\xff\xd8\xff"), /* ISO 10918-1: SOI and the next marker */
	SIG(PNG, "\x89PNG\r\n\x1a\n"),
	SIG(GIF, "GIF87a"),
	SIG(GIF, "GIF89a"),
	SIG2(WEBP, "RIFF", 8, "WEBP"),
	SIG2(WAV, "RIFF", 8, "WAVE"),
	SIG2(WAV, "RF64", 8, "WAVE"),
	SIG2(AVI, "RIFF", 8, "AVI "),
	SIG(AMR, "#!AMR\n"), /* RFC 4867 section 5.1 */
	SIG(AMRWB, "#!AMR-WB\n"),
	SIG(MPEGPS, "\x00\x00\x01\xba"), /* ISO 13818-1: pack header */
	SIG(MPEGES, "\x00\x00\x01\xb3"), /* ISO 13818-2: sequence header */
	SIG(ASF, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"),
#undef SIG
#undef SIG2
};

/* Brands of the ftyp atom; shorter names are prefixes. Rows with FORMAT_NONE stop the search:
 * they stand for images, and for sound alone, in the same container. */
static const struct brand {
	const char *name;
	enum format format;
} brands[] = {
	{ "qt  ", FORMAT_MOV },
	{ "3gp", FORMAT_3GP },
	{ "3g2", FORMAT_3GP },
	{ "3ge", FORMAT_3GP },
	{ "3gg", FORMAT_3GP },
	{ "3gr", FORMAT_3GP },
	{ "3gs", FORMAT_3GP },
	{ "iso", FORMAT_MP4 },
	{ "mp4", FORMAT_MP4 },
	{ "avc1", FORMAT_MP4 },
	{ "hvc1", FORMAT_MP4 },
	{ "mmp4", FORMAT_MP4 },
	{ "M4V", FORMAT_MP4 },
	{ "MSNV", FORMAT_MP4 },
	{ "NDS", FORMAT_MP4 },
	{ "nds", FORMAT_MP4 },
	{ "f4v ", FORMAT_MP4 },
	{ "XAVC", FORMAT_MP4 },
	{ "dash", FORMAT_MP4 },
	{ "msdh", FORMAT_MP4 },
	{ "cmf", FORMAT_MP4 },
	{ "mp7", FORMAT_MP4 },
	{ "M4A", FORMAT_NONE },
	{ "M4B", FORMAT_NONE },
	{ "M4P", FORMAT_NONE },
	{ "F4A", FORMAT_NONE },
	{ "heic", FORMAT_NONE },
	{ "heix", FORMAT_NONE },
	{ "mif1", FORMAT_NONE },
	{ "msf1", FORMAT_NONE },
	{ "avif", FORMAT_NONE },
	{ "avis", FORMAT_NONE },
	{ "crx ", FORMAT_NONE },
	{ "jp2 ", FORMAT_NONE },
};

enum {
	ATOMS = 8,          /* looked at before a QuickTime file is given up */
	BRANDS = 64,        /* read of a ftyp atom */
	ID3_TAGS = 4,       /* one behind the other */
	MP3_WINDOW = 12288, /* bytes looked at behind the tags */
	MP3_SCAN = 8192,    /* most padding or junk before the first frame */
	MP3_CHAIN = 3,      /* frame headers that must follow each other */
	TS_PACKET = 188,    /* ISO 13818-1 */
	TS_CHAIN = 5,
	PDF_WITHIN = 1024, /* PDF 1.7, appendix H, note 13 */
};

/* Copies at most n bytes at offset off to out. Returns how many there are. */
static size_t
peek(const struct file *f, uint64_t off, unsigned char *out, size_t n)
{
	ssize_t got;

	if (off < f->n && (n <= f->n - off || f->fd == -1)) {
		if (n > f->n - off)
			n = (size_t)(f->n - off);
		memcpy(out, f->head + off, n);
		return n;
	}
	if (f->fd == -1 || off >= f->size)
		return 0;
	got = file_pread(f->fd, out, n, off);
	return got > 0 ? (size_t)got : 0;
}

static enum format
probe_signature(const struct file *f)
{
	for (size_t i = 0; i < sizeof signatures / sizeof signatures[0]; i++) {
		const struct signature *s = &signatures[i];

		if (f->n < s->alen || memcmp(f->head, s->a, s->alen) != 0)
			continue;
		if (s->b == NULL ||
		    (f->n >= s->boff + s->blen && memcmp(f->head + s->boff, s->b, s->blen) == 0))
			return s->format;
	}
	return FORMAT_NONE;
}

static const struct brand *
find_brand(const unsigned char *p)
{
	for (size_t i = 0; i < sizeof brands / sizeof brands[0]; i++)
		if (memcmp(p, brands[i].name, strlen(brands[i].name)) == 0)
			return &brands[i];
	return NULL;
}

/* Reads the ftyp atom at off, size bytes long: the major brand decides, else the first
 * compatible one that is known. */
static enum format
probe_brands(const struct file *f, uint64_t off, uint64_t size)
{
	unsigned char p[16 + BRANDS * 4];
	size_t n = peek(f, off, p, size < sizeof p ? (size_t)size : sizeof p);
	const struct brand *b;

	for (size_t i = 8; i + 4 <= n; i += i == 8 ? 8 : 4)
		if ((b = find_brand(p + i)) != NULL)
			return b->format;
	return FORMAT_NONE;
}

/* Reads the atoms from the start of the file: a ftyp names the brand; QuickTime files older than
 * that start with one of the others (QuickTime File Format). */
static enum format
probe_atoms(const struct file *f)
{
	uint64_t off = 0, size;
	unsigned char p[16];

	for (int i = 0; i < ATOMS; i++) {
		size_t n = peek(f, off, p, sizeof p);

		if (n < 8)
			return i > 0 && f->fd == -1 && off < f->size ? FORMAT_MOV : FORMAT_NONE;
		size = num_big32(p);
		if (size == 1 && n == sizeof p)
			size = (uint64_t)num_big32(p + 8) << 32 | num_big32(p + 12);
		else if (size == 0)
			size = f->size - off;
		if (size < 8 || size > UINT64_MAX / 2)
			return FORMAT_NONE;
		if (memcmp(p + 4, "ftyp", 4) == 0)
			return probe_brands(f, off, size);
		if (memcmp(p + 4, "moov", 4) == 0 || memcmp(p + 4, "mdat", 4) == 0)
			return FORMAT_MOV;
		if (memcmp(p + 4, "wide", 4) != 0 && memcmp(p + 4, "free", 4) != 0 &&
		    memcmp(p + 4, "skip", 4) != 0 && memcmp(p + 4, "pnot", 4) != 0 &&
		    memcmp(p + 4, "PICT", 4) != 0)
			return FORMAT_NONE;
		off += size;
	}
	return FORMAT_NONE;
}

/* Returns the length in bytes of the MPEG layer III frame whose header is at p; 0 when there is
 * no such header (ISO 11172-3 section 2.4.2.3, ISO 13818-3, and the 2.5 extension). */
static size_t
mp3_frame(const unsigned char *p)
{
	static const unsigned short kbps[2][15] = {
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 },
	};
	static const unsigned hz[3] = { 44100, 48000, 32000 };
	unsigned version = (p[1] >> 3) & 3, layer = (p[1] >> 1) & 3;
	unsigned rate = p[2] >> 4, freq = (p[2] >> 2) & 3, pad = (p[2] >> 1) & 1;
	unsigned shift;

	if (p[0] != 0xff || (p[1] & 0xe0) != 0xe0 || version == 1 || layer != 1 || rate == 0 ||
	    rate == 15 || freq == 3)
		return 0;
	shift = version == 3 ? 0 : version == 2 ? 1 : 2;
	return (version == 3 ? 144u : 72u) * 1000u * kbps[version == 3][rate] /
	    (hz[freq] >> shift) +
	    pad;
}

/* Do frames of one version and sampling rate follow each other from p on? ends says that the n
 * bytes are the file's last: then a chain that reaches the end (or an ID3v1 tag) needs only few
 * frames. */
static bool
mp3_chain(const unsigned char *p, size_t n, bool ends, int few)
{
	const unsigned char *first = p;
	int count = 0;

	while (n >= 4) {
		size_t len = mp3_frame(p);

		if (len == 0 || ((p[1] ^ first[1]) & 0xfe) != 0 || ((p[2] ^ first[2]) & 0x0c) != 0)
			break;
		if (++count == MP3_CHAIN)
			return true;
		if (len > n)
			return false;
		p += len;
		n -= len;
	}
	return ends && count >= few && (n == 0 || (n == 128 && memcmp(p, "TAG", 3) == 0));
}

/* Returns the offset behind the ID3v2 tags at the start (id3.org, 2.4.0 section 3.1). */
static uint64_t
skip_id3(const struct file *f)
{
	uint64_t off = 0;
	unsigned char p[10];

	for (int i = 0; i < ID3_TAGS && peek(f, off, p, sizeof p) == sizeof p; i++) {
		if (memcmp(p, "ID3", 3) != 0 || p[3] == 0xff || p[4] == 0xff ||
		    ((p[6] | p[7] | p[8] | p[9]) & 0x80) != 0)
			break;
		off += sizeof p +
		    ((uint64_t)p[6] << 21 | (uint64_t)p[7] << 14 | (uint64_t)p[8] << 7 | p[9]);
		if ((p[5] & 0x10) != 0)
			off += sizeof p; /* a footer */
	}
	return off;
}

static enum format
probe_mp3(const struct file *f)
{
	unsigned char p[MP3_WINDOW];
	uint64_t off = skip_id3(f);
	size_t n = peek(f, off, p, sizeof p);
	bool ends = off + n >= f->size;

	if (n > 0 && mp3_chain(p, n, ends, off > 0 ? 1 : 2))
		return FORMAT_MP3;
	for (size_t i = 1; i < n && i < MP3_SCAN; i++)
		if (p[i] == 0xff && mp3_chain(p + i, n - i, false, MP3_CHAIN))
			return FORMAT_MP3;
	return FORMAT_NONE;
}

static enum format
probe_ts(const struct file *f)
{
	size_t i;

	for (i = 0; i < TS_CHAIN && i * TS_PACKET < f->n; i++)
		if (f->head[i * TS_PACKET] != 0x47)
			return FORMAT_NONE;
	return i >= 3 ? FORMAT_MPEGTS : FORMAT_NONE;
}

static enum format
probe_text(const struct file *f)
{
	static const struct {
		const char *line;
		enum format format;
	} heads[] = {
		{ "BEGIN:VCARD", FORMAT_VCF },
		{ "BEGIN:VCALENDAR", FORMAT_ICS },
	};
	size_t i = f->n >= 3 && memcmp(f->head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (i < f->n && memchr(" \t\r\n", f->head[i], 4) != NULL)
		i++;
	for (size_t k = 0; k < sizeof heads / sizeof heads[0]; k++) {
		size_t len = strlen(heads[k].line);

		if (f->n - i >= len &&
		    strncasecmp((const char *)f->head + i, heads[k].line, len) == 0 &&
		    (f->n - i == len || memchr(" \t\r\n", f->head[i + len], 4) != NULL))
			return heads[k].format;
	}
	return FORMAT_NONE;
}

static enum format
probe_pdf(const struct file *f)
{
	size_t n = f->n < PDF_WITHIN ? f->n : PDF_WITHIN;

	for (size_t i = 0; i + 5 <= n; i++)
		if (memcmp(f->head + i, "%PDF-", 5) == 0)
			return FORMAT_PDFDOC;
	return FORMAT_NONE;
}

static enum format
probe(const struct file *f)
{
	static enum format (*const probes[])(const struct file *) = {
		probe_signature,
		probe_atoms,
		probe_text,
		probe_ts,
		probe_pdf,
		probe_mp3,
	};
	enum format found = FORMAT_NONE;

	for (size_t i = 0; i < sizeof probes / sizeof probes[0] && found == FORMAT_NONE; i++)
		found = probes[i](f);
	return found;
}

enum format
media_magic(const unsigned char *head, size_t n, uint64_t size)
{
	struct file f = { head, n, size < n ? n : size, -1 };

	return n > 0 ? probe(&f) : FORMAT_NONE;
}

enum format
media_magic_fd(int fd)
{
	unsigned char head[SNIFF_HEAD];
	struct file f = { head, 0, 0, fd };
	ssize_t n = file_pread(fd, head, sizeof head, 0);
	int64_t size = file_size(fd);

	if (n <= 0 || size <= 0)
		return FORMAT_NONE;
	f.n = (size_t)n;
	f.size = (uint64_t)size;
	return probe(&f);
}
