/*
 * console: pages for people, below /console/ (savemms-console(7)).
 *
 * This program renders the pages, and they are complete without script. console.c finds the
 * page in pages.def, reads its session and form, and refuses what is not allowed. The page's
 * function then only fills c->out, with base/htmlout.h and the functions below, or redirects
 * by console_go(). All memory belongs to the request's arena.
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
#include "store/session.h"

enum console_needs {
	NEEDS_NOTHING, /* open to anybody; a POST checks for itself that it comes from our form */
	NEEDS_SESSION, /* requires a session; a POST carries its token */
	NEEDS_OPERATOR /* the same, and the account's setting operator must be on */
};

/* In place of the KB of a page: the setting console-upload-kb applies. */
enum { CONSOLE_UPLOAD = 0x7fffffff };

struct console {
	struct app *app;
	struct http *http;
	struct arena *arena;
	struct answer *answer;
	struct buf *out;  /* the answer's body */
	const char *path; /* below /console: "/templates/100001" */
	const char *root; /* URL of the console's first page, from this one: "./", "../", ... */
	uint64_t id;      /* the number in the path; 0: none */
	const char *name; /* the name at its end; "": none */
	struct pairs query, form; /* form: of a POST */
	bool secure;              /* the request came by TLS */
	bool signed_in;
	struct account account;   /* valid when signed_in */
	char session[SESSION_ID]; /* the session's id, as in its cookie */
	char token[SHA256_HEX];   /* the token of the session's forms */
};

typedef void console_fn(struct console *c);

#define CONSOLE(method, path, needs, max_kb, fn) console_fn fn;
#include "cgi/console/pages.def"
#undef CONSOLE

/* --- the request (param.c) --- */

/* These return a field of the form or of the query as text, with line breaks as LF. The result
 * is "", never NULL, when the field is missing, is not UTF-8 or contains a NUL, or memory is
 * short. */
const char *console_field(struct console *c, const char *name);
const char *console_query(struct console *c, const char *name);

/* Returns the form's field as it was sent, with what describes an upload, or NULL when it is
 * missing. */
const struct pair *console_pair(struct console *c, const char *name);

/* --- answers other than the requested page (reply.c) --- */

/* Answers 303 and so sends the browser to another page. fmt gives its path below the console,
 * without a slash at the start. */
void console_go(struct console *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Replaces anything written so far by a page that says what is wrong. */
void console_refuse(struct console *c, int status, const char *title, const char *text);

/* The same for an error of the store: 404 when something does not exist, 409 when somebody else
 * has changed it, else 503. All but the first are logged with what, the operation that failed. */
void console_store_fail(struct console *c, enum store_rc rc, const char *what);

/* Tells whether a list goes on behind a record that could not be had because of rc: one that cannot
 * be read hides no other. moved: the next look begins behind it. Logs its name, as fmt says. */
bool console_pass_by(enum store_rc rc, bool moved, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* --- sessions (session.c) --- */

/* Finds the session of the request's cookie and sets signed_in, account, session and token. It
 * also returns ST_OK, with signed_in false, when there is no session. */
enum store_rc console_find_session(struct console *c) __attribute__((warn_unused_result));
/* Starts a session for the account and sets its cookie. console_drop_cookie() deletes the
 * cookie. */
enum store_rc console_start_session(struct console *c, const struct account *ac)
    __attribute__((warn_unused_result));
void console_drop_cookie(struct console *c);

/* Tells whether the POST carries the token of its session. */
bool console_token_ok(struct console *c) __attribute__((warn_unused_result));

/* For the sign-in form, which has no session. console_form_cookie() returns the value of a
 * cookie of the form's own, and sets the cookie when there is none; it returns NULL when memory
 * is short. console_form_cookie_ok() tells whether the form carries the same value. */
const char *console_form_cookie(struct console *c);
bool console_form_cookie_ok(struct console *c) __attribute__((warn_unused_result));

/* Checks the account's password; ac is NULL when nobody has that name. Wrong passwords are
 * counted as password_limit() says. *wait_s is how many seconds to wait with
 * PASSWORD_LIMIT, and 0 otherwise. */
enum password_rc console_password(struct console *c, const struct account *ac, const char *name,
    const char *password, uint64_t *wait_s) __attribute__((warn_unused_result));

/* --- the frame of a page (frame.c) --- */

/* These write the page up to and including its heading, and the end of the page. */
void console_open(struct console *c, const char *title);
void console_close(struct console *c);

/* Checks the field "password" of the form against the account's password (postback_test.c).
 * Returns false with the
 * answer that says what is wrong: a browser that was left open must not give or change what only
 * the account's owner may have. */
bool console_ask_password(struct console *c) __attribute__((warn_unused_result));

/* What an account is told of a server of its own that could not be reached. The reason may name
 * addresses behind this server, so it is for the log and the operator. */
#define NOT_REACHED "It could not be reached."

/* --- URLs, links and lines (html.c) --- */

/* These return, in the arena, a URL relative to this page. fmt gives its path below the console,
 * without a slash at the start. When it is too long or memory is short, console_vurl() returns
 * NULL and console_url() returns "#". */
const char *console_vurl(struct console *c, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
const char *console_url(struct console *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* Returns the URL of a blob's bytes, in the arena, or "#" when memory is short. */
const char *console_media(struct console *c, const char *sha, enum format f);

/* Writes an <a> element. class may be NULL. */
void console_link(struct console *c, const char *url, const char *text, const char *class);

/* Writes <p class=class>text</p>; the class "wrong" is also announced as an alert. */
void console_say(struct console *c, const char *class, const char *text);

/* Writes a row of a list of facts, or nothing when value is NULL. The caller opens and closes
 * the list, which is a <dl> of the class "facts". */
void console_fact(struct console *c, const char *name, const char *value);

/* Writes the name of a state as a mark; the style sheet colors it. */
void console_mark(struct console *c, const char *state);

/* These write a table up to its rows, and its end. A table wider than the page scrolls by
 * itself, and then label names it. class may be NULL; head ends with NULL. */
void console_table_open(struct console *c, const char *label, const char *class,
    const char *const *head);
void console_table_close(struct console *c);

/* Writes the element that loads a script of the installation, in addition to console.js. */
void console_script(struct console *c, const char *file);

/* --- forms (form_html.c) --- */

/* Writes <form method="post"> for a page below the console, with the session's token. The other
 * functions write its end, a hidden field and a submit button. */
void console_form(struct console *c, const char *action, const char *class);
void console_form_end(struct console *c);
void console_hidden(struct console *c, const char *name, const char *value);
void console_button(struct console *c, const char *text, const char *class);

/* A label and its input. Members that are NULL are left out. */
struct console_input {
	const char *name, *label, *value;
	const char *id;   /* of a field of a name that the page has twice; NULL: the name */
	const char *type; /* NULL: text; "textarea" for many lines */
	const char *hint; /* a text below the input */
	const char *autocomplete, *inputmode;
	const char *class; /* class of the paragraph */
	bool required, readonly, focus;
};
void console_input(struct console *c, const struct console_input *in);

/* These write a label with a list to choose from, with a check box whose value is "yes", or with
 * a file field. */
struct console_option {
	const char *value, *text;
};
void console_select(struct console *c, const struct console_input *in,
    const struct console_option *option, size_t n);
void console_tick(struct console *c, const struct console_input *in);
void console_pick(struct console *c, const struct console_input *in, const char *accept);

/* A button of a form that has several. It sends do=value, or name=value. Members that are NULL
 * are left out. label is read aloud in place of the text. */
struct console_do {
	const char *name, *value, *text, *class, *id, *label;
	bool focus;
};
void console_do(struct console *c, const struct console_do *d);

/* console_copy() writes a label and a text to be copied, of one line or, as a "textarea", of
 * several. console_copy_button() writes the button that copies the text with this id. Neither is
 * part of a form. */
void console_copy(struct console *c, const struct console_input *in);
void console_copy_button(struct console *c, const char *id);

/* Writes the button that the Enter key presses. It must come before all other buttons of the
 * form. */
void console_do_first(struct console *c, const char *value);

/* Writes a <form> that can send files, with the session's token. preview is the URL at which its
 * script asks for a preview, or NULL. */
void console_form_files(struct console *c, const char *action, const char *id, const char *preview);

/* --- checks with media (composer.c) --- */

/* Counts one more check with media, or preview, against the account's rate limit. Returns false,
 * with the reason in *why, when the limit is reached; *why may be NULL when memory is short. */
bool console_check_allowed(struct console *c, const char **why) __attribute__((warn_unused_result));

#endif
