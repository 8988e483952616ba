/*
 * budget: how the bytes of each class are shared out over the media of a template, and what
 * of all that was made each class gets (MEDIA.md 2.1). Pure.
 *
 * A template is fitted in rounds, mostly one or two. In the first every medium is made with
 * what budget_shares() grants it by what is known of the media that are still to be made. When
 * all are made, the same function grants anew by the sizes that came out; budget_again() says
 * which media are made once more with that: after the first round those that others have
 * left room for, and after any those that are over their share. It comes to an end, because
 * one that is over its share either gets within it or is known to be at its smallest.
 * budget_settle() ends it. saveMMS, the helper and the composer's forecast use the same
 * functions on the same facts, so the outcome depends neither on the order in which media
 * are done nor on who does it.
 */
#ifndef SM_BUDGET_H
#define SM_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/settings.h"
#include "model/template.h"

/* One medium in one class. */
struct budget_item {
	uint64_t floor;    /* bytes it had in the class below */
	uint64_t smallest; /* it cannot be made smaller; 0: not known */
	uint64_t least;    /* what it should have at least */
	uint64_t need;     /* what it takes at its best quality */
	uint32_t weight;   /* of its share when not all needs can be met; at least 1 */
	uint64_t share;    /* result: the bytes it may take */
};

/* Shares budget out. The floors' sum must be within it. Every share is at least the floor;
 * what is left first brings all to their smallest size, then to their least, evenly where
 * that is not possible, and then in proportion to the weights to their needs. The sum of the
 * shares is at most the budget, and short of it by less than the sum of the weights as long
 * as a need is open. */
void budget_share(struct budget_item *it, size_t n, uint64_t budget);

/* Most media of a template that share a class's bytes: an image and a sound, or a film, on each
 * of 100 slides. */
enum { BUDGET_MEDIA = 200 };

struct budget_shares {
	size_t n; /* media that share: budget_medium() */
	uint64_t share[BUDGET_MEDIA][CLASS_MAX];
	uint64_t budget[CLASS_MAX]; /* budget_of() */
};

/* The i-th medium that takes part, in the order of the slides: image, audio or video. NULL
 * behind the last. */
struct medium *budget_medium(const struct template *t, size_t i);

/* What each medium may take in each class, never falling from class to class. A medium
 * without renditions counts with estimates (budget_facts.c). */
void budget_shares(const struct settings *s, const struct template *t, struct budget_shares *out);

/* The weight of a medium: image and audio 1, animation (GIF) 3, video 6. */
uint32_t budget_weight(enum kind k, enum format f);

/* What is known of medium m in class c: all of *it but floor and share is set. */
void budget_facts(const struct class *c, const struct medium *m, struct budget_item *it);

/* The bytes of a class that are left for images, audio and video of the template: of its limit,
 * which is that of the binary message, 97 in a hundred less 8 KiB for SMIL and headers, the texts
 * and the contacts. Calendars and PDFs travel as links where they do not fit. Media of that sum
 * make a message within the limit (air.h), unless values make texts longer. 0: nothing is left. */
uint64_t budget_of(const struct class *c, const struct template *t);

/* Which media, all being made, are to be made once more, and within which bytes in which
 * classes: 0 where a rendition stays as it is. A medium's bytes never fall among those that
 * are not 0. upwards: after the first round. False: none is. */
struct budget_wants {
	uint64_t bytes[BUDGET_MEDIA][CLASS_MAX];
};
bool budget_again(const struct settings *s, const struct template *t,
    const struct budget_shares *sh, bool upwards, struct budget_wants *out);

/* Is a the better rendition of the same medium: more pixels, else more bytes? */
bool budget_better(const struct rendition *a, const struct rendition *b);

/* Of the rendition a class has (NULL: none) and one that was made once more within budget
 * bytes: the better one of those within the budget, else the smaller one. */
const struct rendition *budget_pick(const struct rendition *has, const struct rendition *made,
    uint64_t budget);

/* Gives medium m a rendition that was made within budget bytes, if it is to be preferred to
 * the one its class has. False: memory is short. */
struct arena;
bool budget_take(struct arena *a, struct medium *m, const struct rendition *made, uint64_t budget)
    __attribute__((warn_unused_result));

/* The end of it: marks the classes whose media, as they are now, do not fit as links and
 * takes their renditions away; gives a class the rendition of the one below where that is
 * the better one; forgets what renditions say of their size. Of a failed template it only does the
 * last. */
void budget_settle(const struct settings *s, struct template *t);

/* A round's budgets as the text a job keeps, "S:12000, XL:99000", and back: false for a text
 * that is none. A class that the settings do not have any more is passed over. */
struct buf;
void budget_want_write(const struct settings *s, const uint64_t want[CLASS_MAX], struct buf *out);
bool budget_want_read(const struct settings *s, const char *text, uint64_t want[CLASS_MAX])
    __attribute__((warn_unused_result));

#endif
