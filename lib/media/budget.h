/*
 * budget: shares out the bytes of each class over the media of a template, and picks what each
 * class gets of all that was made (savemms-media(7), Classes, Budgets and Shares). Pure.
 *
 * A template is fitted in rounds, mostly one or two. In the first, every medium is made within what
 * budget_shares() grants it by what is known of the media that are still to be made. When all are
 * made, the same function grants anew by the sizes that came out, and budget_again() says which
 * media are made once more within that: after the first round those for which others have left
 * room, and after any round those that are over their share. The rounds come to an end, because a
 * medium that is over its share either gets within it or is known to be at its smallest.
 * budget_settle() concludes. saveMMS, the helper and the composer's forecast use the same functions
 * on the same facts, so the outcome depends neither on the order in which media are done nor on who
 * does it.
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
	uint64_t floor;    /* bytes of its share in the class below */
	uint64_t smallest; /* bytes below which it cannot be made; 0: not known */
	uint64_t least;    /* bytes it should have at least */
	uint64_t need;     /* bytes it takes at its best quality */
	uint32_t weight;   /* of its share where not all needs can be met; at least 1 */
	uint64_t share;    /* result: the bytes it may take */
};

/* Shares the budget out over n items. The sum of their floors must be within it. Every share is
 * at least the floor. What is left first brings all items to their smallest size, then to their
 * least, evenly where there is not enough, and then towards their needs in proportion to the
 * weights. The sum of the shares is at most the budget, and falls short of it by less than the
 * sum of the weights as long as a need is open. */
void budget_share(struct budget_item *it, size_t n, uint64_t budget);

/* The most media of a template that can share a class's bytes: an image and a sound, or a film,
 * on each of 100 slides. */
enum { BUDGET_MEDIA = 200 };

struct budget_shares {
	size_t n; /* media that share: budget_medium() */
	uint64_t share[BUDGET_MEDIA][CLASS_MAX];
	uint64_t budget[CLASS_MAX]; /* budget_of() */
};

/* Returns the i-th medium that takes part, in the order of the slides; images, audio and video
 * do. Returns NULL past the last one. */
struct medium *budget_medium(const struct template *t, size_t i);

/* Sets *out to what each medium may take in each class; a share never falls from one class to
 * the next. A medium without renditions counts with estimates (budget_facts.c). */
void budget_shares(const struct settings *s, const struct template *t, struct budget_shares *out);

/* Returns the weight of a medium: image and audio 1, animation (GIF) 3, video 6. */
uint32_t budget_weight(enum kind k, enum format f);

/* Sets all of *it but floor and share to what is known of medium m in class c. */
void budget_facts(const struct class *c, const struct medium *m, struct budget_item *it);

/* Returns the bytes of a class that are left for the images, audio and video of the template: 97
 * in a hundred of its limit, which is that of the binary message, less 8 KiB for SMIL and
 * headers, the texts and the contacts. Calendars and PDFs travel as links where they do not fit.
 * Media whose sizes add up to this make a message within the limit (air.h), unless values make
 * texts longer. Returns 0 when nothing is left. */
uint64_t budget_of(const struct class *c, const struct template *t);

/* When all media are made, budget_again() says which of them are made once more, and within
 * which bytes in which classes; 0 means that a rendition stays as it is. The bytes of a medium
 * that are not 0 never fall from one class to the next. upwards is true after the first round.
 * Returns false when no medium is made again. */
struct budget_wants {
	uint64_t bytes[BUDGET_MEDIA][CLASS_MAX];
};
bool budget_again(const struct settings *s, const struct template *t,
    const struct budget_shares *sh, bool upwards, struct budget_wants *out);

/* Is a the better rendition of the same medium? It has more pixels, or as many and more bytes. */
bool budget_better(const struct rendition *a, const struct rendition *b);

/* Chooses between the rendition that a class has (NULL: none) and one that was made once more
 * within budget bytes. Returns the better one of those within the budget, else the smaller one. */
const struct rendition *budget_pick(const struct rendition *has, const struct rendition *made,
    uint64_t budget);

/* Gives medium m a rendition that was made within budget bytes, if it is to be preferred to the
 * one that its class has. Returns false when memory is short. */
struct arena;
bool budget_take(struct arena *a, struct medium *m, const struct rendition *made, uint64_t budget)
    __attribute__((warn_unused_result));

/* Concludes the fitting. Marks as links the classes whose media, as they are now, do not fit,
 * and takes their renditions away; gives a class the rendition of the one below where that is
 * the better one; forgets what renditions say of their size. For a failed template it only does
 * the last. */
void budget_settle(const struct settings *s, struct template *t);

/* Write and read a round's budgets as the text that a job keeps, "S:12000, XL:99000". Reading
 * passes over a class that the settings no longer have, and returns false for a text that has
 * another form. The caller of budget_want_write() checks buf_ok(). */
struct buf;
void budget_want_write(const struct settings *s, const uint64_t want[CLASS_MAX], struct buf *out);
bool budget_want_read(const struct settings *s, const char *text, uint64_t want[CLASS_MAX])
    __attribute__((warn_unused_result));

#endif
