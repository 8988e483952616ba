/*
 * app: what every request of this process shares, and what one call is.
 */
#ifndef SM_APP_H
#define SM_APP_H

#include "base/arena.h"
#include "base/net.h"
#include "cgi/answer.h"
#include "cgi/http.h"
#include "media/transcode.h"
#include "model/account.h"
#include "model/error.h"
#include "model/settings.h"
#include "net/fetch.h"
#include "request/request.h"
#include "store/store.h"

struct app {
	struct settings settings;
	struct store *store;
	struct transcoder *transcoder;
	struct meter *meter; /* NULL: nothing is counted */
};

/* Reads the settings that SAVEMMS_CONF names (conf: what the first request says,
 * for servers that cannot set a process's environment; may be NULL), opens log
 * and store. False with a log line when the service cannot run. */
bool app_start(struct app *app, const char *conf) __attribute__((warn_unused_result));
void app_end(struct app *app);

/* A medium that came with the request itself, in place of what its URL would give. */
struct upload {
	unsigned long slide; /* from 1 */
	enum kind kind;
	struct fetch_given given;
};

/* One call of an action. */
struct call {
	struct app *app;
	struct http *http;
	struct arena *arena;
	struct request *request;
	struct account account;
	bool admitted;               /* has one of the account's places: see concurrency_limit.h */
	const char *action;          /* "" until it is known */
	unsigned counted;            /* the same for meter.h */
	struct failure failure;      /* set by whoever finds it */
	const struct upload *upload; /* of saveMMS: media received already; NULL: none */
	size_t nupload;
	uint64_t made; /* saveMMS: the MMSID of what it stored */
	struct answer *answer;
};

/* An action: fills call->answer and returns true, or sets call->failure and
 * returns false. Its caller is known and allowed. */
typedef bool action_fn(struct call *c);

action_fn action_save_mms;
action_fn action_delete_mmsid;
action_fn action_get_mms_ids;
action_fn action_get_mms_templates;
action_fn action_get_mmsid_details;
action_fn action_send_saved_mms;

/* Answers a call of the API: reads the body and the request, runs the action, counts and logs it.
 */
void action_serve(struct call *c);

/* Runs the action for an account that is known by other means than the request (a session
 * of the console): c->request is read and c->account set. Else the call is checked, counted and
 * logged like one from outside. False with c->failure set. */
bool action_for_account(struct call *c, const char *action) __attribute__((warn_unused_result));

/* Answers one HTTP request, whatever it is. */
void route(struct app *app, struct http *http, struct answer *answer);

/* A page of pages.def: answers a request, whatever it is. below is what follows its name in
 * the path, "" or "/...". The arena is the request's. */
typedef void page_fn(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer);

#define PAGE(name, fn) page_fn fn;
#include "cgi/pages.def"
#undef PAGE

/* Makes it the blob sha, of format f, as media go out: nothing in it runs, objects are
 * downloads, and name (ASCII, ours) is what it is saved as. False, answer unchanged, when
 * there is no such blob. */
bool answer_medium(struct answer *answer, const struct settings *s, const char *sha, enum format f,
    const char *name);

/* The headers of that, for a body that is not a blob; etag names it. */
void answer_medium_headers(struct answer *answer, enum format f, const char *etag,
    const char *name);

/* Finds the caller's account by key or user and password, checks what savemms-api(7), Who is
 * calling, lists and takes one of the account's places (c->admitted). False with the failure
 * set. */
bool login(struct call *c, unsigned action) __attribute__((warn_unused_result));

/* The same for a caller who is known by other means: c->account is set. The second does not
 * count it as a call (E106, E113, E120). */
bool login_known(struct call *c, unsigned action) __attribute__((warn_unused_result));
bool login_uncounted(struct call *c) __attribute__((warn_unused_result));

/* Removes a template of the account, its jobs, and the media nothing refers to any more. */
enum store_rc remove_template(struct app *app, uint64_t account, uint64_t id, struct arena *a)
    __attribute__((warn_unused_result));

/* Makes sure a helper runs and knows that there is work. Failures are logged: the
 * job is on disk, and cron or the next request starts one. */
void start_helper(const struct settings *s);

/* Sets call->failure; false, to be returned. */
bool call_fail(struct call *c, enum api_error code);

/* As call_fail() for what the store said: E241 for what is not there, else E503,
 * logged with what was tried. */
bool call_store_fail(struct call *c, enum store_rc rc, const char *what);

#endif
