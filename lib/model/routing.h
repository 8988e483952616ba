/*
 * routing: the tables of carriers, handsets and transports in the settings, and how a
 * message finds its rows (savemms-api(7), What arrives, and Hosted pages). Pure.
 *
 * carriers.def and handsets.def hold the shipped rows and their sources. A line
 * "carrier-NAME = ..." or "handset-NAME = ..." of savemms.conf adds a row or replaces
 * the shipped one with that name. A line "transport-NAME = ..." adds a transport.
 */
#ifndef SM_ROUTING_H
#define SM_ROUTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ROUTE_NAME = 32,
	CARRIER_MAX = 64,
	HANDSET_MAX = 64,
	TRANSPORT_MAX = 16,
	ROUTE_TEXT = 256,
	ROUTE_ERR = 200
};

struct carrier {
	char name[ROUTE_NAME];
	uint64_t bytes;             /* largest message it takes; 0: not known */
	bool mms;                   /* false: it carries no MMS, everything goes as SMS */
	char operators[ROUTE_TEXT]; /* list of OPERATORIDs (MCC and MNC, or a vendor's number) */
	char prefixes[ROUTE_TEXT];  /* list of the prefixes of its numbers */
};

enum os { OS_UNKNOWN, OS_IOS, OS_ANDROID, OS_OTHER };

struct handset {
	char name[ROUTE_NAME];
	char pattern[ROUTE_TEXT]; /* with * and ?, compared in any case with the name in the
	                             report */
	enum os os;
	uint64_t bytes; /* largest message it takes; 0: not known */
};

enum transport_kind { TRANSPORT_SPOOL, TRANSPORT_MM7, TRANSPORT_SMS_HTTP, TRANSPORT_KINDS };

/* Which size of a composed MMS (lib/send/compose.h) the max-bytes of a transport limits. Once its
 * line is read, a transport has COUNT_WIRE or COUNT_AIR: what the line says, else what its kind
 * counts. */
enum transport_count { COUNT_BY_KIND, COUNT_WIRE, COUNT_AIR };

/* How a transport encodes media. Texts and the SMIL are not encoded (lib/send/mime_part.h). */
enum transport_parts { PARTS_BASE64, PARTS_BINARY };

/* A way to send messages. "spool" always exists. */
struct transport {
	char name[ROUTE_NAME];
	enum transport_kind kind;
	char url[ROUTE_TEXT];         /* of the MMSC, or of Kannel's sendsms */
	char version[8];              /* mm7: "5.3.0" or "6.8.0" */
	char vasp[64], vas[64];       /* mm7: VASPID, VASID */
	char user[64], password[128]; /* HTTP Basic (mm7), or username and password (sms-http) */
	uint64_t max_bytes; /* largest MMS it takes, as count says; 0: no limit of its own */
	enum transport_count count;
	enum transport_parts parts;
};

struct routing {
	struct carrier carrier[CARRIER_MAX];
	struct handset handset[HANDSET_MAX];
	struct transport transport[TRANSPORT_MAX];
	unsigned ncarrier, nhandset, ntransport;
};

/* Sets the tables to the shipped rows and the transport "spool". */
void routing_defaults(struct routing *r);

/* Returns true if a row may have this name: 1 to ROUTE_NAME - 1 letters, digits, dots,
 * underscores and hyphens. */
bool routing_name_ok(const char *name);

/* Returns true if key has the form carrier-NAME, handset-NAME or transport-NAME. */
bool routing_key(const char *key);

/* Sets the row of such a key from "word=value word=value ...". Returns 0, or -1 with what is
 * allowed in err. */
int routing_set(struct routing *r, const char *key, const char *value, char *err, size_t errlen)
    __attribute__((warn_unused_result));

/* Checks a list of routes: "sender:NUMBER=TRANSPORT", "carrier:NAME=TRANSPORT",
 * "default=TRANSPORT". Returns NULL when it is good, or else what it must be. Once all lines are
 * read, routing_missing() checks that the transports exist. */
const char *routing_check_routes(const char *list);

/* Writes the first transport that a list of routes names and that does not exist, or "" if there
 * is none. */
void routing_missing(const struct routing *r, const char *routes, char out[ROUTE_NAME]);

/* Returns the carrier that an OPERATORID names, by the carrier's list or by its name; else the
 * carrier with the longest prefix of number; else NULL. */
const struct carrier *routing_carrier(const struct routing *r, const char *operator_id,
    const char *number);

/* Returns the first row whose pattern matches text, with the rows that savemms.conf adds before
 * the shipped ones. Returns NULL when text is "" or none matches. */
const struct handset *routing_handset(const struct routing *r, const char *text);

/* Returns the transport that routes name for the sender, else for the carrier c (which may be
 * NULL), else their default, else spool. */
const struct transport *routing_transport(const struct routing *r, const char *routes,
    const char *sender, const struct carrier *c);

/* Returns the transport of this name, or NULL. */
const struct transport *routing_transport_by_name(const struct routing *r, const char *name);

const char *routing_os_name(enum os os);              /* "", "iOS", "Android", "Other" */
const char *routing_kind_name(enum transport_kind k); /* "spool", "mm7", "sms-http" */
bool routing_kind_mms(enum transport_kind k);         /* does it carry MMS? */

/* Returns what max-bytes counts for this kind if the line does not say: COUNT_WIRE or
 * COUNT_AIR. */
enum transport_count routing_kind_count(enum transport_kind k);

#endif
