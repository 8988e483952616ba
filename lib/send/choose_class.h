/*
 * choose_class: how a message goes out: as which class of the template, what of it attached,
 * or as an SMS (SPEC 6.4, 6.5). Pure.
 */
#ifndef SM_CHOOSE_CLASS_H
#define SM_CHOOSE_CLASS_H

#include <stdbool.h>

#include "model/message.h"
#include "model/settings.h"
#include "model/template.h"

enum { DECIDE_WHY = 320 };

struct decision {
	const struct carrier *carrier; /* NULL: unknown */
	const struct handset *handset; /* NULL: unknown */
	unsigned attach; /* bit per enum kind: objects this handset takes as attachments */
	/* by which an MMS goes; it may have a limit of its own */
	const struct transport *transport;
	uint64_t limit; /* bytes the whole message may have on the air, by carrier and handset */
	/* Classes to try, the largest first: the first that composes within all limits is sent.
	 * None: it goes as an SMS. */
	const struct class *class[CLASS_MAX];
	unsigned nclass;
	char why[DECIDE_WHY]; /* in words */
};

/* handset: what a delivery report last called the handset of the number; "" unknown. */
void choose_class(const struct settings *s, const struct template *t, const struct message *m,
    const char *handset, struct decision *d);

#endif
