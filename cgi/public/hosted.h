/*
 * hosted: what hosted pages are made of beside the page itself.
 */
#ifndef SM_HOSTED_H
#define SM_HOSTED_H

extern const char hosted_style[]; /* the style sheet, /m/style.css */

struct answer;
struct app;
struct arena;
struct message;
struct template;

/* Makes the answer the message's own picture in place of its personalized image. The HTTP
 * status: 200; 404 when it cannot be made and the template's, with the defaults, stands
 * for it (logged); 503 when it cannot be made now (logged). */
int hosted_image(struct app *app, const struct template *t, const struct message *m,
    struct arena *a, struct answer *answer);

#endif
