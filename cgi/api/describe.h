/*
 * describe: writes what two actions say alike about a template.
 */
#ifndef SM_DESCRIBE_H
#define SM_DESCRIBE_H

#include <stdbool.h>

struct call;
struct template;

/* Adds id, name, subject and fallback text to the answer, with the names of a list or of details;
 * describe_created() adds when it was created. */
void describe_head(struct call *c, const struct template *t, bool listed);
void describe_created(struct call *c, const struct template *t);

/* Adds the number of slides, the size and, if there is a poster, its URL. The poster is the
 * smallest rendition of the first image, or the image itself when it has no renditions. */
void describe_tail(struct call *c, const struct template *t);

/* Adds all of a template. One that is not stored (its id is 0) has no id, no date and no URLs of
 * this server. */
void describe_template(struct call *c, const struct template *t);

#endif
