/* walk: see walk.h */
#include "admin/walk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/say.h"

bool
walk_past(struct walk *w, enum store_rc rc, bool moved, const char *fmt, ...)
{
	char name[128];
	va_list ap;

	if (!moved || (rc != ST_CORRUPT && rc != ST_NOMEM))
		return false;
	va_start(ap, fmt);
	(void)vsnprintf(name, sizeof name, fmt, ap);
	va_end(ap);
	(void)fail("%s: %s", name, store_rc_text(rc));
	w->unreadable++;
	return true;
}

enum store_rc
walk_account(struct walk *w, struct store *st, char after[ACCOUNT_NAME], struct account *out)
{
	char was[ACCOUNT_NAME];
	enum store_rc rc;

	(void)snprintf(was, sizeof was, "%s", after);
	rc = store_account_next(st, after, out);
	if (rc == ST_OK || !walk_past(w, rc, strcmp(after, was) != 0, "account %s", after))
		return rc;
	out->id = 0;
	return ST_OK;
}

int
walk_end(const struct walk *w, enum store_rc rc, const char *what)
{
	if (rc != ST_OK && rc != ST_NOTFOUND)
		return fail_store(rc, what);
	if (finish() != DONE)
		return NOT_DONE;
	if (w->unreadable == 0)
		return DONE;
	return fail("%" PRIu64 " could not be read; 'savemms check' says what else is wrong",
	    w->unreadable);
}
