/* ssim: see ssim.h */
#include "transcode/ssim.h"

enum { WINDOW = 8, STEP = 4 };

static double
window(struct ssim_plane a, struct ssim_plane b, uint32_t w, uint32_t h)
{
	double n = w * h, c1 = 0.01 * 0.01 * 255 * 255 * n,
	       c2 = 0.03 * 0.03 * 255 * 255 * n * (n > 1 ? n - 1 : 1);
	uint32_t s1 = 0, s2 = 0, ss = 0, s12 = 0;
	double vars, covar, f1, f2;

	for (uint32_t y = 0; y < h; y++)
		for (uint32_t x = 0; x < w; x++) {
			uint32_t i = a.p[y * a.line + x], j = b.p[y * b.line + x];

			s1 += i;
			s2 += j;
			ss += i * i + j * j;
			s12 += i * j;
		}
	f1 = s1;
	f2 = s2;
	vars = ss * n - f1 * f1 - f2 * f2;
	covar = s12 * n - f1 * f2;
	return (2 * f1 * f2 + c1) * (2 * covar + c2) / ((f1 * f1 + f2 * f2 + c1) * (vars + c2));
}

static struct ssim_plane
part(struct ssim_plane s, uint32_t x, uint32_t y)
{
	return (struct ssim_plane){ s.p + y * s.line + x, s.line };
}

double
ssim(struct ssim_plane a, struct ssim_plane b, uint32_t width, uint32_t height)
{
	uint32_t w = width < WINDOW ? width : WINDOW, h = height < WINDOW ? height : WINDOW;
	double sum = 0;
	unsigned n = 0;

	for (uint32_t y = 0; y + h <= height; y += STEP)
		for (uint32_t x = 0; x + w <= width; x += STEP, n++)
			sum += window(part(a, x, y), part(b, x, y), w, h);
	return n > 0 ? sum / n : 1;
}
