/*
 * carrier: the parts of "savemms carrier", a carrier for tests: an MMSC that speaks MM7 and an SMS
 * gateway that speaks Kannel's sendsms, on loopback. Rules say what it does with a message.
 */
#ifndef SM_CARRIER_H
#define SM_CARRIER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "model/settings.h"
#include "send/mm7.h"

struct arena;

/* --- rules (carrier_rules.c): pure ------------------------------------------------------- */

enum { CARRIER_RULES = 256, CARRIER_TEXT = 200, CARRIER_ERR = 200, CARRIER_WORD = 64 };

enum carrier_action {
	ACTION_ACCEPT, /* accepted, with delivery reports */
	ACTION_LOSE,   /* accepted, without any report */
	ACTION_REFUSE, /* refused with code */
	ACTION_ERROR,  /* answered with HTTP status code */
	ACTION_DROP    /* the connection is closed without an answer */
};

struct carrier_rule {
	char to[CARRIER_WORD]; /* number, or the beginning of one and "*" */
	bool mms, sms;         /* the messages it applies to */
	enum carrier_action action;
	unsigned code;      /* of ACTION_REFUSE (MM7) and ACTION_ERROR (HTTP) */
	uint64_t max_bytes; /* a longer MMS is refused for its size; 0: no limit */
	uint64_t delay_ms, report_delay_ms;
	char report[CARRIER_WORD]; /* list of words of carrier_report_word(); "": none */
	char handset[CARRIER_TEXT], text[CARRIER_TEXT];
	uint64_t times, used; /* how often it may be used (0: without limit), and was */
};

struct carrier_rules {
	struct carrier_rule rule[CARRIER_RULES];
	unsigned n;
};

/* Adds the rules of a text, one on each line, and after them a rule that accepts everything.
 * Returns 0, or -1 with what is wrong, and its line, in err. */
int carrier_rules_read(struct carrier_rules *r, const char *text, char err[CARRIER_ERR])
    __attribute__((warn_unused_result));

/* Returns the first rule for such a message that is not used up, and counts this use of it. */
const struct carrier_rule *carrier_rules_match(struct carrier_rules *r, bool mms, const char *to);

/* Finds the MM7 status and the number in Kannel's dlr-mask that a word of report= stands for.
 * Returns false if there is no such word. */
bool carrier_report_word(const char *word, const char **mm_status, unsigned *dlr);

/* --- the MMS (carrier_check.c): pure ------------------------------------------------------ */

struct carrier_mms {
	const char *soap; /* the envelope */
	size_t nsoap;
	const char *content; /* the MMS: header lines and body */
	size_t ncontent, parts;
	unsigned code;            /* MM7_SUCCESS, or what is wrong with it */
	char fault[CARRIER_TEXT]; /* "": nothing */
};

/* What one POST brought: its body, and the message that mm7_read() found there. */
struct carrier_submit {
	const char *content_type, *body;
	size_t len;
	const struct mm7 *m; /* NULL: it could not be read */
	const char *why;     /* the reason, if m is NULL; NULL: memory is short */
};

/* Checks a SubmitReq and its MMS against TS 23.140 and the SMIL: envelope, parts, encodings and
 * every reference. *out points into the body and into memory of the arena. */
void carrier_check(struct arena *a, const struct carrier_submit *in, struct carrier_mms *out);

/* --- HTTP (carrier_http.c) ---------------------------------------------------------------- */

struct carrier_request {
	bool post;
	const char *path, *content_type, *authorization; /* never NULL */
	const char *body;
	size_t len;
	const char *(*arg)(const void *ctx, const char *name); /* of the query, decoded; "": none */
	const void *ctx;
};

struct carrier_reply {
	unsigned status;
	const char *type;
	struct buf body;
	bool drop; /* close the connection without an answer */
};

typedef void carrier_serve_fn(void *ctx, const struct carrier_request *q, struct carrier_reply *r);

struct carrier_http;

/* Listens on 127.0.0.1. If *port is 0, takes a free port and stores it there. Each connection has a
 * thread, which calls serve. Returns NULL on failure. */
struct carrier_http *carrier_http_start(uint16_t *port, carrier_serve_fn *serve, void *ctx)
    __attribute__((warn_unused_result));
/* Waits for the calls under way, frees *h and sets it to NULL. */
void carrier_http_stop(struct carrier_http **h);

/* --- the carrier -------------------------------------------------------------------------- */

struct carrier_seen;
struct carrier_due;

struct carrier_counts {
	uint64_t mms, sms, again, refused, faults, reports, unreported;
};

struct sim {
	struct settings settings; /* for outgoing calls, which go to loopback only */
	const char *report_url;   /* for DeliveryReportReq; NULL: none */
	const char *report_user, *report_password; /* "": none */
	const char *user; /* "USER:PASSWORD" that callers must give; NULL: anyone may call */
	const char *keep; /* folder; NULL: none */
	FILE *log;
	/* under lock */
	pthread_mutex_t lock;
	struct carrier_rules rules;
	struct carrier_counts count;
	uint64_t seq;
	struct carrier_seen *seen;
	/* the reports, under lock, too */
	pthread_cond_t wake;
	struct carrier_due *first, *last;
	pthread_t reporter;
	bool ending;
};

/* carrier_serve.c. This is a carrier_serve_fn whose ctx is the struct sim. */
void carrier_serve(void *ctx, const struct carrier_request *q, struct carrier_reply *r);

/* carrier_log.c. One log line for people and scripts: a word, then name=value pairs, where a value
 * is quoted if it is empty or has a blank, ", = or \ in it. carrier_line_end() writes the whole
 * line at once, under the lock. */
struct carrier_line {
	struct buf b;
};
void carrier_line_start(struct carrier_line *l, const char *word);
void carrier_line_add(struct carrier_line *l, const char *name, const char *value);
void carrier_line_add_u64(struct carrier_line *l, const char *name, uint64_t value);
void carrier_line_end(struct sim *c, struct carrier_line *l);
/* If there is a folder to keep messages in, writes n bytes to the file ID.ENDING there. A failure
 * becomes a line of the log. */
void carrier_keep(struct sim *c, const char *id, const char *ending, const void *p, size_t n);

/* carrier_seen.c: the TransactionIDs seen and the MessageIDs they got. */
enum { CARRIER_ID = 40 };
/* Returns true if the transaction was seen before; id is then the id it got. Otherwise makes a new
 * id and remembers it, unless memory is short or it remembers too many already. The caller holds
 * the lock. */
bool carrier_seen(struct sim *c, const char *transaction, char id[CARRIER_ID]);
void carrier_seen_free(struct sim *c);

/* carrier_report.c: reports that are due later; one thread sends them. */
struct carrier_due {
	struct carrier_due *next, *prev;
	int64_t at; /* clock_mono() */
	unsigned tries;
	bool mms;
	unsigned dlr;
	char mm_status[32], version[16], id[CARRIER_ID];
	char to[CARRIER_WORD], from[CARRIER_WORD];
	char handset[CARRIER_TEXT], text[CARRIER_TEXT];
	char *url; /* Kannel's dlr-url with its escapes, such as %d and %A; NULL with mms */
};
int carrier_report_start(struct sim *c) __attribute__((warn_unused_result));
/* Queues the reports of a rule for the message that like describes. dlr_url is NULL for MM7. If
 * memory is short the report is counted as unreported. */
void carrier_report_queue(struct sim *c, const struct carrier_rule *rule,
    const struct carrier_due *like, const char *dlr_url);
/* Ends the thread. Reports that have not been sent yet are counted as unreported. */
void carrier_report_stop(struct sim *c);

#endif
