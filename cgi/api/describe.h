/*
 * describe: writes what two actions say alike about a template.
 */
#ifndef SM_DESCRIBE_H
#define SM_DESCRIBE_H

struct call;
struct template;

/* Adds MMSID, NAME, SUBJECT and FALLBACK_SMS_TEXT to the answer's body; describe_created() adds
 * DATE_CREATED. */
void describe_head(struct call *c, const struct template *t);
void describe_created(struct call *c, const struct template *t);

/* Adds TOTAL_SLIDES, SIZE and, if there is a poster, POSTER_URL. The poster is the smallest
 * rendition of the first image, or the image itself when it has no renditions. */
void describe_tail(struct call *c, const struct template *t);

#endif
