/* mm7_codes: the part of mm7.h that interprets codes, states and ids. Pure. */
#include "send/mm7.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/crypt.h"

/* These follow the table of status codes in TS 23.140 as public descriptions of it and other
 * implementations give it; the text itself was not at hand. Of the client errors only 2004 is
 * about the content, its size or type. Sinch's MMSCs answer 2560 for a message that is too long.
 * 3001, 3003 and 3004 mean that the request is impossible, not that the server fails. Of 4xxx
 * only 4000 and 4006 are worth another attempt. */
static const struct {
	unsigned code;
	enum transport_rc rc;
	const char *text;
} codes[] = {
	{ MM7_SUCCESS, TRANSPORT_TAKEN, "Success" },
	{ MM7_PARTIAL, TRANSPORT_TAKEN, "Partial success" },
	{ MM7_CLIENT_ERROR, TRANSPORT_REFUSED, "Client error" },
	{ MM7_RESTRICTED, TRANSPORT_REFUSED, "Operation restricted" },
	{ 2002, TRANSPORT_REFUSED, "Address error" },
	{ 2003, TRANSPORT_REFUSED, "Address not found" },
	{ MM7_CONTENT_REFUSED, TRANSPORT_TOO_BIG, "Multimedia content refused" },
	{ MM7_UNKNOWN_ID, TRANSPORT_REFUSED, "Message ID not found" },
	{ 2006, TRANSPORT_REFUSED, "LinkedID not found" },
	{ MM7_CORRUPT, TRANSPORT_REFUSED, "Message format corrupt" },
	{ 2560, TRANSPORT_TOO_BIG, "Content length exceeded maximum supported request size" },
	{ MM7_SERVER_ERROR, TRANSPORT_AGAIN, "Server error" },
	{ 3001, TRANSPORT_REFUSED, "Not possible" },
	{ 3002, TRANSPORT_AGAIN, "Message rejected" },
	{ 3003, TRANSPORT_REFUSED, "Multiple addresses not supported" },
	{ 3004, TRANSPORT_REFUSED, "Application addressing not supported" },
	{ 4000, TRANSPORT_AGAIN, "General service error" },
	{ 4001, TRANSPORT_REFUSED, "Improper identification" },
	{ MM7_UNSUPPORTED_VERSION, TRANSPORT_REFUSED, "Unsupported version" },
	{ MM7_UNSUPPORTED, TRANSPORT_REFUSED, "Unsupported operation" },
	{ MM7_INVALID, TRANSPORT_REFUSED, "Validation error" },
	{ 4005, TRANSPORT_REFUSED, "Service error" },
	{ MM7_UNAVAILABLE, TRANSPORT_AGAIN, "Service unavailable" },
	{ 4007, TRANSPORT_REFUSED, "Service denied" },
};

enum { CODES = sizeof codes / sizeof codes[0] };

enum transport_rc
mm7_outcome(unsigned code)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].code == code)
			return codes[i].rc;
	/* codes of a vendor count by their class */
	return code / 1000 == 1 ? TRANSPORT_TAKEN :
	    code / 1000 == 3    ? TRANSPORT_AGAIN :
				  TRANSPORT_REFUSED;
}

const char *
mm7_code_text(unsigned code)
{
	for (size_t i = 0; i < CODES; i++)
		if (codes[i].code == code)
			return codes[i].text;
	return "";
}

bool
mm7_report_kind(const char *mm_status, enum report_kind *kind)
{
	static const struct {
		const char *name;
		enum report_kind kind;
	} kinds[] = {
		/* TS 23.140, mmStatusType. The network does not retry a message that the handset
		 * does not know (Unrecognised) or that it cannot carry. */
		{ "Retrieved", REPORT_DELIVERED },
		{ "Expired", REPORT_EXPIRED },
		{ "Rejected", REPORT_REJECTED },
		{ "Unrecognised", REPORT_NOT_SUPPORTED },
		{ "Unrecognized", REPORT_NOT_SUPPORTED },
		{ "SystemError", REPORT_FAILED },
		{ "System Error", REPORT_FAILED },
		/* not in the schema, but in use by MMSCs (Sinch, SKT) */
		{ "Delivered", REPORT_DELIVERED },
		{ "Failed", REPORT_FAILED },
		{ "Undeliverable", REPORT_FAILED },
		{ "NotSupported", REPORT_NOT_SUPPORTED },
		{ "Unreachable", REPORT_FAILED },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (strcasecmp(kinds[i].name, mm_status) == 0) {
			*kind = kinds[i].kind;
			return true;
		}
	return false;
}

/* Returns the start of the n bytes at s without the blanks, quotes and brackets around them, and
 * sets *n to their number. */
static const char *
bare(const char *s, size_t *n)
{
	while (*n > 0 && strchr("<\"' \t\r\n", *s) != NULL)
		s++, --*n;
	while (*n > 0 && strchr(">\"' \t\r\n", s[*n - 1]) != NULL)
		--*n;
	return s;
}

void
mm7_id(const char *given, char out[MM7_ID])
{
	size_t n = strlen(given);
	const char *id = bare(given, &n);
	char sha[SHA256_HEX];

	if (n < MM7_ID) {
		(void)snprintf(out, MM7_ID, "%.*s", (int)n, id);
		return;
	}
	crypt_sha256_hex(id, n, sha);
	(void)snprintf(out, MM7_ID, "sha256:%s", sha);
}

bool
mm7_id_same(const char *one, const char *other)
{
	size_t n = strlen(one), m = strlen(other);

	one = bare(one, &n);
	other = bare(other, &m);
	return n == m && strncasecmp(one, other, n) == 0;
}
