/* air: see air.h */
#include "send/air.h"

#include <string.h>

#include "model/text.h"
#include "send/mime_part.h"

/*
 * PART: the octets of a part beside its bytes, its type and four times its name (WSP 8.4.2, 8.5.2;
 * its tables 38 and 39 have the numbers of headers and parameters):
 *	10	lengths of headers and data, each a uintvar of 32 bits at most
 *	 8	Content-Type: length (3), charset (2), NUL of the media type as text, name as text
 *		with its NUL (2)
 *	 5	Content-ID: quoted, in angle brackets
 *	 2	Content-Location
 *	 7	Content-Disposition: length (3), Attachment, file name as text with its NUL (2)
 *	33	"Content-Transfer-Encoding" and "binary" as text, which some gateways leave there
 * FIELDS: the octets before the parts, beside the subject and a mask of the sender's number
 * (MMS_ENC 6.3, 7.3):
 *	 40	type, version, class, priority, reports and the like: ten fields of two octets
 *	 24	Date and Expiry: a token, lengths, eight octets of time
 *	260	Transaction-ID and Message-ID of the MMSC: 128 and a NUL each
 *	 80	From and To: 26 for "+", 15 digits and "/TYPE=PLMN"; lengths, charset, NUL
 *	 10	Subject: length (4), charset, quote, NUL
 *	 60	Content-Type: length, start and type as text; the number of parts
 */
enum { PART = 65, FIELDS = 512 };

static uint64_t
part_weight(const struct compose_part *p)
{
	uint64_t bytes = p->bytes + (mime_is_text(p) ? text_breaks(p->own, p->len) : 0);

	return PART + strlen(p->type) + 4 * strlen(p->id) + bytes;
}

uint64_t
air_weight(const struct composed *c, const struct message *m)
{
	uint64_t sum = FIELDS + strlen(c->subject) + strlen(m->from_mask);

	for (size_t i = 0; i < c->npart; i++)
		sum += part_weight(&c->part[i]);
	return sum;
}
