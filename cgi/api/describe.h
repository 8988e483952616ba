/*
 * describe: what two actions say of a template alike.
 */
#ifndef SM_DESCRIBE_H
#define SM_DESCRIBE_H

struct call;
struct template;

/* MMSID NAME SUBJECT FALLBACK_SMS_TEXT, as elements of the answer. */
void describe_head(struct call *c, const struct template *t);
void describe_created(struct call *c, const struct template *t);

/* TOTAL_SLIDES SIZE POSTER_URL?; the poster is the smallest rendition of the first
 * image, or the image itself when there are no renditions. */
void describe_tail(struct call *c, const struct template *t);

#endif
