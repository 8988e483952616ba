/*
 * hosted: the parts of hosted pages other than the page itself.
 */
#ifndef SM_HOSTED_H
#define SM_HOSTED_H

extern const char hosted_style[]; /* the style sheet, /m/style.css */

struct answer;
struct app;
struct arena;
struct http;
struct message;
struct template;

enum { STYLE_URL = 64 };

/* One request for a page or for something below it. */
struct look {
	struct app *app;
	struct http *http;
	struct arena *arena;
	struct answer *answer;
	char style[STYLE_URL]; /* URL of the style sheet, relative to the request */
	struct message *message;
	struct template *template;
};

/* Draws the message's personal image, which the page shows in place of the one with the
 * defaults, and makes it the answer. Its entity tag is made of what it is drawn from, so it is not
 * drawn for a browser that has it. Returns an HTTP status: 200; 404 when it cannot be drawn,
 * so that the page has to show the one with the defaults (logged); 503 when it cannot be drawn
 * now (logged, unless the answer does not fit in memory). */
int hosted_image(const struct look *l);

#endif
