/*
 * console: pages for people, below /console/ (savemms-console(7)).
 *
 * Rendered here, whole without script. console.c finds the page in pages.def, its session
 * and form, and refuses what is not allowed; a page's function then only fills c->out, by
 * base/htmlout.h and the functions below, or sends elsewhere by console_go(). All memory is
 * the request's arena.
 */
#ifndef SM_CONSOLE_H
#define SM_CONSOLE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/htmlout.h"
#include "cgi/app.h"
#include "cgi/console/text_rules.h"
#include "request/pairs.h"

enum console_needs {
	NEEDS_NOTHING, /* anybody; a POST checks for itself that it comes from our form */
	NEEDS_SESSION, /* who is signed in; a POST carries the session's token */
	NEEDS_OPERATOR /* as above, and the account's setting operator is on */
};

/* In place of a page's KB: the setting console-upload-kb. */
enum { CONSOLE_UPLOAD = 0x7fffffff };

struct console {
	struct app *app;
	struct http *http;
	struct arena *arena;
	struct answer *answer;
	struct buf *out;          /* the answer's body */
	const char *path;         /* below /console: "/templates/100001" */
	const char *root;         /* from this page to the console's first: "./", "../", ... */
	uint64_t id;              /* the number in the path; 0: none */
	const char *name;         /* the name at its end; "": none */
	struct pairs query, form; /* form: of a POST */
	bool secure;              /* reached by TLS */
	bool signed_in;
	struct account account;   /* who, when signed_in */
	char session[SESSION_ID]; /* its id, as the cookie has it */
	char token[SHA256_HEX];   /* of its forms */
};

typedef void console_fn(struct console *c);

#define CONSOLE(method, path, needs, max_kb, fn) console_fn fn;
#include "cgi/console/pages.def"
#undef CONSOLE

/* --- what was asked (param.c) --- */

/* A field of the form or of the query, as text: "" when it is not there, is not UTF-8 or
 * holds a NUL. With line breaks as LF. Never NULL. */
const char *console_field(struct console *c, const char *name);
const char *console_query(struct console *c, const char *name);

/* The field itself, for what it came with (an upload); NULL when it is not there. */
const struct pair *console_pair(struct console *c, const char *name);

/* --- answers that are not the page asked for (reply.c) --- */

/* Answers with 303: the browser gets the page path (below the console, without a slash at
 * its start). */
void console_go(struct console *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A page that says what is wrong, in place of whatever was written. */
void console_refuse(struct console *c, int status, const char *title, const char *text);

/* The same for what the store said: 404 for what is not there, else 503, logged. */
void console_store_fail(struct console *c, enum store_rc rc, const char *what);

/* --- sessions (session.c) --- */

/* Finds the session of the request's cookie: sets signed_in, account, session, token.
 * ST_OK also when there is none. */
enum store_rc console_find_session(struct console *c) __attribute__((warn_unused_result));
enum store_rc console_start_session(struct console *c, const struct account *ac)
    __attribute__((warn_unused_result));
void console_drop_cookie(struct console *c);

/* Does the POST carry the token of its session? */
bool console_token_ok(struct console *c) __attribute__((warn_unused_result));

/* For the sign-in form, which has no session: the value of a cookie of its own, made when
 * there is none; and is it the one the form carries? */
const char *console_form_cookie(struct console *c);
bool console_form_cookie_ok(struct console *c) __attribute__((warn_unused_result));

/* Is it the account's password (ac NULL: nobody's)? Wrong ones are counted for the name and
 * for the caller's address; *wait_s is set with PASSWORD_BUSY, 0 when it is the service
 * that is busy. */
enum password_rc console_password(struct console *c, const struct account *ac, const char *name,
    const char *password, uint64_t *wait_s) __attribute__((warn_unused_result));

/* --- the frame of a page (frame.c) --- */

/* Writes the page up to its heading; and its end. */
void console_open(struct console *c, const char *title);
void console_close(struct console *c);

/* --- URLs, links and lines (html.c) --- */

/* A URL from this page: fmt is below the console, without a slash at its start. console_vurl()
 * returns NULL when it is too long or memory is short, console_url() "#". */
const char *console_vurl(struct console *c, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
const char *console_url(struct console *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* The URL of a blob's bytes. */
const char *console_media(struct console *c, const char *sha, enum format f);

/* <a>; class may be NULL. */
void console_link(struct console *c, const char *url, const char *text, const char *class);

/* <p class=class>text</p>. */
void console_say(struct console *c, const char *class, const char *text);

/* A row of a list of facts: open <dl class="facts"> around them. NULL value: no row. */
void console_fact(struct console *c, const char *name, const char *value);

/* The name of a state, as a mark that its style colors. */
void console_mark(struct console *c, const char *state);

/* Writes a table up to its rows, and its end. Where it is wider than the page it scrolls by itself;
 * label names it then. class may be NULL; head ends with NULL. */
void console_table_open(struct console *c, const char *label, const char *class,
    const char *const *head);
void console_table_close(struct console *c);

/* A script of the installation beside console.js. */
void console_script(struct console *c, const char *file);

/* --- forms (form_html.c) --- */

/* <form method="post"> to a page below the console, with the session's token. */
void console_form(struct console *c, const char *action, const char *class);
void console_form_end(struct console *c);
void console_hidden(struct console *c, const char *name, const char *value);
void console_button(struct console *c, const char *text, const char *class);

/* A label and its input. What is NULL is left out. */
struct console_input {
	const char *name, *label, *value;
	const char *type; /* NULL: text; "textarea" for many lines */
	const char *hint; /* below it */
	const char *autocomplete, *inputmode;
	const char *class; /* of its paragraph */
	bool required, readonly, focus;
};
void console_input(struct console *c, const struct console_input *in);

/* A label and its list to choose from; a box to tick, whose value is "yes"; a file. */
struct console_option {
	const char *value, *text;
};
void console_select(struct console *c, const struct console_input *in,
    const struct console_option *option, size_t n);
void console_tick(struct console *c, const struct console_input *in);
void console_pick(struct console *c, const struct console_input *in, const char *accept);

/* A button of a form with several: it says do=value, or name=value. What is NULL is left out; label
 * is what is read aloud in place of the text. */
struct console_do {
	const char *name, *value, *text, *class, *id, *label;
	bool focus;
};
void console_do(struct console *c, const struct console_do *d);

/* A label and a text to take away, of one line or of many; and the button that copies what has this
 * id. They belong to no form. */
void console_copy(struct console *c, const struct console_input *in);
void console_copy_button(struct console *c, const char *id);

/* The button that the key Enter presses: before all others of the form. */
void console_do_first(struct console *c, const char *value);

/* <form> for files, with the session's token; preview: where its script asks for one, or NULL. */
void console_form_files(struct console *c, const char *action, const char *id, const char *preview);

/* --- checks with media (composer.c) --- */

/* May the account have another check with its media, or preview? They are counted. False and
 * why not. */
bool console_check_allowed(struct console *c, const char **why) __attribute__((warn_unused_result));

#endif
