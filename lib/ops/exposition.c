/* exposition: see exposition.h */
#include "ops/exposition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/list.h"

enum { ITEM = 128, MILLION = 1000000 };

static const struct {
	const char *name, *help;
} durations[METER_DURATIONS] = {
	[METER_REQUEST] = { "request", "Answering a call of the API." },
	[METER_FETCH] = { "fetch", "Fetching a medium from its URL." },
	[METER_ENCODE] = { "encode", "Making the renditions of an audio or video." },
	[METER_DELIVERY] = { "delivery", "Composing a message and handing it to its transport." },
	[METER_POSTBACK] = { "postback", "Posting to a customer." },
};

/* Returns the weight of an item of Accept if it is of this type, else -1. */
static double
weight_of(const char *item, const char *type)
{
	size_t n = strlen(type);
	const char *q;

	if (strncasecmp(item, type, n) != 0 ||
	    (item[n] != '\0' && item[n] != ';' && item[n] != ' '))
		return -1;
	q = strstr(item + n, "q=");
	return q != NULL ? strtod(q + 2, NULL) : 1;
}

bool
exposition_prefers_open(const char *accept)
{
	double open = 0, plain = 0, w;
	char item[ITEM];

	while (accept != NULL && list_next(&accept, item, sizeof item)) {
		if ((w = weight_of(item, "application/openmetrics-text")) > open)
			open = w;
		if ((w = weight_of(item, "text/plain")) > plain)
			plain = w;
	}
	return open > 0 && open >= plain;
}

const char *
exposition_type(const struct exposition *x)
{
	return x->open ? "application/openmetrics-text; version=1.0.0; charset=utf-8" :
			 "text/plain; version=0.0.4; charset=utf-8";
}

/* Returns the length of the name without this end, or of the whole name if it has another. */
static int
without(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return (int)(n > m && strcmp(name + n - m, end) == 0 ? n - m : n);
}

void
exposition_head(const struct exposition *x, const char *name, const char *type, const char *help)
{
	bool counter = strcmp(type, "counter") == 0, info = strcmp(type, "info") == 0;
	int n = x->open && counter ? without(name, "_total") :
	    x->open && info        ? without(name, "_info") :
				     (int)strlen(name);

	buf_printf(x->out, "# HELP %.*s %s\n# TYPE %.*s %s\n", n, name, help, n, name,
	    info && !x->open ? "gauge" : type);
}

void
exposition_gauge(const struct exposition *x, const char *name, const char *help, uint64_t v)
{
	exposition_head(x, name, "gauge", help);
	buf_printf(x->out, "%s %" PRIu64 "\n", name, v);
}

void
exposition_duration(const struct exposition *x, struct meter *m, enum meter_duration which)
{
	struct meter_histogram h;
	uint64_t sum = 0;
	char name[64];

	meter_histogram(m, which, &h);
	(void)snprintf(name, sizeof name, "savemms_%s_duration_seconds", durations[which].name);
	exposition_head(x, name, "histogram", durations[which].help);
	for (unsigned i = 0; i < METER_BUCKETS; i++) {
		sum += h.count[i];
		if (i + 1 == METER_BUCKETS)
			buf_printf(x->out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, sum);
		else
			buf_printf(x->out, "%s_bucket{le=\"%u.%03u\"} %" PRIu64 "\n", name,
			    meter_bucket_ms(i) / 1000, meter_bucket_ms(i) % 1000, sum);
	}
	buf_printf(x->out, "%s_sum %" PRIu64 ".%06" PRIu64 "\n%s_count %" PRIu64 "\n", name,
	    h.sum_us / MILLION, h.sum_us % MILLION, name, sum);
}

void
exposition_end(const struct exposition *x)
{
	if (x->open)
		buf_adds(x->out, "# EOF\n");
}
