/*
 * forecast: tells what will become of a template in each class, as far as that is known before it
 * is saved. Pure.
 */
#ifndef SM_FORECAST_H
#define SM_FORECAST_H

#include <stddef.h>
#include <stdint.h>

#include "model/settings.h"
#include "model/template.h"

enum forecast_verdict {
	FORECAST_FITS,    /* at the best quality */
	FORECAST_SMALLER, /* its media are made smaller for it */
	FORECAST_LINK,    /* it does not fit: sent as a link */
	FORECAST_LATER,   /* its films or animations must get very small: encoding will tell */
	FORECAST_OPEN     /* cannot be said: some media are of unknown size */
};

struct forecast {
	enum forecast_verdict verdict;
	uint64_t room;  /* bytes for images, audio and video: budget_of() */
	uint64_t known; /* bytes of those whose sizes are known: as made, or at their best */
	size_t unknown; /* how many media have no known size */
};

/* Sets out[k] for every class k of a template that validate_save() or a trial of saveMMS gives.
 * A medium whose bytes are 0 and that has no rendition has no known size. The forecast goes by
 * the same facts as budget_shares(), so that what is forecast is what comes. */
void forecast(const struct settings *s, const struct template *t, struct forecast out[CLASS_MAX]);

#endif
