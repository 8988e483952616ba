/*
 * store_posted: what was posted to a customer's server about a template or a message, and what came
 * back; see store.h. Each has one record with the last POSTED_MAX attempts, written in the
 * transaction that ends the attempt. So each attempt in a record was made; one made by a helper
 * that died before its commit is made again and recorded then.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/num.h"
#include "base/record.h"
#include "store/store_index.h"
#include "store/store_posted.h"

enum { FIELDS = 6, LINE = 192 };

static const struct record_form record_form = { "posted", 1 };

/* Reads "at job attempt status ms code"; a line "why" follows. */
static bool
read_line(struct record *r, struct posted *p)
{
	const uint64_t most[FIELDS - 1] = { INT64_MAX, UINT64_MAX, UINT32_MAX, UINT32_MAX,
		UINT32_MAX };
	uint64_t v[FIELDS - 1];
	char *word[FIELDS];

	if (!record_words(r, word, FIELDS))
		return false;
	for (size_t i = 0; i < FIELDS - 1; i++)
		if (!num_u64(word[i], 0, most[i], &v[i]))
			return false;
	*p = (struct posted){ .at = (int64_t)v[0],
		.job = v[1],
		.attempt = (uint32_t)v[2],
		.status = (uint32_t)v[3],
		.ms = (uint32_t)v[4],
		.code = strcmp(word[5], "-") == 0 ? "" : word[5],
		.why = "" };
	return true;
}

static enum store_rc
read_record(struct arena *a, struct slice v, struct posted *p, size_t *n)
{
	struct record r;

	*n = 0;
	if (!record_open(&r, a, v.p, v.n, &record_form))
		return arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
	while (record_next(&r)) {
		if (record_is(&r, "post") && *n < POSTED_MAX && read_line(&r, &p[*n]))
			++*n;
		else if (record_is(&r, "why") && *n > 0)
			p[*n - 1].why = r.value;
		else
			r.bad = true;
	}
	return record_whole(&r) ? ST_OK : arena_failed(a) ? ST_NOMEM : ST_CORRUPT;
}

bool
posted_readable(struct arena *a, struct slice v)
{
	struct posted p[POSTED_MAX];
	size_t n;

	return read_record(a, v, p, &n) == ST_OK;
}

static void
write_line(struct buf *out, const struct posted *p)
{
	char line[LINE];

	(void)snprintf(line, sizeof line, "%" PRId64 " %" PRIu64 " %u %u %u %.32s", p->at, p->job,
	    (unsigned)p->attempt, (unsigned)p->status, (unsigned)p->ms,
	    p->code[0] != '\0' ? p->code : "-");
	record_str(out, "post", line);
	if (p->why[0] != '\0')
		record_str(out, "why", p->why);
}

enum store_rc
posted_add(struct txn *txn, const struct job *j)
{
	struct key k = key_id(TAB_POSTED, job_group(j)), of = key_id(TAB_MESSAGE, j->message);
	struct posted p[POSTED_MAX + 1], *new;
	struct slice v;
	size_t n = 0;
	enum store_rc rc = ST_OK;

	if (j->message != 0 && (rc = txn_get(txn, &of, &v)) != ST_OK)
		return rc == ST_NOTFOUND ? ST_OK : rc; /* the message was removed meanwhile */
	if ((rc = txn_get(txn, &k, &v)) == ST_OK)
		rc = read_record(txn->a, v, p, &n);
	if (rc == ST_CORRUPT)
		n = 0; /* begins anew */
	else if (rc != ST_OK && rc != ST_NOTFOUND)
		return rc;
	new = &p[n++];
	*new = *j->posted;
	new->at = clock_now();
	new->job = j->id;
	new->attempt = j->attempt;
	buf_reset(&txn->buf);
	record_start(&txn->buf, &record_form);
	for (size_t i = n > POSTED_MAX ? n - POSTED_MAX : 0; i < n; i++)
		write_line(&txn->buf, &p[i]);
	record_end(&txn->buf);
	return txn_put_buf(txn, &k);
}

enum store_rc
posted_clear(struct txn *txn, uint64_t group)
{
	struct key k = key_id(TAB_POSTED, group);

	return txn_clear(txn, &k);
}

enum store_rc
store_posted(struct store *st, uint64_t mmsid, uint64_t message, struct arena *a,
    struct posted_list *out)
{
	const struct job j = { .mmsid = mmsid, .message = message };
	struct key k = key_id(TAB_POSTED, job_group(&j));
	struct slice v;
	struct txn txn;
	enum store_rc rc = txn_begin(&txn, st, KV_READ);

	out->n = 0;
	if ((out->post = arena_array(a, POSTED_MAX, sizeof *out->post)) == NULL && rc == ST_OK)
		rc = ST_NOMEM;
	if (rc == ST_OK && (rc = txn_get(&txn, &k, &v)) == ST_OK)
		rc = read_record(a, v, out->post, &out->n);
	if ((rc = txn_end(&txn, rc == ST_NOTFOUND ? ST_OK : rc)) != ST_OK)
		out->n = 0;
	return rc;
}
