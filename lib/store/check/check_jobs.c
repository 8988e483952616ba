/* check_jobs: compares jobs and their indexes; see check.c */
#include <inttypes.h>

#include "store/check/check.h"
#include "store/store_index.h"

/* Loads a job. Sets *j to NULL if the job does not exist or cannot be read. The latter is reported
 * at the job's own record. */
static enum store_rc
load(struct check *c, uint64_t id, const char *where, struct job **j)
{
	enum store_rc rc = job_load(&c->txn, c->txn.a, id, j);

	if (rc == ST_NOTFOUND)
		check_fault(c, "job %" PRIu64 " is in the index of %s, but does not exist", id,
		    where);
	if (rc == ST_OK)
		return rc;
	*j = NULL;
	return rc == ST_NOTFOUND || rc == ST_CORRUPT ? ST_OK : rc;
}

/* Checks that a job that may be claimed is where a claim finds it. A job that must wait for another
 * may be there too: a claim takes it out. */
static enum store_rc
check_queue(struct check *c, const struct job *j)
{
	struct key due = job_due_key(j), dead = job_dead_key(j);
	bool in_due = false, in_dead = false, may = true;
	enum store_rc rc = check_has(c, &due, &in_due);

	if (rc == ST_OK)
		rc = check_has(c, &dead, &in_dead);
	if (rc == ST_OK && job_state(j) == OF_WAITING)
		rc = job_may_run(&c->txn, j, &may);
	if (rc != ST_OK)
		return rc == ST_CORRUPT ? ST_OK :
					  rc; /* an entry of the template's index: reported there */
	if (!j->dead && may && !in_due)
		check_fault(c,
		    "job %" PRIu64 " is not in the index of due jobs, so nobody will do it", j->id);
	if (j->dead && !in_dead)
		check_fault(c, "job %" PRIu64 " is dead, but not in the index of dead jobs", j->id);
	return ST_OK;
}

static const char *
what_of(const struct job *j)
{
	return j->message != 0 ? "message" : "template";
}

static uint64_t
number_of(const struct job *j)
{
	return j->message != 0 ? j->message : j->mmsid;
}

enum store_rc
check_job(struct check *c, struct slice key, struct slice v)
{
	uint64_t id = slice_u64(key, 1);
	struct job *j;
	struct key of, owner;
	bool found = false;
	enum store_rc rc = job_load(&c->txn, c->txn.a, id, &j);

	(void)v;
	c->out->jobs++;
	if (id > c->last_id[2])
		c->last_id[2] = id;
	if (rc == ST_CORRUPT) {
		check_fault(c, "job %" PRIu64 ": its record cannot be read", id);
		return ST_OK;
	}
	if (rc != ST_OK)
		return rc;
	owner = j->message != 0 ? key_id(TAB_MESSAGE, j->message) : key_id(TAB_TEMPLATE, j->mmsid);
	if ((rc = check_has(c, &owner, &found)) == ST_OK && !found)
		check_fault(c, "job %" PRIu64 " belongs to %s %" PRIu64 ", which does not exist",
		    id, what_of(j), number_of(j));
	of = job_of_key(j);
	if (rc == ST_OK && (rc = check_has(c, &of, &found)) == ST_OK && !found)
		check_fault(c, "job %" PRIu64 " is not in the index of %s %" PRIu64, id, what_of(j),
		    number_of(j));
	return rc == ST_OK ? check_queue(c, j) : rc;
}

enum store_rc
check_job_list(struct check *c, struct slice key, struct slice v)
{
	uint64_t group = slice_u64(key, 1), id = slice_u64(key, 10);
	struct job *j;
	struct key k;
	enum store_rc rc = load(c, id, "templates", &j);

	if (rc != ST_OK || j == NULL)
		return rc;
	k = job_of_key(j);
	if (!key_is(key, &k))
		check_fault(c,
		    "job %" PRIu64 " is in the index of %s %" PRIu64 ", but belongs to %s %" PRIu64,
		    id, group & OF_MESSAGE ? "message" : "template", group & ~OF_MESSAGE,
		    what_of(j), number_of(j));
	else if (v.n != OF_VALUE || *(const char *)v.p != job_state(j) ||
	    (int64_t)slice_u64(v, 1) != j->created)
		check_fault(c,
		    "job %" PRIu64 " has another state than the index of its template says", id);
	return ST_OK;
}

/* Checks an entry of one of the two indexes of jobs. Only a dead job may be in that of the dead
 * jobs, and only another in that of the due jobs, each at one place. */
static enum store_rc
check_entry(struct check *c, struct slice key, uint64_t id, bool dead)
{
	const char *index = dead ? "dead jobs" : "due jobs";
	struct job *j;
	struct key k;
	enum store_rc rc = load(c, id, index, &j);

	if (rc != ST_OK || j == NULL)
		return rc;
	k = dead ? job_dead_key(j) : job_due_key(j);
	if (j->dead != dead)
		check_fault(c, "job %" PRIu64 " is in the index of %s, but is %sdead", id, index,
		    dead ? "not " : "");
	else if (!key_is(key, &k))
		check_fault(c, "job %" PRIu64 " is in the index of %s in the wrong place", id,
		    index);
	return ST_OK;
}

enum store_rc
check_due(struct check *c, struct slice key, struct slice v)
{
	(void)v;
	return check_entry(c, key, slice_u64(key, 19), false);
}

enum store_rc
check_dead(struct check *c, struct slice key, struct slice v)
{
	(void)v;
	return check_entry(c, key, slice_u64(key, 2), true);
}
