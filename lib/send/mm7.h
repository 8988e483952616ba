/*
 * mm7: the messages between a value added service and an MMSC (3GPP TS 23.140, clause
 * 8.7): SOAP 1.1 with attachments, written and read. Pure.
 *
 * Written are the elements that TS 23.140 makes mandatory and those of its options that
 * SPEC 6 has values for, in the schema's order. Read is by local name, any namespace and
 * any prefix: MMSCs differ in both. MM7 5.3.0 and 6.8.0 differ, in what is used here, in
 * the namespace only.
 */
#ifndef SM_MM7_H
#define SM_MM7_H

#include <stdbool.h>
#include <stddef.h>

#include "model/delivery_report.h"
#include "send/transport.h"

struct arena;
struct buf;

enum mm7_type {
	MM7_OTHER,
	MM7_SUBMIT_REQ,
	MM7_SUBMIT_RSP,
	MM7_REPORT_REQ,
	MM7_REPORT_RSP,
	MM7_RS_ERROR,
	MM7_VASP_ERROR
};

/* Status codes (TS 23.140, table "Status codes" of clause 8.7.8) that are answered here. */
enum {
	MM7_SUCCESS = 1000,
	MM7_PARTIAL = 1100,
	MM7_CLIENT_ERROR = 2000,
	MM7_RESTRICTED = 2001,
	MM7_CONTENT_REFUSED = 2004,
	MM7_UNKNOWN_ID = 2005,
	MM7_CORRUPT = 2007,
	MM7_SERVER_ERROR = 3000,
	MM7_UNSUPPORTED_VERSION = 4002,
	MM7_UNSUPPORTED = 4003,
	MM7_INVALID = 4004,
	MM7_UNAVAILABLE = 4006
};

/* One message, whichever it is; what it does not say is "", a code 0. */
struct mm7 {
	enum mm7_type type;
	const char *name;        /* of the element in the SOAP body: "SubmitReq" */
	const char *space;       /* its namespace, as far as it is declared on the way to it */
	const char *transaction; /* TransactionID, from the SOAP header */
	const char *version;
	unsigned code;                /* StatusCode */
	const char *status, *details; /* StatusText, Details; or faultstring */
	const char *message_id;
	const char *vasp, *vas, *sender;
	const char *to; /* first recipient's number */
	const char *subject;
	const char *href;      /* Content: "cid:..." */
	const char *mm_status; /* of a DeliveryReportReq */
	const char *relay;     /* MMSRelayServerID */
	const char *handset;   /* UACapabilities: UAProf */
};

/* Reads the SOAP message of an HTTP body: the XML, or the root part of a multipart/related
 * around it (RFC 2387). NULL and the reason in *why when it is none (why NULL: memory is
 * short). All memory is the arena's. */
const struct mm7 *mm7_read(struct arena *a, const char *content_type, const char *p, size_t n,
    const char **why);

/* The root part of a body, as mm7_read() takes it: false when there is none. */
bool mm7_root(const char *content_type, const char *p, size_t n, const char **root, size_t *len);

/* "5.3.0" or "6.8.0": its namespace; NULL for another version. */
const char *mm7_namespace(const char *version);

struct mm7_submit {
	const char *version, *vasp, *vas;
	const char *transaction;
	const char *sender, *to;
	const char *subject; /* "" none */
	const char *cid;     /* of the content */
	bool report;         /* a delivery report is wanted */
};
/* Appends the envelope of a SubmitReq. */
void mm7_submit_req(struct buf *out, const struct mm7_submit *s);

/* The answer to req: SubmitRsp or DeliveryReportRsp for those, VASPErrorRsp or RSErrorRsp in
 * a Fault for what is none (mmsc: as an MMSC answers, else as a service). req may be NULL. */
struct mm7_answer {
	const struct mm7 *req;
	bool mmsc;
	unsigned code;
	const char *text;       /* StatusText */
	const char *details;    /* "" none */
	const char *message_id; /* of a SubmitRsp; "" none */
};
void mm7_answer(struct buf *out, const struct mm7_answer *r);

struct mm7_report {
	const char *version, *transaction, *message_id;
	const char *recipient, *sender;
	const char *date; /* ISO 8601 */
	const char *mm_status, *status_text;
	const char *handset; /* "" none */
};
/* Appends the envelope of a DeliveryReportReq. */
void mm7_report_req(struct buf *out, const struct mm7_report *r);

/* What a status code means for a message that was handed over. */
enum transport_rc mm7_outcome(unsigned code);

/* What a StatusCode is called. */
const char *mm7_code_text(unsigned code);

/* What an MMStatus means: false for one that is not the end of the message (Forwarded,
 * Deferred, Indeterminate and what is not known). */
bool mm7_report_kind(const char *mm_status, enum report_kind *kind);

#endif
