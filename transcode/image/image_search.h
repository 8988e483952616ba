/*
 * image_search: finds the JPEG quality, then the size, at which an image fits a budget
 * (savemms-media(7), Images).
 *
 * Pure. The caller encodes at s.q, passes the number of bytes to search_step(), and follows its
 * verdict until that is no longer SEARCH_AGAIN.
 */
#ifndef SM_IMAGE_SEARCH_H
#define SM_IMAGE_SEARCH_H

#include <stdint.h>

enum {
	QUALITY_BEST = 82,  /* savemms-media(7), Images */
	QUALITY_WORST = 20, /* below this, fewer pixels look better (bench/fit) */
	QUALITY_DRAWN = 50, /* the same for drawn images: letters and barcodes must stay sharp */
	SIDE_FLOOR = 320,   /* longest side below which no image is shrunk to fit */
};

enum search_verdict {
	SEARCH_AGAIN,   /* encode at s.q; keep the result if it fits: it is the best so far */
	SEARCH_THIS,    /* the last encoding is the result */
	SEARCH_KEPT,    /* the last encoding that fitted is the result */
	SEARCH_SMALLER, /* too big even at the worst quality: use fewer pixels */
};

struct search {
	uint64_t budget;
	int q;      /* the quality to try */
	int lo, hi; /* best quality that fitted, worst that did not; 0 and 101: none yet */
	uint64_t lo_size, hi_size;
	int worst;
	unsigned tries;
};

/* Starts a search at QUALITY_BEST. worst is the lowest quality that may be tried. */
void search_start(struct search *s, uint64_t budget, int worst);

/* Starts the search again for an image that was shrunk, just above the worst quality, for which
 * search_shrink() chooses the size. */
void search_shrunk(struct search *s);

/* Takes the size in bytes of the encoding at s->q and returns the verdict. */
enum search_verdict search_step(struct search *s, uint64_t size);

/* Returns the longest side to try next for an image whose longest side is longest and which takes
 * size bytes at the worst quality. The result is never below least nor below SIDE_FLOOR; 0 means
 * that the image may not become smaller. */
uint32_t search_shrink(uint32_t longest, uint64_t size, uint64_t budget, uint32_t least);

#endif
