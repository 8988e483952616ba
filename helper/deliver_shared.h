/*
 * deliver_shared: the templates and accounts that a batch of messages has needed so far.
 */
#ifndef SM_DELIVER_SHARED_H
#define SM_DELIVER_SHARED_H

#include "model/template.h"
#include "store/store.h"

/* So many are kept; the oldest makes room for a new one. */
enum { DELIVER_SHARED = 16 };

/* The caller sets st and arena, both the caller's, and the rest to 0. */
struct deliver_shared {
	struct store *st;
	struct arena *arena; /* holds the templates */
	struct {
		uint64_t id;
		const struct template *t;
	} template[DELIVER_SHARED];
	struct {
		uint64_t id;
		bool wants_postbacks;
		enum dialect dialect[DIALECTS]; /* of a postback, by that of its message */
	} account[DELIVER_SHARED];
	unsigned ntemplate, naccount;
};

/* Returns ST_OK and the template, or NULL in *t if it is gone, or what keeps it from being read
 * (logged). */
enum store_rc deliver_template(struct deliver_shared *s, uint64_t id, const struct template **t)
    __attribute__((warn_unused_result));

/* Tells whether the account of a message wants postbacks, and sets *d to their dialect. If it
 * cannot be read the answer is yes, and the dialect the message's; the postback will find out. */
bool deliver_wants_postbacks(struct deliver_shared *s, const struct message *m, enum dialect *d);

#endif
