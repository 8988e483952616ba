/* upload_limit: see upload_limit.h */
#include "cgi/upload_limit.h"

#include <stdatomic.h>

#include "cgi/http.h"

enum { SMALL = 1 << 20, AT_ONCE = 8 };

static atomic_uint uploads;

/* One without an announced length may be of any. */
static bool
counts(const struct http *h, bool large)
{
	return large && (h->length < 0 || h->length > SMALL);
}

bool
upload_enter(const struct http *h, bool large)
{
	return !counts(h, large) || atomic_fetch_add(&uploads, 1) < AT_ONCE;
}

void
upload_leave(const struct http *h, bool large)
{
	if (counts(h, large))
		(void)atomic_fetch_sub(&uploads, 1);
}
