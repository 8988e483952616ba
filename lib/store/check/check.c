/*
 * check: checks that what the store says of itself is true. See store.h.
 *
 * It walks over all keys once, in their order, in short periods, and compares every pair with the
 * others that must exist because of it: records with indexes, and indexes with records. Templates
 * are compared here, other records in the files next to this one. At the end it compares counters
 * and blobs. If the engine fails, the check ends there.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/check/check.h"
#include "store/queue/layout1.h"
#include "store/queue/once.h"
#include "store/store_plan.h"
#include "store/store_template.h"

enum { PERIOD_BYTES = 2 << 20 }; /* of memory; one more record, decoded, must still fit */

/* --- templates -------------------------------------------------------------------------- */

static enum store_rc
name_blobs(struct check *c, const struct template *t)
{
	const struct namer who = { false, t->id };
	enum store_rc rc = ST_OK;

	for (size_t i = 0; i < t->nslide; i++)
		for (size_t m = 0; m < t->slide[i].nmedium && rc == ST_OK; m++) {
			const struct medium *me = &t->slide[i].medium[m];

			rc = check_names(c, &who, me->sha, me->bytes);
			for (size_t r = 0; r < me->nrendition && rc == ST_OK; r++)
				rc = check_names(c, &who, me->rendition[r].sha,
				    me->rendition[r].bytes);
		}
	return rc;
}

static enum store_rc
check_template(struct check *c, struct slice key, struct slice v)
{
	uint64_t id = slice_u64(key, 1);
	struct key mine, all, owner, once;
	struct template *t;
	bool found[4] = { false, false, false, false };
	enum store_rc rc = template_load(&c->txn, id, &t);

	(void)v;
	c->out->templates++;
	if (id > c->last_id[1])
		c->last_id[1] = id;
	if (rc == ST_CORRUPT) {
		check_fault(c, "template %" PRIu64 ": its record cannot be read", id);
		return ST_OK;
	}
	if (rc != ST_OK)
		return rc;
	mine = template_list_key(t->account, t);
	all = template_list_key(0, t);
	owner = key_id(TAB_ACCOUNT, t->account);
	once = once_key(t->account, id);
	if ((rc = check_has(c, &mine, &found[0])) != ST_OK ||
	    (rc = check_has(c, &all, &found[1])) != ST_OK ||
	    (rc = check_has(c, &owner, &found[2])) != ST_OK ||
	    (rc = check_has(c, &once, &found[3])) != ST_OK)
		return rc;
	if (found[3] && (found[0] || found[1]))
		check_fault(c, "template %" PRIu64 " is of sendMMS, but in a list", id);
	if (!found[0] && !found[3])
		check_fault(c, "template %" PRIu64 " is not in the list of account %" PRIu64, id,
		    t->account);
	if (!found[1] && !found[3])
		check_fault(c, "template %" PRIu64 " is not in the list of all", id);
	if (!found[2])
		check_fault(c,
		    "template %" PRIu64 " belongs to account %" PRIu64 ", which does not exist", id,
		    t->account);
	return name_blobs(c, t);
}

/* Ends the list that was walked: checks its total. */
static enum store_rc
end_list(struct check *c)
{
	struct key k = key_id(TAB_TOTAL, c->list);
	uint64_t total = 0, n = c->listed;
	enum store_rc rc = n > 0 ? txn_get_u64(&c->txn, &k, &total) : ST_OK;

	c->listed = 0;
	if (n > 0 && (rc == ST_CORRUPT || total != n))
		check_fault(c,
		    "the list of account %" PRIu64 " has %" PRIu64
		    " templates, but its total says %" PRIu64,
		    c->list, n, total);
	return rc == ST_CORRUPT ? ST_OK : rc;
}

static enum store_rc
check_list(struct check *c, struct slice key, struct slice v)
{
	uint64_t account = slice_u64(key, 1), id = slice_u64(key, 17);
	struct template *t;
	enum store_rc rc = account != c->list ? end_list(c) : ST_OK;

	(void)v;
	c->list = account;
	c->listed++;
	if (rc != ST_OK)
		return rc;
	rc = template_load(&c->txn, id, &t);
	if (rc == ST_NOTFOUND)
		check_fault(c,
		    "template %" PRIu64 " is in the list of account %" PRIu64
		    ", but does not exist",
		    id, account);
	else if (rc == ST_OK &&
	    ((account != 0 && t->account != account) || (int64_t)slice_u64(key, 9) != t->created))
		check_fault(c,
		    "template %" PRIu64 " is in the list of account %" PRIu64 " in the wrong place",
		    id, account);
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

/* Checks a total without a list; end_list() checks the others. */
static enum store_rc
check_total(struct check *c, struct slice key, struct slice v)
{
	struct key from = key_id(TAB_LIST, slice_u64(key, 1));
	struct slice found;
	enum store_rc rc = txn_next(&c->txn, &from, &found, NULL);

	(void)v;
	if (rc == ST_NOTFOUND || (rc == ST_OK && !key_has_prefix(found, &from, LIST_KEY)))
		check_fault(c, "account %" PRIu64 " has a total, but no list", slice_u64(key, 1));
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* --- the rest --------------------------------------------------------------------------- */

static enum store_rc
check_counter(struct check *c, struct slice key, struct slice v)
{
	char t = ((const char *)key.p)[1];
	static const char counted[] = { TAB_ACCOUNT, TAB_TEMPLATE, TAB_JOB, TAB_MESSAGE,
		TAB_IMAGE };
	const char *at = memchr(counted, t, sizeof counted);

	if (at == NULL || v.n != 8)
		check_fault(c, "the counter of table %d cannot be read", t);
	else
		c->given[at - counted] = slice_u64(v, 0);
	return ST_OK;
}

static enum store_rc
check_plan(struct check *c, struct slice key, struct slice v)
{
	char name[SHA256_HEX];

	crypt_digest_hex((const char *)key.p + 1, name);
	if (!plan_readable(c->txn.a, v))
		check_fault(c, "plan %s: its record cannot be read; it will be made anew", name);
	return ST_OK;
}

static enum store_rc
check_turn(struct check *c, struct slice key, struct slice v)
{
	(void)key;
	if (v.n != 8)
		check_fault(c, "whose turn it is in a lane cannot be read");
	return ST_OK;
}

static enum store_rc
check_version(struct check *c, struct slice key, struct slice v)
{
	(void)key;
	if (v.n != 8 || slice_u64(v, 0) < STORE_OLDEST || slice_u64(v, 0) > STORE_VERSION)
		check_fault(c, "the version of the layout is not one of %d to %d", STORE_OLDEST,
		    STORE_VERSION);
	return ST_OK;
}

static const struct {
	enum table table;
	size_t len; /* length of a key; 0: any */
	enum store_rc (*check)(struct check *c, struct slice key, struct slice v);
} tables[] = {
	{ TAB_ACCOUNT, ID_KEY, check_account },
	{ TAB_BLOB, BLOB_KEY, check_count },
	{ TAB_COUNTER, COUNTER_KEY, check_counter },
	{ TAB_DUE, DUE_KEY, check_due },
	{ TAB_MESSAGE, ID_KEY, check_message },
	{ TAB_HANDSET, 0, check_handset },
	{ TAB_JOB, ID_KEY, check_job },
	{ TAB_KEY, HEX_KEY, check_account_index },
	{ TAB_LIST, LIST_KEY, check_list },
	{ TAB_OF, OF_KEY, check_job_list },
	{ TAB_NAME, 0, check_account_index },
	{ TAB_PLAN, PLAN_KEY, check_plan },
	{ TAB_MESSAGE_BY, 0, check_message_index },
	{ TAB_TURN, TURN_KEY, check_turn },
	{ TAB_TOTAL, ID_KEY, check_total },
	{ TAB_TEMPLATE, ID_KEY, check_template },
	{ TAB_USER, 0, check_account_index },
	{ TAB_VERSION, 1, check_version },
	{ TAB_SENT, SENT_KEY, check_sent },
	{ TAB_DEAD, DEAD_KEY, check_dead },
	{ TAB_LEASED, LEASED_KEY, check_leased },
	{ TAB_READY, READY_KEY, check_ready },
	{ TAB_LATER, LATER_KEY, check_later },
	{ TAB_JOBS, JOBS_KEY, check_job_counts },
	{ TAB_WAITING, WAITING_KEY, check_waiting },
	{ TAB_ONCE, ONCE_KEY, check_once },
	{ TAB_KEPT, KEPT_KEY, check_kept },
	{ TAB_KEPT_AT, KEPT_AT_KEY, check_kept_at },
	{ TAB_GOES, GOES_KEY, check_goes },
	{ TAB_IMAGE, ID_KEY, check_image },
	{ TAB_IMAGES, IMAGES_KEY, check_images },
	{ TAB_SESSION, SESSION_KEY, check_session },
	{ TAB_POSTED, ID_KEY, check_posted },
};

/* The tables that a store of layout 1 does not have. */
static const char since_2[] = { TAB_LEASED, TAB_READY, TAB_LATER, TAB_JOBS, TAB_WAITING, TAB_ONCE,
	TAB_KEPT, TAB_KEPT_AT, TAB_GOES, '\0' };

static enum store_rc
check_pair(struct check *c, struct slice key, struct slice v)
{
	for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
		if (*(const char *)key.p == (char)tables[i].table &&
		    (tables[i].len == 0 || tables[i].len == key.n) &&
		    !(c->layout1 && strchr(since_2, (char)tables[i].table) != NULL))
			return tables[i].check(c, key, v);
	check_fault(c, "a key of %zu bytes that begins with %d belongs to no table", key.n,
	    key.n > 0 ? *(const char *)key.p : 0);
	return ST_OK;
}

/* Checks the pairs of one period. Returns ST_NOTFOUND at the end of the store. */
static enum store_rc
check_slice(struct check *c)
{
	for (int i = 0; i < STORE_SLICE && arena_used(c->txn.a) < PERIOD_BYTES; i++) {
		struct slice key, v;
		enum store_rc rc = txn_next(&c->txn, &c->at, &key, &v);

		if (rc != ST_OK)
			return rc;
		key_behind(&c->at, key);
		if ((rc = check_pair(c, key, v)) != ST_OK)
			return rc == ST_NOTFOUND ? ST_CORRUPT : rc;
	}
	return ST_OK;
}

/* Checks the counters and blobs, after all records that use them. */
static enum store_rc
check_end(struct check *c)
{
	static const char *const what[] = { "account", "template", "job", "message",
		"image template" };

	for (int i = 0; i < 5; i++)
		if (c->last_id[i] > c->given[i])
			check_fault(c,
			    "%s %" PRIu64 " exists, but the last number given is %" PRIu64, what[i],
			    c->last_id[i], c->given[i]);
	check_jobs_end(c);
	return check_references(c);
}

enum store_rc
store_check(struct store *st, struct store_check *out)
{
	struct check c = { .out = out, .list = 0 };
	bool over = false;
	enum store_rc rc = ST_OK;

	out->accounts = out->templates = out->images = out->jobs = out->messages = out->blobs =
	    out->faults = 0;
	c.at = key_of((enum table)0);
	while (rc == ST_OK && !over) {
		if ((rc = txn_begin(&c.txn, st, KV_READ)) == ST_OK)
			rc = layout1_is(&c.txn, &c.layout1);
		if (rc == ST_OK || rc == ST_SCHEMA ||
		    rc == ST_CORRUPT) /* check_version() says so */
			rc = check_slice(&c);
		over = rc == ST_NOTFOUND;
		if (over)
			rc = end_list(&c);
		rc = txn_end(&c.txn, rc);
	}
	if (rc == ST_OK)
		rc = check_end(&c);
	free(c.known);
	return rc;
}
