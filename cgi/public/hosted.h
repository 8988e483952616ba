/*
 * hosted: the parts of hosted pages other than the page itself.
 */
#ifndef SM_HOSTED_H
#define SM_HOSTED_H

extern const char hosted_style[]; /* the style sheet, /m/style.css */

struct answer;
struct app;
struct arena;
struct message;
struct template;

/* Draws the message's personal image, which the page shows in place of the one with the
 * defaults, and makes it the answer. Returns an HTTP status: 200; 404 when it cannot be drawn,
 * so that the page has to show the one with the defaults (logged); 503 when it cannot be drawn
 * now (logged, unless the answer does not fit in memory). */
int hosted_image(struct app *app, const struct template *t, const struct message *m,
    struct arena *a, struct answer *answer);

#endif
