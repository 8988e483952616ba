/* carrier_rules: the part of carrier.h that reads and finds rules. */
#include <string.h>

#include "admin/carrier/carrier.h"
#include "base/list.h"
#include "base/num.h"

static const struct report_word {
	const char *word, *mm_status;
	unsigned dlr;
} report_words[] = {
	{ "delivered", "Retrieved", 1 },
	{ "expired", "Expired", 2 },
	{ "rejected", "Rejected", 16 },
	{ "failed", "SystemError", 2 },
	{ "notsupported", "Unrecognised", 2 },
	{ "forwarded", "Forwarded", 8 },
	{ "deferred", "Deferred", 4 },
	{ "indeterminate", "Indeterminate", 4 },
};

bool
carrier_report_word(const char *word, const char **mm_status, unsigned *dlr)
{
	for (size_t i = 0; i < sizeof report_words / sizeof report_words[0]; i++)
		if (strcmp(report_words[i].word, word) == 0) {
			*mm_status = report_words[i].mm_status;
			*dlr = report_words[i].dlr;
			return true;
		}
	return false;
}

/* Reads the next word of a line, without the quotes around a value. Returns false at the end of the
 * line or at "#". */
static bool
next_word(const char **p, char out[CARRIER_TEXT + CARRIER_WORD])
{
	size_t w = 0;
	bool quoted = false;

	*p += strspn(*p, " \t\r");
	if (**p == '\0' || **p == '\n' || **p == '#')
		return false;
	for (; **p != '\0' && **p != '\n' && (quoted || strchr(" \t\r", **p) == NULL); (*p)++) {
		if (**p == '"')
			quoted = !quoted;
		else if (w + 1 < CARRIER_TEXT + CARRIER_WORD)
			out[w++] = **p;
	}
	out[w] = '\0';
	return true;
}

/* Seconds with up to three digits behind the point. */
static bool
seconds(const char *v, uint64_t *ms)
{
	char whole[24], part[4] = "000";
	size_t n = strcspn(v, "."), m = v[n] == '.' ? strlen(v + n + 1) : 0;
	uint64_t s, t;

	if (n >= sizeof whole || m > 3)
		return false;
	(void)snprintf(whole, sizeof whole, "%.*s", (int)n, v);
	memcpy(part, v + n + (v[n] == '.'), m);
	if (!num_u64(whole, 0, 86400, &s) || !num_u64(part, 0, 999, &t))
		return false;
	*ms = s * 1000 + t;
	return true;
}

static const char *
set_text(char *out, size_t size, const char *v)
{
	return (size_t)snprintf(out, size, "%s", v) < size ? NULL : "a value is too long";
}

static const char *
set_report(struct carrier_rule *r, const char *v)
{
	const char *list = v, *status;
	char word[CARRIER_WORD];
	unsigned dlr;

	if (strcmp(v, "none") == 0) {
		r->report[0] = '\0';
		return NULL;
	}
	while (list_next(&list, word, sizeof word))
		if (!carrier_report_word(word, &status, &dlr))
			return "report is none or a list of delivered, expired, rejected, failed, notsupported, forwarded, "
			       "deferred, indeterminate";
	return set_text(r->report, sizeof r->report, v);
}

static const char *
set_action(struct carrier_rule *r, enum carrier_action action, const char *v, unsigned def)
{
	uint64_t code = def;

	if (v[0] != '\0' &&
	    !num_u64(v, action == ACTION_ERROR ? 400 : 1001, action == ACTION_ERROR ? 599 : 9999,
		&code))
		return action == ACTION_ERROR ? "error= is an HTTP status, 400 to 599" :
						"refuse= is an MM7 status code";
	r->action = action;
	r->code = (unsigned)code;
	return NULL;
}

static const char *
set_value(struct carrier_rule *r, const char *name, const char *v)
{
	if (strcmp(name, "to") == 0)
		return set_text(r->to, sizeof r->to, v);
	if (strcmp(name, "handset") == 0)
		return set_text(r->handset, sizeof r->handset, v);
	if (strcmp(name, "text") == 0)
		return set_text(r->text, sizeof r->text, v);
	if (strcmp(name, "report") == 0)
		return set_report(r, v);
	if (strcmp(name, "refuse") == 0)
		return set_action(r, ACTION_REFUSE, v, MM7_RESTRICTED);
	if (strcmp(name, "error") == 0)
		return set_action(r, ACTION_ERROR, v, 503);
	if (strcmp(name, "refuse-size") == 0)
		return num_u64(v, 1, UINT64_MAX, &r->max_bytes) ?
		    NULL :
		    "refuse-size= is a number of bytes";
	if (strcmp(name, "times") == 0)
		return num_u64(v, 1, UINT64_MAX, &r->times) ? NULL : "times= is a number";
	if (strcmp(name, "delay") == 0)
		return seconds(v, &r->delay_ms) ? NULL : "delay= is a number of seconds";
	if (strcmp(name, "report-delay") == 0)
		return seconds(v, &r->report_delay_ms) ? NULL :
							 "report-delay= is a number of seconds";
	return "the word is unknown";
}

static const char *
set_word(struct carrier_rule *r, char *word)
{
	char *eq = strchr(word, '=');

	if (eq != NULL) {
		*eq = '\0';
		return set_value(r, word, eq + 1);
	}
	if (strcmp(word, "mms") == 0 || strcmp(word, "sms") == 0) {
		r->mms = word[0] == 'm';
		r->sms = word[0] == 's';
		return NULL;
	}
	if (strcmp(word, "refuse") == 0 || strcmp(word, "error") == 0)
		return set_value(r, word, "");
	if (strcmp(word, "accept") == 0)
		r->action = ACTION_ACCEPT;
	else if (strcmp(word, "lose") == 0)
		r->action = ACTION_LOSE;
	else if (strcmp(word, "drop") == 0)
		r->action = ACTION_DROP;
	else
		return "the word is unknown";
	return NULL;
}

static const struct carrier_rule accept_all = {
	.to = "*",
	.mms = true,
	.sms = true,
	.action = ACTION_ACCEPT,
	.report = "delivered",
	.report_delay_ms = 100,
};

int
carrier_rules_read(struct carrier_rules *r, const char *text, char err[CARRIER_ERR])
{
	char word[CARRIER_TEXT + CARRIER_WORD];
	const char *p = text, *why = NULL;

	for (unsigned line = 1; *p != '\0'; line++) {
		struct carrier_rule rule = accept_all;
		bool any = false;

		while (why == NULL && next_word(&p, word)) {
			why = set_word(&rule, word);
			any = true;
		}
		if (why == NULL && any && r->n + 1 >= CARRIER_RULES)
			why = "there are too many rules";
		if (why != NULL) {
			(void)snprintf(err, CARRIER_ERR, "line %u: '%.40s': %.100s", line, word,
			    why);
			return -1;
		}
		if (any)
			r->rule[r->n++] = rule;
		p += strcspn(p, "\n");
		p += *p == '\n';
	}
	r->rule[r->n++] = accept_all;
	return 0;
}

static bool
matches(const struct carrier_rule *r, bool mms, const char *to)
{
	size_t n = strlen(r->to);

	if (!(mms ? r->mms : r->sms) || (r->times > 0 && r->used >= r->times))
		return false;
	return n > 0 && r->to[n - 1] == '*' ? strncmp(r->to, to, n - 1) == 0 :
					      strcmp(r->to, to) == 0;
}

const struct carrier_rule *
carrier_rules_match(struct carrier_rules *r, bool mms, const char *to)
{
	for (unsigned i = 0; i + 1 < r->n; i++)
		if (matches(&r->rule[i], mms, to)) {
			r->rule[i].used++;
			return &r->rule[i];
		}
	return &r->rule[r->n - 1];
}
