/* check_images: compares image templates and their list; see check.c */
#include <inttypes.h>

#include "store/check/check.h"
#include "store/store_image.h"

enum store_rc
check_image(struct check *c, struct slice key, struct slice v)
{
	struct namer who = { true, slice_u64(key, 1) };
	struct image_template *it;
	struct key list, owner;
	bool found[2] = { false, false };
	enum store_rc rc = image_load(&c->txn, who.id, &it);

	(void)v;
	c->out->images++;
	if (who.id > c->last_id[4])
		c->last_id[4] = who.id;
	if (rc == ST_CORRUPT) {
		check_fault(c, "image template %" PRIu64 ": its record cannot be read", who.id);
		return ST_OK;
	}
	if (rc != ST_OK)
		return rc;
	list = image_list_key(it->account, who.id);
	owner = key_id(TAB_ACCOUNT, it->account);
	if ((rc = check_has(c, &list, &found[0])) != ST_OK ||
	    (rc = check_has(c, &owner, &found[1])) != ST_OK)
		return rc;
	if (!found[0])
		check_fault(c, "image template %" PRIu64 " is not in the list of account %" PRIu64,
		    who.id, it->account);
	if (!found[1])
		check_fault(c,
		    "image template %" PRIu64 " belongs to account %" PRIu64
		    ", which does not exist",
		    who.id, it->account);
	return check_names(c, &who, it->sha, it->bytes);
}

enum store_rc
check_images(struct check *c, struct slice key, struct slice v)
{
	uint64_t account = slice_u64(key, 1), id = slice_u64(key, 9);
	struct image_template *it;
	enum store_rc rc = image_load(&c->txn, id, &it);

	(void)v;
	if (rc == ST_NOTFOUND)
		check_fault(c,
		    "image template %" PRIu64 " is in the list of account %" PRIu64
		    ", but does not exist",
		    id, account);
	else if (rc == ST_OK && it->account != account)
		check_fault(c,
		    "image template %" PRIu64 " is in the list of account %" PRIu64
		    ", but does not belong to it",
		    id, account);
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}
