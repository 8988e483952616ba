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

struct keep;

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

/* Writes the answer of a call whose template (MMSID) and message (NULL: none) are stored. */
typedef void stored_fn(struct answer *a, uint64_t mmsid, const struct message *m);

/* One call of an action. */
struct call {
	struct app *app;
	struct http *http;
	struct arena *arena;
	struct request *request;
	struct account account;
	const char *action;          /* "" until the action is known */
	unsigned counted;            /* number of the action in meter.h */
	struct failure failure;      /* set by the function that fails */
	bool lasting;                /* an E503 that no other try passes */
	const struct upload *upload; /* saveMMS: media already received; NULL: none */
	size_t nupload;
	uint64_t made;           /* saveMMS, sendMMS: MMSID of the stored template */
	const char *tracking;    /* a send: TRACKINGID of the stored message; NULL: none */
	struct keep *seen;       /* its Idempotency-Key, before it is taken; NULL: none */
	struct keep *keep;       /* the use of its Idempotency-Key (idempotency.h); NULL: none */
	stored_fn *write_stored; /* writes the answer of one that keeps it */
	bool replayed;           /* the answer is one that was kept */
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
action_fn action_login_user;
action_fn action_send_mms;

/* STATUSDETAILS of a message that is stored (savemms-api(7), Sending). */
#define SEND_ACCEPTED "MMS request accepted and queued for delivery"

/* A page of pages.def. It answers any request to its path. below is what follows the page's name
 * in the path: "" or "/...". The arena lives as long as the request. */
typedef void page_fn(struct app *app, struct http *http, const char *below, struct arena *a,
    struct answer *answer);

#define PAGE(name, fn, home) page_fn fn;
#include "cgi/pages.def"
#undef PAGE

#endif
