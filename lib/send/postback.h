/*
 * postback: what is told to a customer's server, and how often. Pure.
 */
#ifndef SM_POSTBACK_H
#define SM_POSTBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/delivery_report.h"
#include "model/message.h"
#include "model/settings.h"
#include "model/template.h"

struct buf;

/* Appends the encoding postback of a template that is ready or failed (SPEC
 * 3.7): N003, or the code of the first medium that failed with one element for
 * each that did. */
void postback_body(const struct template *t, struct buf *out);

/* Appends the delivery postback of a message (SPEC 6.6): of a report N102, E102, or for
 * a message that went as an SMS N202, E202; without one (NULL) N101, or E101 where it has
 * failed. rt tells the handset's system. */
void postback_delivery(const struct routing *rt, const struct message *m, const struct report *r,
    struct buf *out);

/* The CODE of a postback's body; "" when it has none. */
enum { POSTBACK_CODE = 8 };
void postback_code(const char *body, char out[POSTBACK_CODE]);

/* After attempt (1 for the first) has failed: true and the delay before the next,
 * or false when the schedule is used up. */
bool postback_retry(const struct settings *s, uint32_t attempt, uint64_t *delay_ms);

enum { POSTBACK_HEADER = 160 };

/* The three headers of the Standard Webhooks specification 1.0.0, complete lines.
 * secret is "whsec_" and base64 of the key, or the key itself as text; id is the
 * same at every retry; now is in microseconds. False when the secret is damaged. */
bool postback_sign(const char *secret, const char *id, int64_t now, const char *body,
    char out[3][POSTBACK_HEADER]);

/* All headers of a postback, as http_client_post() takes them; signed unless secret is "". */
struct postback_head {
	const char *header[5];
	char line[3][POSTBACK_HEADER];
};
bool postback_head(const char *secret, const char *id, int64_t now, const char *body,
    struct postback_head *out);

#endif
