/*
 * forecast: what a template will come to in each class, as far as its sizes are known
 * before it is saved. Pure.
 */
#ifndef SM_FORECAST_H
#define SM_FORECAST_H

#include <stddef.h>
#include <stdint.h>

#include "settings.h"
#include "template.h"

enum forecast_verdict {
	FORECAST_FITS,		/* as large as it is */
	FORECAST_SMALLER,	/* its media are made smaller for it */
	FORECAST_LINK,		/* it does not fit: sent as a link */
	FORECAST_OPEN		/* cannot be said: there are media of unknown size */
};

struct forecast {
	enum forecast_verdict verdict;
	uint64_t room;		/* bytes for image, audio and video */
	uint64_t known;		/* bytes of those, where their sizes are known: made, or at their best */
	size_t unknown;		/* how many have no known size */
};

/* For class c of a template as validate_save() or a trial of saveMMS gives it: a medium
 * whose bytes are 0 and that has no rendition has no known size. Audio and video count with
 * what they take at most (fit_estimate()); below that their encoder has more say than we. */
struct forecast forecast_class(const struct class *c, const struct template *t);

#endif
