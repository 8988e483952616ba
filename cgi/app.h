/*
 * app: the state that all requests of this process share, and the state of one API call.
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
	struct meter *meter; /* NULL: calls are not counted */
};

/* Reads the settings, opens the log and the store, and sets up the transcoder. SAVEMMS_CONF in
 * the environment names the settings file. For servers that cannot set the environment of a
 * process, conf names it, as the first request gives it; it may be NULL. Returns false, after
 * logging the reason, when the service cannot run. app_end() closes everything, also after a
 * failure. */
bool app_start(struct app *app, const char *conf) __attribute__((warn_unused_result));
void app_end(struct app *app);

/* A medium that the request itself carries. It is used instead of fetching the URL. */
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
	bool admitted; /* counts against the account's concurrency limit (concurrency_limit.h) */
	const char *action;          /* "" until the action is known */
	unsigned counted;            /* number of the action in meter.h */
	struct failure failure;      /* set by the function that fails */
	const struct upload *upload; /* saveMMS: media already received; NULL: none */
	size_t nupload;
	uint64_t made; /* saveMMS: MMSID of the stored template */
	struct answer *answer;
};

/* An action. It fills call->answer and returns true, or sets call->failure and returns false. It
 * runs only after the caller has been identified and authorised. */
typedef bool action_fn(struct call *c);

action_fn action_save_mms;
action_fn action_delete_mmsid;
action_fn action_get_mms_ids;
action_fn action_get_mms_templates;
action_fn action_get_mmsid_details;
action_fn action_send_saved_mms;

/* Answers a call of the API: reads the body and the request, runs the action, counts the call
 * and logs it. A failure becomes the answer. */
void action_serve(struct call *c);

/* Runs the action for an account that is already known, for example from a session of the
 * console. The caller has set c->request and c->account. The call is checked, counted and logged
 * like one from outside. Returns false with c->failure set. */
bool action_for_account(struct call *c, const char *action) __attribute__((warn_unused_result));

/* Answers any HTTP request: fills answer, which the caller sends. */
void route(struct app *app, struct http *http, struct answer *answer);

/* A page of pages.def. It answers any request to its path. below is what follows the page's name
 * in the path: "" or "/...". The arena lives as long as the request. */
typedef void page_fn(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer);

#define PAGE(name, fn) page_fn fn;
#include "cgi/pages.def"
#undef PAGE

/* Turns the answer into the blob sha of format f, with headers under which nothing in the blob
 * can run and objects are downloaded. name is the file name for saving; it must be ASCII and
 * chosen by this program. Returns false and leaves the answer unchanged when the blob cannot be
 * opened. */
bool answer_medium(struct answer *answer, const struct settings *s, const char *sha, enum format f,
    const char *name);

/* Sets the same headers for a body that is not a blob; etag identifies the body. */
void answer_medium_headers(struct answer *answer, enum format f, const char *etag,
    const char *name);

/* Finds the caller's account by key, or by user and password, makes the checks of
 * savemms-api(7), Who is calling, and counts the call against the account's concurrency limit
 * (c->admitted). Returns false with c->failure set. */
bool login(struct call *c, unsigned action) __attribute__((warn_unused_result));

/* These do the same for a caller who is already known: c->account is set. login_uncounted() does
 * not count the call against the rate limits (E106, E113, E120). */
bool login_known(struct call *c, unsigned action) __attribute__((warn_unused_result));
bool login_uncounted(struct call *c) __attribute__((warn_unused_result));

/* Removes a template of the account, its jobs, and the media that nothing refers to any more.
 * Returns ST_IO, after logging the reason, when the media folder cannot be locked, else what the
 * store returned. */
enum store_rc remove_template(struct app *app, uint64_t account, uint64_t id, struct arena *a)
    __attribute__((warn_unused_result));

/* Makes sure that a helper runs and knows that there is work. Failures are only logged: the job
 * is on disk, and cron or the next request starts a helper. */
void start_helper(const struct settings *s);

/* Sets the code of call->failure. Always returns false, for the caller to return. */
bool call_fail(struct call *c, enum api_error code);

/* Like call_fail(), for an error of the store: ST_NOTFOUND becomes E241, anything else E503. The
 * latter is logged with what, the operation that failed. */
bool call_store_fail(struct call *c, enum store_rc rc, const char *what);

#endif
