/*
 * unxz: unpacks one .xz file from standard input to standard output, for hosts without xz. It is
 * linked statically into the bundle that unpacks itself (build). The check of every block is
 * verified.
 */
#include <errno.h>
#include <lzma.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 };

static int
failed(const char *why)
{
	(void)fprintf(stderr, "unxz: %s\n", why);
	return 1;
}

static bool
write_all(const unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(STDOUT_FILENO, p, n);

		if (k < 0 && errno != EINTR)
			return false;
		if (k > 0) {
			p += k;
			n -= (size_t)k;
		}
	}
	return true;
}

/* Reads more input. Returns false at a failure; at the end, *ended becomes true. */
static bool
fill(lzma_stream *s, unsigned char *in, bool *ended)
{
	ssize_t n;

	while ((n = read(STDIN_FILENO, in, CHUNK)) < 0 && errno == EINTR)
		;
	s->next_in = in;
	s->avail_in = n > 0 ? (size_t)n : 0;
	*ended = n == 0;
	return n >= 0;
}

int
main(void)
{
	static unsigned char in[CHUNK], out[CHUNK];
	lzma_stream s = LZMA_STREAM_INIT;
	lzma_ret rc = lzma_stream_decoder(&s, UINT64_MAX, 0);
	bool ended = false;

	while (rc == LZMA_OK) {
		if (s.avail_in == 0 && !ended && !fill(&s, in, &ended))
			return failed(strerror(errno));
		s.next_out = out;
		s.avail_out = sizeof out;
		rc = lzma_code(&s, ended ? LZMA_FINISH : LZMA_RUN);
		if (!write_all(out, sizeof out - s.avail_out))
			return failed(strerror(errno));
	}
	lzma_end(&s);
	return rc == LZMA_STREAM_END ? 0 :
	    rc == LZMA_MEM_ERROR     ? failed("out of memory") :
				       failed("the data are damaged or cut short");
}
