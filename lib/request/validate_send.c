/* validate_send: see validate.h, and savemms-api(7), Sending and Checks of a send. */
#include <string.h>

#include "base/arena.h"
#include "base/ascii.h"
#include "base/list.h"
#include "base/num.h"
#include "model/mergetag.h"
#include "model/text.h"
#include "request/validate.h"

enum {
	NUMBER_MIN = 5,
	NUMBER_MAX = 15,
	SHORT_MIN = 3
}; /* digits: E.164 has at most 15; short codes have 3 or more (savemms-api(7), Sending) */

#define DAY_US INT64_C(86400000000)

static const char *
or_empty(const char *s)
{
	return s != NULL ? s : "";
}

/* Is this a number of digits in international form, without + or 00? */
static bool
is_number(const char *s, size_t min)
{
	size_t n = strlen(s);

	return n >= min && n <= NUMBER_MAX && ascii_only(s, ASCII_DIGITS) && s[0] != '0';
}

/* Makes the check of E627. Dialect A has no service-id. */
static bool
service_fails(const struct request *r, const struct account *ac, struct failure *f)
{
	if (r->dialect == DIALECT_A)
		return false;
	if (request_wrong(r->service_id))
		return failure_set(f, E100, 0);
	if (ac->service_ids[0] != '\0' &&
	    (r->service_id == NULL || !list_has(ac->service_ids, r->service_id)))
		return failure_set(f, E627, 0);
	return false;
}

/* Makes the checks of missing (E621 or E201), E110, E111, E627 and E114: both ends of the message.
 */
static bool
ends_fail(const struct request *r, const struct account *ac, enum api_error missing,
    struct message *m, struct failure *f)
{
	if (request_wrong(r->to))
		return failure_set(f, E100, 0);
	m->to = or_empty(r->to);
	m->from = or_empty(r->from);
	m->from_mask = or_empty(r->from_mask);
	m->operator_id = or_empty(r->operator_id);
	if (m->to[0] == '\0')
		return failure_set(f, missing, 0);
	if (!is_number(m->to, NUMBER_MIN))
		return failure_set(f, E110, 0);
	if (request_wrong(r->from))
		return failure_set(f, E100, 0);
	if (!is_number(m->from, SHORT_MIN) || !list_has(ac->senders, m->from))
		return failure_set(f, E111, 0);
	if (service_fails(r, ac, f))
		return true;
	if (list_has(ac->blacklist, m->to))
		return failure_set(f, E114, 0);
	return false;
}

/* Returns the subject of the message; C calls it by the template's name, too. */
static const char *
custom_subject(const struct request *r)
{
	return r->custom_subject != NULL || r->dialect != DIALECT_C ? r->custom_subject :
								      r->subject;
}

/* Makes the checks on the dates, and those of E652, E622 and E228 on the fields. */
static bool
fields_fail(struct arena *a, const struct request *r, const struct send_env *env, struct message *m,
    struct failure *f)
{
	const struct settings *s = env->settings;
	const struct template *t = env->template;

	m->reference = or_empty(r->reference);
	m->fallback = or_empty(r->fallback);
	m->subject = text_subject(a, or_empty(custom_subject(r)), s->max_subject_chars);
	if (m->subject == NULL)
		return failure_set(f, E503, 0);
	if (!validate_dates(r, env->now, true, m))
		return failure_set(f, E100, 0);
	if (!validate_yes_no(r->no_fallback, &m->no_fallback) ||
	    !validate_yes_no(r->no_fallback_link, &m->no_fallback_link))
		return failure_set(f, E652, 0);
	if (r->no_fallback == NULL)
		m->no_fallback = t->no_fallback;
	if (r->no_fallback_link == NULL)
		m->no_fallback_link = t->no_fallback_link;
	if (request_wrong(r->fallback) || request_wrong(r->custom_subject) ||
	    (r->dialect == DIALECT_C && request_wrong(r->subject)))
		return failure_set(f, E100, 0);
	if (!m->no_fallback && m->fallback[0] == '\0' && m->subject[0] == '\0' &&
	    t->fallback[0] == '\0' && t->subject[0] == '\0')
		return failure_set(f, E622, 0);
	return validate_text_fails(r->reference, s->max_reference_chars, f) ||
	    validate_text_fails(r->fallback, s->max_fallback_chars, f) ||
	    validate_labels_fail(r, s, f);
}

/* Takes the custom texts, which must be for slides that the template has. */
static bool
texts_fail(struct arena *a, const struct request *r, const struct send_env *env, struct message *m,
    struct failure *f)
{
	uint64_t slide;

	if (r->ncustom > REQUEST_TEXTS ||
	    (m->text = arena_array(a, r->ncustom + 1, sizeof *m->text)) == NULL)
		return failure_set(f, r->ncustom > REQUEST_TEXTS ? E100 : E503, 0);
	for (size_t i = 0; i < r->ncustom; i++) {
		const struct request_text *in = &r->custom[i];
		const char *text;

		if (request_wrong(in->text) || request_wrong(in->slide))
			return failure_set(f, E100, 0);
		if (!validate_text(a, in->text, &text))
			return failure_set(f, E503, 0);
		if (text == NULL)
			continue;
		if (!num_u64(in->slide != NULL ? in->slide : "1", 1, env->template->nslide, &slide))
			return failure_set(f, E100, 0);
		if (text_count(text) > env->settings->max_text_chars)
			return failure_set(f, E334, (unsigned long)slide);
		if (message_slide_text(m, (uint32_t)slide, NULL) ==
		    NULL) /* of two the first counts */
			m->text[m->ntext++] = (struct message_text){ (uint32_t)slide, text };
	}
	return false;
}

/* Returns the name of a variable as merge tags have it: a hyphen reads as '_'. Returns NULL when
 * memory is short. */
static const char *
tag_name(struct arena *a, const char *name)
{
	char *copy = strchr(name, '-') != NULL ? arena_strdup(a, name) : NULL;

	for (char *p = copy; p != NULL && *p != '\0'; p++)
		if (*p == '-')
			*p = '_';
	return strchr(name, '-') != NULL ? copy : name;
}

/* Is this a name that merge tags can have (savemms-api(7), Merge tags)? */
static bool
is_name(const char *s)
{
	size_t n = mergetag_name(s);

	return n > 0 && s[n] == '\0';
}

static bool
vars_fail(struct arena *a, const struct request *r, struct message *m, struct failure *f)
{
	if (r->data_wrong)
		return failure_set(f, E100, 0);
	if (r->ndata > REQUEST_DATA ||
	    (m->var = arena_array(a, r->ndata + 1, sizeof *m->var)) == NULL)
		return failure_set(f, r->ndata > REQUEST_DATA ? E100 : E503, 0);
	for (size_t i = 0; i < r->ndata; i++) {
		const char *name = tag_name(a, r->data[i].name);

		if (name == NULL)
			return failure_set(f, E503, 0);
		if (is_name(name))
			m->var[m->nvar++] = (struct message_var){ name, r->data[i].value };
	}
	return message_sort_vars(a, m) ? false : failure_set(f, E503, 0);
}

struct message *
validate_send(struct arena *a, const struct request *r, const struct send_env *env,
    struct failure *f)
{
	const struct template *t = env->template;
	enum template_state state = template_state(t);
	struct message *m = arena_zalloc(a, sizeof *m);

	f->code = E_NONE;
	if (m == NULL || state == TEMPLATE_ENCODING || state == TEMPLATE_FAILED) {
		f->code = m == NULL ? E503 : state == TEMPLATE_ENCODING ? E626 : E625;
		return NULL;
	}
	*m = message_empty;
	m->dialect = r->dialect;
	m->account = env->account->id;
	m->mmsid = t->id;
	m->expires = t->created + (int64_t)env->settings->link_days * DAY_US;
	if (ends_fail(r, env->account, E621, m, f) || fields_fail(a, r, env, m, f) ||
	    texts_fail(a, r, env, m, f) || vars_fail(a, r, m, f))
		return NULL;
	return validate_send_mask(env->settings, m, f) ? m : NULL;
}

bool
validate_send_mask(const struct settings *s, const struct message *m, struct failure *f)
{
	if (request_wrong(m->from_mask))
		return !failure_set(f, E100, 0);
	return text_count(m->from_mask) <= s->max_mask_chars ||
	    !failure_set(f, E115, s->max_mask_chars);
}

struct message *
validate_send_ends(struct arena *a, const struct request *r, const struct send_env *env,
    struct failure *f)
{
	struct message *m = arena_zalloc(a, sizeof *m);

	f->code = m == NULL ? E503 : E_NONE;
	if (m == NULL)
		return NULL;
	*m = message_empty;
	m->dialect = r->dialect;
	m->account = env->account->id;
	return ends_fail(r, env->account, E201, m, f) ? NULL : m;
}

bool
validate_send_rest(struct arena *a, const struct request *r, const struct send_env *env,
    struct message *m, struct failure *f)
{
	const struct template *t = env->template;

	m->reference = t->reference;
	m->no_fallback = t->no_fallback;
	m->no_fallback_link = t->no_fallback_link;
	m->expires = INT64_MAX;
	if (!validate_dates(r, env->now, true, m))
		return !failure_set(f, E100, 0);
	return !vars_fail(a, r, m, f);
}
