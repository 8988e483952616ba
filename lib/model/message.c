/*
 * message: see message.h. In a record, the name of a variable comes before its value, and
 * the slide of a text before the text. savemms-store(5) lists the fields.
 */
#include "model/message.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/record.h"

static const struct record_form record_form = { "message", 1 };

static const char *const state_names[MESSAGE_STATES] = { "queued", "sent", "delivered",
	"undelivered", "failed" };
static const char *const leg_names[] = { "", "MMS", "SMS" };

enum { LEGS = sizeof leg_names / sizeof leg_names[0] };

/* Texts that are "" when not given, texts of fixed size, and numbers. */
/* clang-format off */
#define TEXTS \
	TEXT("to", to) TEXT("from", from) TEXT("from-mask", from_mask) \
	TEXT("operator", operator_id) TEXT("subject", subject) TEXT("fallback", fallback) \
	TEXT("reference", reference) TEXT("base", base) TEXT("transport-id", transport_id) \
	TEXT("handset", handset) TEXT("why", why)
#define WORDS \
	WORD("tracking", tracking) WORD("token", token) WORD("class", class) \
	WORD("carrier", carrier) WORD("transport", transport)
#define TIMES \
	TIME("created", created) TIME("expires", expires) TIME("sent", sent) \
	TIME("reported", reported)

#define TEXT(key, name) .name = "",
const struct message message_empty = { TEXTS .outcome = "" };
const struct message message_to_nobody = { TEXTS .outcome = "", .tracking = "TTTTTTTTTTTTTTTTTTTTTTTTTTTTTTTT" };
#undef TEXT
/* clang-format on */

const char *
message_state_name(enum message_state s)
{
	return state_names[s];
}

const char *
message_leg_name(enum message_leg l)
{
	return leg_names[l];
}

/* Compares by name. Of two with the same name, the one given first comes first. */
static int
compare_vars(const void *a, const void *b)
{
	const struct message_var *x = *(const struct message_var *const *)a,
				 *y = *(const struct message_var *const *)b;
	int c = strcasecmp(x->name, y->name);

	return c != 0 ? c : (x > y) - (x < y);
}

bool
message_sort_vars(struct arena *a, struct message *m)
{
	const struct message_var **by = arena_array(a, m->nvar + 1, sizeof *by);
	struct message_var *sorted = arena_array(a, m->nvar + 1, sizeof *sorted);
	size_t n = 0;

	if (by == NULL || sorted == NULL)
		return false;
	for (size_t i = 0; i < m->nvar; i++)
		by[i] = &m->var[i];
	qsort(by, m->nvar, sizeof *by, compare_vars);
	for (size_t i = 0; i < m->nvar; i++)
		if (n == 0 || strcasecmp(sorted[n - 1].name, by[i]->name) != 0)
			sorted[n++] = *by[i];
	m->var = sorted;
	m->nvar = n;
	return true;
}

const char *
message_slide_text(const struct message *m, uint32_t slide, const char *own_of_slide)
{
	for (size_t i = 0; i < m->ntext; i++)
		if (m->text[i].slide == slide)
			return m->text[i].text;
	return own_of_slide;
}

bool
message_overdue(const struct message *m, int64_t now)
{
	return m->not_after != 0 && now > m->not_after;
}

uint64_t
message_delay(const struct message *m, int64_t now, uint64_t delay_s)
{
	uint64_t left_s;

	if (m->not_after == 0)
		return delay_s;
	left_s = m->not_after >= now ? (uint64_t)(m->not_after - now) / 1000000 + 1 : 0;
	return left_s < delay_s ? left_s : delay_s;
}

/* --- the record --- */

void
message_encode(const struct message *m, struct buf *out)
{
	record_start(out, &record_form);
	record_u64(out, "account", m->account);
	record_u64(out, "mmsid", m->mmsid);
	record_str(out, "state", state_names[m->state]);
	record_str(out, "leg", leg_names[m->leg]);
	record_u64(out, "no-fallback", m->no_fallback);
	record_u64(out, "no-fallback-link", m->no_fallback_link);
	record_u64(out, "opened", m->opened);
#define TIME(key, name) record_u64(out, key, (uint64_t)m->name);
	TIMES
#undef TIME
#define WORD(key, name) record_str(out, key, m->name);
	WORDS
#undef WORD
#define TEXT(key, name) record_str(out, key, m->name != NULL ? m->name : "");
	TEXTS
#undef TEXT
	if (m->dialect != DIALECT_A)
		record_str(out, "dialect", dialect_name(m->dialect));
	if (m->outcome != NULL && m->outcome[0] != '\0')
		record_str(out, "outcome", m->outcome);
	if (m->not_after != 0)
		record_u64(out, "not-after", (uint64_t)m->not_after);
	for (size_t i = 0; i < m->ntext; i++) {
		record_u64(out, "slide", m->text[i].slide);
		record_str(out, "text", m->text[i].text);
	}
	for (size_t i = 0; i < m->nvar; i++) {
		record_str(out, "var", m->var[i].name);
		record_str(out, "value", m->var[i].value);
	}
	record_end(out);
}

static unsigned
read_name(struct record *r, const char *const *names, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (strcmp(r->value, names[i]) == 0)
			return i;
	r->bad = true;
	return 0;
}

/* Reads a field of a text or a variable. Returns false for another key. */
static bool
read_list(struct record *r, struct message *m)
{
	if (record_is(r, "slide") && m->ntext < MESSAGE_TEXTS)
		m->text[m->ntext++] = (struct message_text){
			(uint32_t)record_number(r, 1, UINT32_MAX), ""
		};
	else if (record_is(r, "text") && m->ntext > 0)
		m->text[m->ntext - 1].text = r->value;
	else if (record_is(r, "var") && m->nvar < MESSAGE_VARS)
		m->var[m->nvar++] = (struct message_var){ r->value, "" };
	else if (record_is(r, "value") && m->nvar > 0)
		m->var[m->nvar - 1].value = r->value;
	else
		return false;
	return true;
}

static bool
read_named(struct record *r, struct message *m)
{
#define TIME(key, name)                                            \
	if (record_is(r, key)) {                                   \
		m->name = (int64_t)record_number(r, 0, INT64_MAX); \
		return true;                                       \
	}
	TIMES
#undef TIME
#define WORD(key, name)                                  \
	if (record_is(r, key)) {                         \
		record_text(r, m->name, sizeof m->name); \
		return true;                             \
	}
	WORDS
#undef WORD
#define TEXT(key, name)             \
	if (record_is(r, key)) {    \
		m->name = r->value; \
		return true;        \
	}
	TEXTS
#undef TEXT
	return false;
}

static void
read_field(struct record *r, struct message *m)
{
	if (record_is(r, "account"))
		m->account = record_number(r, 0, UINT64_MAX);
	else if (record_is(r, "mmsid"))
		m->mmsid = record_number(r, 0, UINT64_MAX);
	else if (record_is(r, "state"))
		m->state = (enum message_state)read_name(r, state_names, MESSAGE_STATES);
	else if (record_is(r, "leg"))
		m->leg = (enum message_leg)read_name(r, leg_names, LEGS);
	else if (record_is(r, "no-fallback"))
		m->no_fallback = record_number(r, 0, 1) != 0;
	else if (record_is(r, "no-fallback-link"))
		m->no_fallback_link = record_number(r, 0, 1) != 0;
	else if (record_is(r, "dialect"))
		r->bad = !dialect_by_name(r->value, &m->dialect) || r->bad;
	else if (record_is(r, "outcome"))
		m->outcome = r->value;
	else if (record_is(r, "not-after"))
		m->not_after = (int64_t)record_number(r, 1, INT64_MAX);
	else if (record_is(r, "opened"))
		m->opened = record_number(r, 0, UINT64_MAX);
	else if (!read_named(r, m) && !read_list(r, m))
		r->bad = true;
}

struct message *
message_decode(struct arena *a, const char *p, size_t n)
{
	struct message *m = arena_zalloc(a, sizeof *m);
	struct record r;

	if (m == NULL || !record_open(&r, a, p, n, &record_form))
		return NULL;
	*m = message_empty;
	m->text = arena_array(a, MESSAGE_TEXTS, sizeof *m->text);
	m->var = arena_array(a, MESSAGE_VARS, sizeof *m->var);
	if (m->text == NULL || m->var == NULL)
		return NULL;
	while (record_next(&r))
		read_field(&r, m);
	return record_whole(&r) ? m : NULL;
}
