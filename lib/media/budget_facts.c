/*
 * budget_facts: what is known of a medium before the bytes are shared out. See budget.h.
 *
 * The renditions made so far tell most. Where there are none, the figures are estimates: a need
 * that is too high is given back in the second round, but one that is too low would limit the
 * first; so needs are upper bounds.
 */
#include "media/budget.h"

enum {
	IMAGE_LEAST = 20 * 1024,   /* savemms-media(7), Shares: the least of an image, */
	FILM_LEAST_BPS = 40000,    /* of the moving image of a film, */
	FILM_SOUND_BPS = 12000,    /* and of its sound */
	FILM_MOST_BPS = 900000,    /* savemms-media(7), Films: the most spent on the moving image */
	SOUND_LEAST_BPS = 24000,   /* savemms-media(7), Sound: the lowest step of MP3 */
	UNTIMED_LEAST = 20 * 1024, /* of what has no known duration */
	SPEECH = 4, /* AMR's rates are below a quarter of MP3's for the same speech */
	/* RFC 4867, section 5.3: a frame of AMR, 50 a second, has up to 12 bits beside its speech.
	 * The frames of the lowest mode take 13 bytes. */
	SPEECH_FRAMES_BPS = 50 * 12,
	SPEECH_LEAST_BPS = 50 * 13 * 8,
};

uint32_t
budget_weight(enum kind k, enum format f)
{
	if (k == KIND_VIDEO)
		return 6;
	return f == FORMAT_GIF ? 3 : 1;
}

static uint64_t
min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Returns the bytes of ms milliseconds at a rate, rounded up by a fifth of a second. */
static uint64_t
bytes_of(uint64_t bps, uint32_t ms)
{
	return ((uint64_t)ms + 200) * bps / 8000 + 1;
}

/* Sets the facts of sound. The need is half as much again as the source's rate, because the step
 * of the ladder that is used may be above that rate. */
static void
sound_facts(const struct class *c, const struct medium *m, struct budget_item *it)
{
	bool speech = sound_format(c->sound_bps) == FORMAT_AMR;
	uint64_t most = speech ? c->sound_bps + SPEECH_FRAMES_BPS : c->sound_bps;
	uint64_t bytes = m->bytes *
	    (m->format == FORMAT_AMR || m->format == FORMAT_AMRWB ? SPEECH : 1);

	it->need = bytes + bytes / 2;
	it->least = UNTIMED_LEAST;
	if (m->ms > 0) {
		it->least = bytes_of(speech ? SPEECH_LEAST_BPS : SOUND_LEAST_BPS, m->ms);
		it->need = min(it->need, bytes_of(most, m->ms));
		it->need = it->need < it->least ? it->least : it->need;
	}
}

static void
film_facts(const struct class *c, const struct medium *m, struct budget_item *it)
{
	it->need = m->bytes * 2;
	it->least = UNTIMED_LEAST;
	if (m->ms > 0) {
		it->need = min(it->need, bytes_of(FILM_MOST_BPS + c->audio_bps, m->ms));
		it->least = bytes_of(FILM_LEAST_BPS + FILM_SOUND_BPS, m->ms);
	}
}

static void
estimate(const struct class *c, const struct medium *m, struct budget_item *it)
{
	if (m->kind == KIND_AUDIO) {
		sound_facts(c, m, it);
	} else if (m->kind == KIND_VIDEO) {
		film_facts(c, m, it);
	} else {
		it->need = m->bytes;
		it->least = IMAGE_LEAST;
	}
}

/* Returns the smallest size of a medium, 0 when it is not known. Once a rendition could not be
 * made small enough, its size is known to be the smallest. */
static uint64_t
smallest(const struct medium *m)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < m->nrendition; i++)
		if (m->rendition[i].size == SIZE_LEAST && m->rendition[i].bytes > bytes)
			bytes = m->rendition[i].bytes;
	return bytes;
}

void
budget_facts(const struct class *c, const struct medium *m, struct budget_item *it)
{
	const struct rendition *r = medium_rendition(m, c->name);

	it->weight = budget_weight(m->kind, r != NULL ? r->format : m->format);
	if (m->state == MEDIUM_FAILED) {
		it->need = it->least = it->smallest = 0;
		return;
	}
	estimate(c, m, it);
	it->smallest = smallest(m);
	if (r != NULL)
		it->need = r->size == SIZE_BEST ? r->bytes : c->bytes; /* more would help */
	it->smallest = min(it->smallest, it->need);
	it->least = min(it->least, it->need);
}
