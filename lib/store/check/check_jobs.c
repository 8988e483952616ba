/* check_jobs: compares jobs and their indexes; see check.c */
#include <inttypes.h>
#include <string.h>

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

/* Checks that a living job is where a claim finds it. A job that must wait for another may be among
 * the due ones too; a claim takes it out. A leased one is there when its lease was seen to be
 * over. */
static enum store_rc
check_living(struct check *c, const struct job *j)
{
	bool leased = job_state(j) == OF_LEASED, in_due = false, in_other = false, may = true;
	struct key due = queue_due_key(j);
	struct key other = leased ? queue_leased_key(j) : queue_waiting_key(j);
	enum store_rc rc = check_has(c, &due, &in_due);

	if (rc == ST_OK && c->layout1)
		in_other = !leased; /* there are only the due jobs */
	else if (rc == ST_OK)
		rc = check_has(c, &other, &in_other);
	if (rc == ST_OK)
		rc = job_may_run(&c->txn, j, &may);
	if (rc != ST_OK)
		return rc == ST_CORRUPT ? ST_OK :
					  rc; /* an entry of the template's index: reported there */
	if (leased && (in_due ? in_other : !in_other && may))
		check_fault(c, "job %" PRIu64 " is in %s of the indexes of leased and due jobs%s",
		    j->id, in_due ? "both" : "neither", in_due ? "" : ", so nobody will do it");
	if (!leased && may && !in_due)
		check_fault(c,
		    "job %" PRIu64 " is not in the index of due jobs, so nobody will do it", j->id);
	if (!leased && !in_other)
		check_fault(c, "job %" PRIu64 " is not in the index of waiting jobs", j->id);
	return ST_OK;
}

/* Checks that a job is where its state belongs. */
static enum store_rc
check_queue(struct check *c, const struct job *j)
{
	struct key dead = queue_dead_key(j);
	char state = job_state(j);
	bool found = false;
	enum store_rc rc;

	if ((unsigned)j->kind < JOB_KINDS)
		c->jobs[j->kind][state == OF_WAITING ? 0 : state == OF_LEASED ? 1 : 2]++;
	if (state != OF_DEAD)
		return check_living(c, j);
	if ((rc = check_has(c, &dead, &found)) == ST_OK && !found)
		check_fault(c, "job %" PRIu64 " is dead, but not in the index of dead jobs", j->id);
	return rc;
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
		c->unreadable = true;
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

/* The indexes of jobs by state, and the jobs that may be in each. */
static const struct index {
	const char *name, *states;
	struct key (*key)(const struct job *j);
} due_index = { "due jobs", "wl", queue_due_key },
  leased_index = { "leased jobs", "l", queue_leased_key },
  waiting_index = { "waiting jobs", "w", queue_waiting_key },
  dead_index = { "dead jobs", "d", queue_dead_key };

/* Checks an entry of such an index. Each job may be at one place of it only. */
static enum store_rc
check_entry(struct check *c, struct slice key, uint64_t id, const struct index *of)
{
	struct job *j;
	struct key k;
	enum store_rc rc = load(c, id, of->name, &j);

	if (rc != ST_OK || j == NULL)
		return rc;
	k = of->key(j);
	if (strchr(of->states, job_state(j)) == NULL)
		check_fault(c, "job %" PRIu64 " is in the index of %s, but in another state", id,
		    of->name);
	else if (!key_is(key, &k))
		check_fault(c, "job %" PRIu64 " is in the index of %s in the wrong place", id,
		    of->name);
	return ST_OK;
}

enum store_rc
check_due(struct check *c, struct slice key, struct slice v)
{
	const unsigned char *k = key.p;
	const struct job entry = { .kind = (enum job_kind)k[1],
		.lane = k[2],
		.account = slice_u64(key, 3),
		.due = (int64_t)slice_u64(key, 11),
		.id = slice_u64(key, 19) };
	enum store_rc rc = check_entry(c, key, entry.id, &due_index);

	(void)v;
	return rc == ST_OK ? check_account_of(c, &entry) : rc;
}

enum store_rc
check_leased(struct check *c, struct slice key, struct slice v)
{
	if (v.n != LEASED_VALUE)
		check_fault(c, "since when job %" PRIu64 " is leased cannot be read",
		    slice_u64(key, 11));
	return check_entry(c, key, slice_u64(key, 11), &leased_index);
}

enum store_rc
check_waiting(struct check *c, struct slice key, struct slice v)
{
	(void)v;
	return check_entry(c, key, slice_u64(key, 10), &waiting_index);
}

enum store_rc
check_dead(struct check *c, struct slice key, struct slice v)
{
	(void)v;
	return check_entry(c, key, slice_u64(key, 2), &dead_index);
}
