/*
 * delivery_report: what a transport says later of a message it took: a delivery report.
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
	char handset[REPORT_TEXT];    /* as the transport names it; "" not said */
	char aggregator[REPORT_TEXT]; /* AGGREGATORID; "" not said */
	char details[REPORT_TEXT];    /* STATUSDETAILS; "" not said */
};

/* "Delivered", "Expired", "Rejected", "Failed", "NotSupported": behind "Message Sent/" (SPEC 6.6).
 */
const char *report_kind_name(enum report_kind k);

#endif
