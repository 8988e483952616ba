/*
 * routing: carriers, handsets and transports, as tables of the settings, and how a
 * message finds its rows (SPEC 6.4, 6.5). Pure.
 *
 * carriers.def and handsets.def hold what is shipped, with sources. A line
 * "carrier-NAME = ..." or "handset-NAME = ..." of savemms.conf adds a row or takes
 * the place of the shipped one with that name; "transport-NAME = ..." adds a way out.
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
	bool mms;                   /* false: it has none, everything goes as SMS */
	char operators[ROUTE_TEXT]; /* list of OPERATORIDs (MCC and MNC, or a vendor's number) */
	char prefixes[ROUTE_TEXT];  /* list of what its numbers begin with */
};

enum os { OS_UNKNOWN, OS_IOS, OS_ANDROID, OS_OTHER };

struct handset {
	char name[ROUTE_NAME];
	char pattern[ROUTE_TEXT]; /* with * and ?, against what the report calls the handset, any
	                             case */
	enum os os;
	uint64_t bytes; /* largest message it takes; 0: not known */
};

enum transport_kind { TRANSPORT_SPOOL, TRANSPORT_MM7, TRANSPORT_SMS_HTTP, TRANSPORT_KINDS };

/* Which sum of a composed MMS (lib/send/compose.h) the max-bytes of a transport limits. A transport
 * that is set has one of the two; by its kind, unless the line says otherwise. */
enum transport_count { COUNT_BY_KIND, COUNT_WIRE, COUNT_AIR };

/* How a transport encodes media; texts and the SMIL go as they are (lib/send/mime_part.h). */
enum transport_parts { PARTS_BASE64, PARTS_BINARY };

/* A way out. "spool" is always there. */
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

/* What is shipped. */
void routing_defaults(struct routing *r);

/* May a row have this name: 1 to ROUTE_NAME - 1 of letters, digits, dot, underscore, hyphen. */
bool routing_name_ok(const char *name);

/* Is key one of carrier-NAME, handset-NAME, transport-NAME? */
bool routing_key(const char *key);
/* Sets such a row from "word=value word=value ...". 0, or -1 and what is allowed in err. */
int routing_set(struct routing *r, const char *key, const char *value, char *err, size_t errlen)
    __attribute__((warn_unused_result));

/* What is wrong with a list of routes, NULL if nothing: "sender:NUMBER=TRANSPORT",
 * "carrier:NAME=TRANSPORT", "default=TRANSPORT". That the transports exist is checked
 * by routing_missing(), once all lines are read. */
const char *routing_check_routes(const char *list);
/* The first transport a list of routes names that is not there; "" none. */
void routing_missing(const struct routing *r, const char *routes, char out[ROUTE_NAME]);

/* The carrier an OPERATORID names (by its list, or by its own name), else the one with the longest
 * prefix of number; NULL: unknown. */
const struct carrier *routing_carrier(const struct routing *r, const char *operator_id,
    const char *number);
/* The first row whose pattern matches, those of savemms.conf before the shipped ones; NULL when
 * text is "" or none does. */
const struct handset *routing_handset(const struct routing *r, const char *text);
/* By sender, else by carrier (may be NULL), else the default, else spool. */
const struct transport *routing_transport(const struct routing *r, const char *routes,
    const char *sender, const struct carrier *c);
const struct transport *routing_transport_by_name(const struct routing *r, const char *name);

const char *os_name(enum os os);                        /* "", "iOS", "Android", "Other" */
const char *transport_kind_name(enum transport_kind k); /* "spool", "mm7", "sms-http" */
bool transport_kind_mms(enum transport_kind k);         /* does it carry MMS? */
/* What max-bytes counts of this kind where the line does not say: COUNT_WIRE or COUNT_AIR. */
enum transport_count transport_kind_count(enum transport_kind k);

#endif
