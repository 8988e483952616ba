/*
 * ssim: measures how much two pictures look alike: SSIM (Wang, Bovik, Sheikh and Simoncelli 2004)
 * as the filter of that name in ffmpeg computes it. Pure.
 */
#ifndef SM_SSIM_H
#define SM_SSIM_H

#include <stddef.h>
#include <stdint.h>

/* Bytes in lines that lie line bytes apart. */
struct ssim_plane {
	const unsigned char *p;
	size_t line;
};

/* Returns the SSIM of two planes of width x height bytes. 1: the same. */
double ssim(struct ssim_plane a, struct ssim_plane b, uint32_t width, uint32_t height);

#endif
