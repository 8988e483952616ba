/*
 * image_search: which JPEG quality, then which size, fits a budget (savemms-media(7), Images).
 *
 * Pure. The caller encodes at s.q, says how many bytes came out, and does what
 * the verdict says until it is not SEARCH_AGAIN.
 */
#ifndef SM_IMAGE_SEARCH_H
#define SM_IMAGE_SEARCH_H

#include <stdint.h>

enum {
	QUALITY_BEST = 82,  /* savemms-media(7), Images */
	QUALITY_WORST = 20, /* rather than a lower one fewer pixels (bench/fit) */
	QUALITY_DRAWN = 50, /* the same of what is drawn: letters and barcodes must stay sharp */
	SIDE_FLOOR = 320,   /* longest side below which no image is shrunk to fit */
};

enum search_verdict {
	SEARCH_AGAIN,   /* encode at s.q; if what came out fits, it is the best so far */
	SEARCH_THIS,    /* what just came out is the result */
	SEARCH_KEPT,    /* the last one that fitted is the result */
	SEARCH_SMALLER, /* too big at the worst quality: take fewer pixels */
};

struct search {
	uint64_t budget;
	int q;      /* the quality to try */
	int lo, hi; /* best that fitted, worst that did not; 0 and 101: none yet */
	uint64_t lo_size, hi_size;
	int worst;
	unsigned tries;
};

/* Starts with QUALITY_BEST; worst is the lowest quality that may be tried. */
void search_start(struct search *s, uint64_t budget, int worst);

/* Starts anew for an image that was shrunk: with what shrinking aims at. */
void search_shrunk(struct search *s);

/* Takes the size of an encoding at s->q. */
enum search_verdict search_step(struct search *s, uint64_t size);

/* The longest side to try next, when an image of that longest side has size bytes at
 * the worst quality; 0 when it may not be smaller. least: the side it may not go below, at
 * least SIDE_FLOOR. */
uint32_t search_shrink(uint32_t longest, uint64_t size, uint64_t budget, uint32_t least);

#endif
