/*
 * choose_class: decides how a message goes out: in which class of the template and with which
 * objects attached, or as an SMS (savemms-api(7), What arrives, and Hosted pages). Pure.
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
	unsigned attach; /* bit per enum kind: objects that this handset takes as attachments */
	/* the transport of an MMS, which may have a limit of its own */
	const struct transport *transport;
	uint64_t limit; /* bytes; carrier and handset allow a binary message of this size */
	/* The classes to try, the largest first. The first one that composes within all limits is
	 * sent. If there is none, the message goes as an SMS. */
	const struct class *class[CLASS_MAX];
	unsigned nclass;
	const struct class *smallest; /* of all classes; NULL: the carrier has no MMS */
	char why[DECIDE_WHY];         /* the reason, for people */
};

/* Fills in *d, which points into s. handset is the name that the last delivery report gave for
 * the handset of this number; "" if it is unknown. */
void choose_class(const struct settings *s, const struct template *t, const struct message *m,
    const char *handset, struct decision *d);

#endif
