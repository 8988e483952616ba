/*
 * mm7: reads and writes the messages between a value added service and an MMSC (3GPP TS 23.140,
 * clause 8.7): SOAP 1.1 with attachments. Pure.
 *
 * The writer emits the elements that TS 23.140 makes mandatory, and those of the optional ones
 * for which a send has values (savemms-api(7), Sending), in the order of the schema. The reader
 * compares local names and takes any namespace and any prefix, because MMSCs differ in both. In
 * what is used here, MM7 5.3.0 and 6.8.0 differ in the namespace only.
 */
#ifndef SM_MM7_H
#define SM_MM7_H

#include <stdbool.h>
#include <stddef.h>

#include "model/delivery_report.h"
#include "request/charset.h"
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

/* The status codes (TS 23.140, table "Status codes" of clause 8.7.8) that the program answers
 * with. */
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

/* One message of any type. Strings that it does not contain are "", a missing code is 0. */
struct mm7 {
	enum mm7_type type;
	const char *name;        /* the element in the SOAP body: "SubmitReq" */
	const char *space;       /* its namespace; "": none is declared */
	const char *transaction; /* TransactionID, from the SOAP header */
	const char *version;
	unsigned code;                /* StatusCode */
	const char *status, *details; /* StatusText, Details; or faultstring */
	const char *message_id;
	const char *vasp, *vas, *sender;
	const char *to; /* number of the first recipient */
	const char *subject;
	const char *href;      /* Content: "cid:..." */
	const char *mm_status; /* of a DeliveryReportReq */
	const char *relay;     /* MMSRelayServerID */
	const char *handset;   /* UACapabilities: UAProf */
};

/* Reads the SOAP message of an HTTP body: either the XML itself or the root part of a
 * multipart/related around it (RFC 2387), in any charset that charset.h knows. The result is in the
 * arena. Returns NULL and sets *why
 * if the body holds no such message; *why is NULL if memory is short. */
const struct mm7 *mm7_read(struct arena *a, const char *content_type, const char *p, size_t n,
    const char **why);

/* Where in a body the SOAP message is, and in which charset. */
struct mm7_root {
	const char *p;
	size_t n;
	char charset[CHARSET_NAME]; /* as its Content-Type names it; "": not named */
};

/* Finds the root part of a body as mm7_read() does: the one that start names, with or without
 * brackets and quotes and in any case, else the first; *out points into p. Returns false if there
 * is none. */
bool mm7_root(const char *content_type, const char *p, size_t n, struct mm7_root *out)
    __attribute__((warn_unused_result));

/* What the body of an answer is that mm7_read() refuses. */
enum mm7_body {
	MM7_BODY_NONE, /* nothing but blanks */
	MM7_BODY_XML,  /* XML, or at least said to be, but no page in HTML */
	MM7_BODY_OTHER /* something else: a page, which most likely no MMSC wrote */
};
enum mm7_body mm7_body_of(struct arena *a, const char *content_type, const char *p, size_t n);

/* Returns the namespace of version "5.3.0" or "6.8.0", or NULL for any other version. */
const char *mm7_namespace(const char *version);

struct mm7_submit {
	const char *version, *vasp, *vas;
	const char *transaction;
	const char *sender, *to;
	const char *subject; /* "": none */
	const char *cid;     /* of the content */
	bool report;         /* a delivery report is wanted */
};
/* Appends the envelope of a SubmitReq. s->version must be one that mm7_namespace() knows. */
void mm7_submit_req(struct buf *out, const struct mm7_submit *s);

/* An answer to req: a SubmitRsp or DeliveryReportRsp for a request of that type, else a Fault
 * that holds a VASPErrorRsp or RSErrorRsp. mmsc makes the answer that of an MMSC, else that of a
 * service. req may be NULL. */
struct mm7_answer {
	const struct mm7 *req;
	bool mmsc;
	unsigned code;
	const char *text;       /* StatusText */
	const char *details;    /* "": none */
	const char *message_id; /* of a SubmitRsp; "": none */
};
/* Appends the envelope of an answer. */
void mm7_answer(struct buf *out, const struct mm7_answer *r);

struct mm7_report {
	const char *version, *transaction, *message_id;
	const char *recipient, *sender;
	const char *date; /* ISO 8601 */
	const char *mm_status, *status_text;
	const char *handset; /* "": none */
};
/* Appends the envelope of a DeliveryReportReq. r->version must be one that mm7_namespace()
 * knows. */
void mm7_report_req(struct buf *out, const struct mm7_report *r);

enum { MM7_ID = 128 }; /* bytes of a MessageID that is kept as it is, with its NUL */

/* Writes a MessageID in the form in which messages are found by it: without the blanks, brackets
 * and quotes around it, which MMSCs add and leave out; a longer one as its SHA-256. */
void mm7_id(const char *given, char out[MM7_ID]);

/* Compares two Content-IDs (or a start) without those and without regard to case. */
bool mm7_id_same(const char *one, const char *other);

/* Returns what a status code means for a message that was handed over. */
enum transport_rc mm7_outcome(unsigned code);

/* Returns the name of a StatusCode, or "" if it is unknown. */
const char *mm7_code_text(unsigned code);

/* Sets *kind to the meaning of an MMStatus. Returns false for a status that does not end the
 * message (Forwarded, Deferred, Indeterminate) and for an unknown one. */
bool mm7_report_kind(const char *mm_status, enum report_kind *kind);

#endif
