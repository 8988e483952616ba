/* media_magic: heads of every format and near misses */
#include "unit.h"

#include "temp_file.h"

#include <unistd.h>

#include "base/file.h"
#include "media/media_magic.h"

static const struct head_case {
	enum format want;
	const char *bytes;
	size_t n;
} heads[] = {
/* clang-format off */
#define ROW(want, bytes) { FORMAT_##want, bytes, sizeof(bytes) - 1 }
	ROW(JPEG, "\xff\xd8\xff\xe0\x00\x10JFIF"),
	ROW(JPEG, "\xff\xd8\xff\xdb"),
	ROW(NONE, "\xff\xd8"),
	ROW(NONE, "\xff\xd8\x00\x00"),
	ROW(PNG, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"),
	ROW(NONE, "\x89PNG\n\x1a\n\x00\x00\x00\r"),
	ROW(GIF, "GIF87a\x01\x00"),
	ROW(GIF, "GIF89a\x01\x00"),
	ROW(NONE, "GIF88a\x01\x00"),
	ROW(NONE, "gif89a"),
	ROW(WEBP, "RIFF\x10\x00\x00\x00WEBPVP8 "),
	ROW(NONE, "RIFF\x10\x00\x00\x00WEBQ"),
	ROW(NONE, "RIFF\x10\x00\x00\x00RMID"),
	ROW(NONE, "RIFF\x10\x00"),
	ROW(WAV, "RIFF\x10\x00\x00\x00WAVEfmt "),
	ROW(WAV, "RF64\xff\xff\xff\xffWAVEds64"),
	ROW(AVI, "RIFF\x10\x00\x00\x00" "AVI LIST"),
	ROW(NONE, "RIFX\x10\x00\x00\x00" "AVI LIST"),
	ROW(AMR, "#!AMR\n\x04"),
	ROW(AMRWB, "#!AMR-WB\n\x04"),
	ROW(NONE, "#!AMR\r\n"),
	ROW(NONE, "#!AMR_MC1.0\n"),
	ROW(MPEGPS, "\x00\x00\x01\xba\x44"),
	ROW(MPEGES, "\x00\x00\x01\xb3\x14"),
	ROW(NONE, "\x00\x00\x01\xb0\x14"),
	ROW(NONE, "\x00\x00\x01\x00\x14"),
	ROW(ASF, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c\x00"),
	ROW(NONE, "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6d\x00"),
	ROW(MP4, "\x00\x00\x00\x10" "ftypisom\x00\x00\x02\x00"),
	ROW(MP4, "\x00\x00\x00\x10" "ftypmp42\x00\x00\x00\x00"),
	ROW(MP4, "\x00\x00\x00\x10" "ftypM4V \x00\x00\x00\x00"),
	ROW(MP4, "\x00\x00\x00\x10" "ftypMSNV\x00\x00\x00\x00"),
	ROW(3GP, "\x00\x00\x00\x10" "ftyp3gp5\x00\x00\x00\x00"),
	ROW(3GP, "\x00\x00\x00\x10" "ftyp3g2a\x00\x00\x00\x00"),
	ROW(MOV, "\x00\x00\x00\x10" "ftypqt  \x00\x00\x00\x00"),
	ROW(MP4, "\x00\x00\x00\x18" "ftypABCD\x00\x00\x00\x00" "EFGHmp41"),
	ROW(MOV, "\x00\x00\x00\x18" "ftypABCD\x00\x00\x00\x00" "EFGHqt  "),
	ROW(NONE, "\x00\x00\x00\x14" "ftypABCD\x00\x00\x00\x00" "EFGHmp41"),
	ROW(NONE, "\x00\x00\x00\x18" "ftypheic\x00\x00\x00\x00" "mif1mp41"),
	ROW(NONE, "\x00\x00\x00\x14" "ftypavif\x00\x00\x00\x00" "iso8"),
	ROW(NONE, "\x00\x00\x00\x14" "ftypM4A \x00\x00\x00\x00" "isom"),
	ROW(NONE, "\x00\x00\x00\x08" "ftyp"),
	ROW(NONE, "\x00\x00\x00\x04" "ftypisom\x00\x00\x00\x00"),
	ROW(MOV, "\x00\x0b\x2a\x00" "mdat\x78\xf9"),
	ROW(MOV, "\x00\x00\x01\x00" "moov\x00\x00"),
	ROW(MOV, "\x00\x00\x00\x08" "wide\x00\x00\x10\x00" "mdat"),
	ROW(MOV, "\x00\x00\x00\x00" "mdat\x00"),
	ROW(MOV, "\x00\x00\x00\x0c" "skip\x00\x00\x00\x00\x00\x00\x10\x00" "moov"),
	ROW(MOV, "\x00\x00\x00\x01" "mdat\x00\x00\x00\x00\x00\x10\x00\x00" "abcd"),
	ROW(MOV, "\x00\x00\x00\x14" "pnot\x00\x00\x00\x00\x00\x00PICT\x00\x01\x00\x00\x00\x08" "moov"),
	ROW(NONE, "\x00\x00\x00\x08" "free"),
	ROW(NONE, "\x00\x00\x00\x08" "free\x00\x00\x00\x08" "abcd"),
	ROW(NONE, "\x00\x00\x00\x04" "moov"),
	ROW(NONE, "\x00\x00\x00\x01" "moov\xff\xff\xff\xff\x00\x00\x00\x00"),
	ROW(VCF, "BEGIN:VCARD\r\nVERSION:3.0\r\n"),
	ROW(VCF, "begin:vcard\n"),
	ROW(VCF, "\xef\xbb\xbf" "BEGIN:VCARD\r\n"),
	ROW(VCF, "\r\n\r\n \tBEGIN:VCARD \r\n"),
	ROW(VCF, "BEGIN:VCARD"),
	ROW(NONE, "BEGIN:VCARDS\r\n"),
	ROW(NONE, "x\nBEGIN:VCARD\r\n"),
	ROW(NONE, "BEGIN:VCAR"),
	ROW(NONE, "BEGIN:VEVENT\r\n"),
	ROW(ICS, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"),
	ROW(ICS, "\xef\xbb\xbf\n\nBegin:VCalendar\n"),
	ROW(PDFDOC, "%PDF-1.4\n"),
	ROW(PDFDOC, "junk\n\n%PDF-1.7\n"),
	ROW(NONE, "%PDF"),
	ROW(NONE, "%pdf-1.4"),
	ROW(NONE, "#EXTM3U\n#EXT-X-VERSION:3\nhttp://h/x.ts\n"),
	ROW(NONE, "ffconcat version 1.0\nfile x.mp4\n"),
	ROW(NONE, "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"),
	ROW(NONE, "<html>"),
	ROW(NONE, "hello, world"),
	ROW(NONE, "ID3\x04\x00\x00\x00\x00\x00\x00"),
	ROW(NONE, "ID3"),
	ROW(NONE, ""),
	ROW(NONE, "\x47\x40\x00\x10"),
	ROW(NONE, "OggS\x00\x02"),
	ROW(NONE, "\x1a\x45\xdf\xa3"),
	ROW(NONE, "PK\x03\x04"),
	ROW(NONE, "\xff\xf1\x50\x80\x2e\x7f\xfc"),	/* ADTS AAC */
#undef ROW
	/* clang-format on */
};

/* Writes the bytes to a nameless file and asks the form that reads. */
static enum format
ask_file(enum format (*ask)(int fd), const void *p, size_t n)
{
	int fd = temp_file(p, n);
	enum format found;

	found = ask(fd);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), n);
	file_close(&fd);
	return found;
}

static void
test_heads(void **state)
{
	for (size_t i = 0; i < COUNT(heads); i++) {
		enum format a = media_magic((const unsigned char *)heads[i].bytes, heads[i].n,
		    heads[i].n);
		enum format b = ask_file(media_magic_fd, heads[i].bytes, heads[i].n);

		if (a != heads[i].want || b != heads[i].want)
			fail_msg("row %zu: %s and %s, not %s", i, format_name(a), format_name(b),
			    format_name(heads[i].want));
	}
}

/* n frames of MPEG-1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes each. */
static size_t
add_frames(unsigned char *p, int n)
{
	for (int i = 0; i < n; i++) {
		memset(p + i * 417, 0x55, 417);
		memcpy(p + i * 417, "\xff\xfb\x90\x00", 4);
	}
	return (size_t)n * 417;
}

static size_t
add_id3(unsigned char *p, size_t size)
{
	unsigned char h[10] = { 'I', 'D', '3', 3, 0, 0, (unsigned char)(size >> 21 & 127),
		(unsigned char)(size >> 14 & 127), (unsigned char)(size >> 7 & 127),
		(unsigned char)(size & 127) };

	memcpy(p, h, sizeof h);
	memset(p + sizeof h, 'A', size);
	return sizeof h + size;
}

static void
test_mp3(void **state)
{
	static const struct {
		size_t tag, junk;
		int frames;
		size_t tail;
		/* by media_magic() of the first SNIFF_HEAD bytes, by media_magic_fd() */
		enum format memory, file;
	} cases[] = {
		{ 0, 0, 5, 0, FORMAT_MP3, FORMAT_MP3 },
		{ 0, 0, 3, 9, FORMAT_MP3, FORMAT_MP3 },
		{ 0, 0, 2, 0, FORMAT_MP3, FORMAT_MP3 },
		{ 0, 0, 2, 9, FORMAT_NONE, FORMAT_NONE },
		{ 0, 0, 1, 0, FORMAT_NONE, FORMAT_NONE },
		{ 0, 100, 5, 0, FORMAT_MP3, FORMAT_MP3 },
		{ 0, 100, 2, 0, FORMAT_NONE, FORMAT_NONE },
		{ 0, 9000, 5, 0, FORMAT_NONE, FORMAT_NONE },
		{ 100, 0, 5, 0, FORMAT_MP3, FORMAT_MP3 },
		{ 100, 0, 1, 0, FORMAT_MP3, FORMAT_MP3 },
		{ 100, 0, 0, 0, FORMAT_NONE, FORMAT_NONE },
		{ 100, 50, 3, 0, FORMAT_MP3, FORMAT_MP3 },
		{ 200000, 0, 5, 0, FORMAT_NONE, FORMAT_MP3 },
		{ 200000, 4000, 5, 0, FORMAT_NONE, FORMAT_MP3 },
		{ 200000, 0, 0, 400, FORMAT_NONE, FORMAT_NONE },
	};
	unsigned char *p = malloc(300000);

	assert_non_null(p);
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n = cases[i].tag > 0 ? add_id3(p, cases[i].tag) : 0;
		enum format a, b;

		memset(p + n, 0, cases[i].junk);
		n += cases[i].junk;
		n += add_frames(p + n, cases[i].frames);
		memset(p + n, 'x', cases[i].tail);
		n += cases[i].tail;
		a = media_magic(p, n < SNIFF_HEAD ? n : SNIFF_HEAD, n);
		b = ask_file(media_magic_fd, p, n);
		if (a != cases[i].memory || b != cases[i].file)
			fail_msg("row %zu: %s, %s", i, format_name(a), format_name(b));
	}
	free(p);
}

/* The frames of a chain must agree, and an ID3v1 tag may end a short one. */
static void
test_mp3_chain(void **state)
{
	unsigned char p[417 * 3 + 128];

	memset(p, 0, sizeof p);
	(void)add_frames(p, 3);
	p[417 + 1] = 0xf3; /* MPEG-2 in the middle */
	assert_int_equal(media_magic(p, sizeof p, sizeof p), FORMAT_NONE);
	(void)add_frames(p, 3);
	p[417 + 2] = 0x94; /* 48 kHz in the middle */
	assert_int_equal(media_magic(p, sizeof p, sizeof p), FORMAT_NONE);
	(void)add_frames(p, 2);
	memset(p + 834, 0, 128);
	memcpy(p + 834, "TAG", 3);
	assert_int_equal(media_magic(p, 834 + 128, 834 + 128), FORMAT_MP3);
	assert_int_equal(media_magic(p, 834 + 127, 834 + 127), FORMAT_NONE);
}

static void
test_ts(void **state)
{
	unsigned char p[188 * 6];

	memset(p, 0, sizeof p);
	for (int i = 0; i < 6; i++)
		p[i * 188] = 0x47;
	assert_int_equal(media_magic(p, sizeof p, sizeof p), FORMAT_MPEGTS);
	assert_int_equal(media_magic(p, 188 * 3, 188 * 3), FORMAT_MPEGTS);
	assert_int_equal(media_magic(p, 188 * 2, 188 * 2), FORMAT_NONE);
	p[188 * 3] = 0x48;
	assert_int_equal(media_magic(p, sizeof p, sizeof p), FORMAT_NONE);
}

static void
test_far_places(void **state)
{
	unsigned char p[8000];

	memset(p, ' ', sizeof p);
	memcpy(p + 1019, "%PDF-", 5);
	assert_int_equal(media_magic(p, sizeof p, sizeof p), FORMAT_PDFDOC);
	memset(p, ' ', sizeof p);
	memcpy(p + 1020, "%PDF-", 5);
	assert_int_equal(media_magic(p, sizeof p, sizeof p), FORMAT_NONE);
	memset(p, 0, sizeof p);
	memcpy(p, "\x00\x00\x17\x70skip", 8);
	memcpy(p + 6000, "\x00\x00\x10\x00moov", 8);
	assert_int_equal(media_magic(p, SNIFF_HEAD, sizeof p), FORMAT_MOV);
	assert_int_equal(ask_file(media_magic_fd, p, sizeof p), FORMAT_MOV);
	memset(p + 6000, 0, 8);
	assert_int_equal(ask_file(media_magic_fd, p, sizeof p), FORMAT_NONE);
	assert_int_equal(media_magic_fd(-1), FORMAT_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heads),
		cmocka_unit_test(test_mp3),
		cmocka_unit_test(test_mp3_chain),
		cmocka_unit_test(test_ts),
		cmocka_unit_test(test_far_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
