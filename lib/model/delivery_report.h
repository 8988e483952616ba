/*
 * delivery_report: a delivery report, in which a transport says what became of a message it
 * took.
 */
#ifndef SM_DELIVERY_REPORT_H
#define SM_DELIVERY_REPORT_H

enum report_kind {
	REPORT_DELIVERED, /* N102, N202 */
	REPORT_EXPIRED,   /* E102, E202 from here on */
	REPORT_REJECTED,
	REPORT_FAILED,
	REPORT_NOT_SUPPORTED /* the handset or the network cannot take it */
};

enum { REPORT_TEXT = 200 };

struct report {
	enum report_kind kind;
	char handset[REPORT_TEXT];    /* as the transport names it; "": not given */
	char aggregator[REPORT_TEXT]; /* AGGREGATORID; "": not given */
	char details[REPORT_TEXT];    /* STATUSDETAILS; "": not given */
};

/* Returns "Delivered", "Expired", "Rejected", "Failed" or "NotSupported", which postbacks write
 * after "Message Sent/" (savemms-api(7), Delivery postbacks). */
const char *report_kind_name(enum report_kind k);

#endif
