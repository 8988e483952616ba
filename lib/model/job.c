/* job: see job.h */
#include "model/job.h"

#include <string.h>

#include "base/record.h"
#include "model/settings.h"
#include "model/template.h"

static const struct record_form record_form = { "job", 1 };

static const char *const kind_names[JOB_KINDS] = { "encode", "postback", "deliver" };

const char *
job_kind_name(enum job_kind k)
{
	return kind_names[k];
}

enum job_lane
job_lane(const struct settings *s, const struct medium *m)
{
	return m->kind == KIND_VIDEO && m->bytes > s->short_job_kb * 1024 ? LANE_LONG : LANE_SHORT;
}

void
job_encode(const struct job *j, struct buf *out)
{
	record_start(out, &record_form);
	record_str(out, "kind", kind_names[j->kind]);
	record_u64(out, "account", j->account);
	record_u64(out, "mmsid", j->mmsid);
	if (j->message != 0)
		record_u64(out, "message", j->message);
	record_u64(out, "token", j->token);
	record_u64(out, "attempt", j->attempt);
	if (j->faults != 0)
		record_u64(out, "faults", j->faults);
	if (j->lost != 0)
		record_u64(out, "lost", j->lost);
	record_u64(out, "created", (uint64_t)j->created);
	record_u64(out, "due", (uint64_t)j->due);
	record_u64(out, "dead", j->dead);
	record_u64(out, "lane", j->lane);
	record_str(out, "owner", j->owner);
	if (j->kind == JOB_ENCODE) {
		record_u64(out, "slide", j->slide);
		record_u64(out, "medium", j->medium);
		record_u64(out, "permille", j->permille);
		record_u64(out, "left-ms", j->left_ms);
	}
	record_str(out, "why", j->why != NULL ? j->why : "");
	record_str(out, "body", j->body != NULL ? j->body : "");
	record_end(out);
}

static void
read_kind(struct record *r, struct job *j)
{
	for (int k = 0; k < JOB_KINDS; k++)
		if (strcmp(r->value, kind_names[k]) == 0) {
			j->kind = (enum job_kind)k;
			return;
		}
	r->bad = true;
}

static const struct {
	const char *key;
	size_t offset;
	int wide; /* 64 bits */
} numbers[] = {
	{ "account", offsetof(struct job, account), 1 },
	{ "mmsid", offsetof(struct job, mmsid), 1 },
	{ "message", offsetof(struct job, message), 1 },
	{ "token", offsetof(struct job, token), 1 },
	{ "created", offsetof(struct job, created), 1 },
	{ "due", offsetof(struct job, due), 1 },
	{ "attempt", offsetof(struct job, attempt), 0 },
	{ "faults", offsetof(struct job, faults), 0 },
	{ "lost", offsetof(struct job, lost), 0 },
	{ "lane", offsetof(struct job, lane), 0 },
	{ "slide", offsetof(struct job, slide), 0 },
	{ "medium", offsetof(struct job, medium), 0 },
	{ "permille", offsetof(struct job, permille), 0 },
	{ "left-ms", offsetof(struct job, left_ms), 0 },
};

static void
read_field(struct record *r, struct job *j)
{
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		char *at = (char *)j + numbers[i].offset;
		uint64_t wide;
		uint32_t narrow;

		if (!record_is(r, numbers[i].key))
			continue;
		wide = record_number(r, 0, numbers[i].wide ? INT64_MAX : UINT32_MAX);
		narrow = (uint32_t)wide;
		if (numbers[i].wide)
			memcpy(at, &wide, sizeof wide);
		else
			memcpy(at, &narrow, sizeof narrow);
		return;
	}
	if (record_is(r, "kind"))
		read_kind(r, j);
	else if (record_is(r, "dead"))
		j->dead = (uint32_t)record_number(r, 0, 1);
	else if (record_is(r, "owner"))
		record_text(r, j->owner, sizeof j->owner);
	else if (record_is(r, "why"))
		j->why = r->value;
	else if (record_is(r, "body"))
		j->body = r->value;
	else
		r->bad = true;
}

struct job *
job_decode(struct arena *a, const char *p, size_t n)
{
	struct job *j = arena_zalloc(a, sizeof *j);
	struct record r;

	if (j == NULL || !record_open(&r, a, p, n, &record_form))
		return NULL;
	j->why = j->body = "";
	while (record_next(&r))
		read_field(&r, j);
	return record_whole(&r) && j->lane < JOB_LANES ? j : NULL;
}
