/* lookup: see lookup.h */
#include "admin/lookup.h"
#include "admin/say.h"

#include <inttypes.h>
#include <stdio.h>

const char *
account_name(struct store *st, uint64_t id)
{
	static struct account ac; /* the last one found, because lists ask for it repeatedly */
	static char number[32];

	if (ac.id == id && id != 0)
		return ac.name;
	if (store_account_by_id(st, id, &ac) == ST_OK)
		return ac.name;
	ac.id = 0;
	(void)snprintf(number, sizeof number, "#%" PRIu64, id);
	return number;
}

int
find_account(struct admin *ad, const char *name, struct account *ac)
{
	enum store_rc rc = store_account_by_name(ad->st, name, ac);

	if (rc == ST_NOTFOUND)
		return fail("there is no account '%s'; 'savemms account list' shows them", name);
	return rc == ST_OK ? DONE : fail_store(rc, name);
}

const struct template *
find_template(struct admin *ad, const char *word)
{
	struct template *t = NULL;
	enum store_rc rc;
	uint64_t id;

	if (!word_id("an MMSID", word, &id))
		return NULL;
	rc = store_template_get(ad->st, 0, id, ad->a, &t);
	if (rc == ST_OK)
		return t;
	if (rc == ST_NOTFOUND)
		(void)fail("there is no template %" PRIu64 "; 'savemms template list' shows them",
		    id);
	else
		(void)fail_store(rc, word);
	return NULL;
}
