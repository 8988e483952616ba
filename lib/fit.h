/*
 * fit: how the bytes of a class are shared out over the media of a template
 * (SPEC 5, MEDIA.md 2.1). Pure.
 */
#ifndef SM_FIT_H
#define SM_FIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "settings.h"
#include "template.h"

#define FIT_UNSETTLED UINT64_MAX

struct fit_item {
	uint64_t need;		/* bytes it takes at the best quality */
	uint32_t weight;	/* of its share when not all needs can be met */
	uint64_t share;		/* result: the bytes it may take, at most need */
};

/* Shares budget out: every item gets the smaller of its need and lambda times its
 * weight, with the largest lambda that fits; all of it goes out as long as needs
 * are open. */
void fit_share(struct fit_item *it, size_t n, uint64_t budget);

/* The weight of a medium: image and audio 1, animation (GIF) 3, video 6. */
uint32_t fit_weight(enum kind k, enum format f);

/* What a medium that is not encoded yet will take at most, by its source's size:
 * audio as much as its source (speech codecs four times that: their rates are
 * below all of ours), video twice. */
uint64_t fit_estimate(const struct medium *m);

/* The bytes of a class that are left for images, audio and video of the template: of its limit,
 * which is that of the binary message, 97 in a hundred less 8 KiB for SMIL and headers, the texts
 * and the contacts. Calendars and PDFs travel as links where they do not fit. Media of that sum
 * make a message within the limit (air.h), unless values make texts longer. 0: nothing is left. */
uint64_t fit_budget(const struct class *c, const struct template *t);

/* What medium mine of the template, which waits for its encoder, may take in class
 * c: what the media that are done leave, shared with the others that wait. 0: the
 * class is one the template does not fit. */
uint64_t fit_waiting(const struct class *c, const struct template *t, const struct medium *mine);

#endif
