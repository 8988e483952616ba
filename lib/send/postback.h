/*
 * postback: decides what a customer's server is told, and how often. Pure.
 */
#ifndef SM_POSTBACK_H
#define SM_POSTBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/account.h"
#include "model/delivery_report.h"
#include "model/message.h"
#include "model/settings.h"
#include "model/template.h"

struct arena;
struct buf;

/* Appends the encoding postback of a template that is ready or has failed (savemms-api(7),
 * Postbacks): N003, or the code of the first medium that failed and what names each that failed. */
void postback_body(const struct template *t, enum dialect d, struct buf *out);
/* Appends that of a template that sendMMS made: the codes are N013, E012, E013 and so on. */
void postback_body_send(const struct template *t, enum dialect d, struct buf *out);

/* What a delivery postback tells (savemms-api(7), Delivery postbacks). For a report r the code is
 * N102 or E102, or N202 or E202 if the message went as an SMS, but for what dialects B and C call
 * otherwise. If r is NULL the code is N101, or E101 if the message has failed. */
struct postback_delivery {
	const struct routing *routing; /* gives the operating system of the handset */
	const struct message *m;
	const struct report *r;
	enum dialect dialect;
};
void postback_delivery(const struct postback_delivery *p, struct buf *out);
/* Returns that postback as a text of at most most bytes in the arena, or NULL if it is longer or
 * memory is short. */
const char *postback_delivery_text(const struct postback_delivery *p, size_t most, struct arena *a);

/* Copies the code of a postback's body, in any dialect, to out; "" if the body has none. */
enum { POSTBACK_CODE = 8 };
void postback_code(const char *body, char out[POSTBACK_CODE]);

enum { POSTBACK_PATIENCE_S = 86400 };
/* Tells whether to try again after attempt (1 is the first) has failed. Returns true and sets
 * *delay_ms, the milliseconds until the next attempt, or returns false when the schedule is used
 * up. after_s: the seconds that the receiver asks for with Retry-After (RFC 9110, 10.2.3), 0 if it
 * does not. It gets them if they are more than those of the schedule, but never more than
 * POSTBACK_PATIENCE_S, which the schedule may. */
bool postback_retry(const struct settings *s, uint32_t attempt, uint64_t after_s,
    uint64_t *delay_ms);

/* What stands before the root of a postback in XML. */
#define POSTBACK_HEAD "<?xml version='1.0'?>\n"

enum { POSTBACK_HEADER = 160 };

/* Writes the three headers of the Standard Webhooks specification 1.0.0 as complete lines. A secret
 * is "whsec_" and the key in base64, or the key itself as text; "" is none. Each of the two signs,
 * the signatures in their order with a blank between them, so that a receiver that knows either
 * accepts the postback. id is the same at every retry; now is in microseconds. Returns false if a
 * secret is damaged, if there is none, or if memory is short. */
bool postback_sign(const char *const secret[2], const char *id, int64_t now, const char *body,
    char out[3][POSTBACK_HEADER]);

/* All headers of a postback, as http_client_call() takes them. postback_head() fills them in, with
 * the type of JSON or XML as the body is, and signs the postback unless the account has no secret.
 * Its other arguments and its result are those of postback_sign(); out->header points into *out. */
struct postback_head {
	const char *header[5];
	char line[3][POSTBACK_HEADER];
};
bool postback_head(const struct account *ac, const char *id, int64_t now, const char *body,
    struct postback_head *out);

#endif
