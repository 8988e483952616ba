/*
 * jpeg_rows: see jpeg_rows.h. libvips does not tell when the last eight lines are missing, so this
 * asks libjpeg itself, which warns when its data end too soon. Of eight by eight pixels it
 * makes one.
 */
#include "transcode/image/jpeg_rows.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include <jerror.h>

#include "transcode/image/mend.h"

struct reading {
	struct jpeg_error_mgr errors; /* first: libjpeg hands back its address */
	jmp_buf back;
	volatile bool missing; /* set between setjmp() and longjmp() */
};

/* libjpeg demands that this does not return. */
static void
fatal(j_common_ptr j)
{
	longjmp(((struct reading *)(void *)j->err)->back, 1);
}

static void
note(j_common_ptr j, int level)
{
	struct reading *r = (struct reading *)(void *)j->err;

	if (level < 0 && (j->err->msg_code == JWRN_HIT_MARKER || j->err->msg_code == JWRN_JPEG_EOF))
		r->missing = true;
}

static void
read_rows(struct jpeg_decompress_struct *j)
{
	JSAMPARRAY row;

	(void)jpeg_read_header(j, TRUE);
	j->scale_num = 1;
	j->scale_denom = 8;
	(void)jpeg_start_decompress(j);
	row = j->mem->alloc_sarray((j_common_ptr)j, JPOOL_IMAGE,
	    j->output_width * (JDIMENSION)j->output_components, 1);
	while (j->output_scanline < j->output_height)
		(void)jpeg_read_scanlines(j, row, 1);
}

/* Tells whether the n bytes at p have the data of every row. Any other fault is left to the decoder
 * that makes the picture. */
static bool
complete(const unsigned char *p, size_t n)
{
	struct jpeg_decompress_struct j = { .err = NULL };
	struct reading r = { .missing = false };

	j.err = jpeg_std_error(&r.errors);
	r.errors.error_exit = fatal;
	r.errors.emit_message = note;
	if (setjmp(r.back) == 0) {
		jpeg_create_decompress(&j);
		jpeg_mem_src(&j, p, n);
		read_rows(&j);
	}
	jpeg_destroy_decompress(&j);
	return !r.missing;
}

bool
jpeg_rows(unsigned char *p, size_t *n, size_t zeros)
{
	size_t base = *n, part = zeros > 5 ? zeros - 3 : 0, last = 0;
	const size_t keep[] = { 1, 2, part, zeros - 2, zeros - 1, zeros };

	if (complete(p, base))
		return true;
	for (unsigned i = 0; i < sizeof keep / sizeof *keep; i++) {
		if (keep[i] <= last || keep[i] > zeros)
			continue;
		last = keep[i];
		*n = mend_with_zeros(p, base, last);
		if (complete(p, *n))
			return last != part;
	}
	return false;
}
