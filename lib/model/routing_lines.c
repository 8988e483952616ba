/* routing_lines: the part of routing.h that reads the lines of savemms.conf. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/num.h"
#include "model/check.h"
#include "model/routing.h"

enum { MAX_MESSAGE = 100000000 }; /* bytes; more than any network takes */

/* Copies value to out. Returns false when it does not fit. */
static bool
put_text(char *out, size_t size, const char *value)
{
	int n = snprintf(out, size, "%s", value);

	return n >= 0 && (size_t)n < size;
}

static const char *
set_carrier(void *row, const char *word, const char *value)
{
	struct carrier *c = row;

	if (strcmp(word, "bytes") == 0)
		return num_u64(value, 0, MAX_MESSAGE, &c->bytes) ?
		    NULL :
		    "bytes is a number, at most 100000000";
	if (strcmp(word, "mms") == 0) {
		c->mms = strcmp(value, "no") != 0;
		return c->mms && strcmp(value, "yes") != 0 ? "mms is yes or no" : NULL;
	}
	if (strcmp(word, "operators") == 0)
		return put_text(c->operators, sizeof c->operators, value) ? NULL :
									    "operators is too long";
	if (strcmp(word, "prefixes") == 0)
		return put_text(c->prefixes, sizeof c->prefixes, value) ? NULL :
									  "prefixes is too long";
	return "a carrier has bytes=, mms=, operators= and prefixes=";
}

static const char *
set_handset(void *row, const char *word, const char *value)
{
	struct handset *h = row;

	if (strcmp(word, "bytes") == 0)
		return num_u64(value, 0, MAX_MESSAGE, &h->bytes) ?
		    NULL :
		    "bytes is a number, at most 100000000";
	if (strcmp(word, "pattern") == 0)
		return put_text(h->pattern, sizeof h->pattern, value) ? NULL :
									"pattern is too long";
	if (strcmp(word, "os") != 0)
		return "a handset has pattern=, os= and bytes=";
	for (int os = OS_IOS; os <= OS_OTHER; os++)
		if (strcasecmp(value, routing_os_name((enum os)os)) == 0) {
			h->os = (enum os)os;
			return NULL;
		}
	return "os is iOS, Android or Other";
}

static const char *
set_kind(struct transport *t, const char *value)
{
	for (unsigned k = 0; k < TRANSPORT_KINDS; k++)
		if (strcmp(value, routing_kind_name((enum transport_kind)k)) == 0) {
			t->kind = (enum transport_kind)k;
			return NULL;
		}
	return "kind is spool, mm7 or sms-http";
}

/* Reads a word about the size or the parts of an MMS. Sets *wrong to what the value must be, if it
 * is wrong. Returns false for another word. */
static bool
set_size(struct transport *t, const char *word, const char *value, const char **wrong)
{
	*wrong = NULL;
	if (strcmp(word, "max-bytes") == 0) {
		if (!num_u64(value, 0, MAX_MESSAGE, &t->max_bytes))
			*wrong = "max-bytes is a number, at most 100000000";
	} else if (strcmp(word, "count") == 0) {
		t->count = strcmp(value, "air") == 0 ? COUNT_AIR : COUNT_WIRE;
		if (t->count == COUNT_WIRE && strcmp(value, "wire") != 0)
			*wrong = "count is air or wire";
	} else if (strcmp(word, "parts") == 0) {
		t->parts = strcmp(value, "binary") == 0 ? PARTS_BINARY : PARTS_BASE64;
		if (t->parts == PARTS_BASE64 && strcmp(value, "base64") != 0)
			*wrong = "parts is base64 or binary";
	} else {
		return false;
	}
	return true;
}

static const char *
set_transport(void *row, const char *word, const char *value)
{
	const char *wrong;
	struct transport *t = row;
	const struct {
		const char *word;
		char *at;
		size_t size;
	} texts[] = {
		{ "vasp", t->vasp, sizeof t->vasp },
		{ "vas", t->vas, sizeof t->vas },
		{ "user", t->user, sizeof t->user },
		{ "password", t->password, sizeof t->password },
	};

	if (strcmp(word, "kind") == 0)
		return set_kind(t, value);
	if (set_size(t, word, value, &wrong))
		return wrong;
	if (strcmp(word, "url") == 0)
		return check_url(value) == NULL && put_text(t->url, sizeof t->url, value) ?
		    NULL :
		    "url is http:// or https:// and a host";
	if (strcmp(word, "version") == 0)
		return (strcmp(value, "5.3.0") == 0 || strcmp(value, "6.8.0") == 0) &&
			put_text(t->version, sizeof t->version, value) ?
		    NULL :
		    "version is 5.3.0 or 6.8.0";
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (strcmp(word, texts[i].word) == 0)
			return put_text(texts[i].at, texts[i].size, value) ? NULL :
									     "a value is too long";
	return "a transport has kind=, url=, version=, vasp=, vas=, user=, password=, max-bytes=, count= and parts=";
}

static const char *
whole_carrier(void *row)
{
	(void)row;
	return NULL;
}

static const char *
whole_handset(void *row)
{
	const struct handset *h = row;

	return h->pattern[0] != '\0' && h->os != OS_UNKNOWN ? NULL :
							      "a handset needs pattern= and os=";
}

static const char *
whole_transport(void *row)
{
	struct transport *t = row;

	if (t->kind == TRANSPORT_MM7 && t->version[0] == '\0')
		(void)put_text(t->version, sizeof t->version, "6.8.0");
	if (!routing_kind_mms(t->kind) &&
	    (t->max_bytes != 0 || t->count != COUNT_BY_KIND || t->parts != PARTS_BASE64))
		return "max-bytes, count and parts are for transports of MMS";
	if (t->count == COUNT_BY_KIND)
		t->count = routing_kind_count(t->kind);
	return t->kind == TRANSPORT_SPOOL || t->url[0] != '\0' ?
	    NULL :
	    "this kind of transport needs url=";
}

/* One of the tables: its rows, and how to name, set and check a row. */
struct table {
	const char *key;    /* what a line's key begins with */
	size_t rows, count; /* offsets in struct routing */
	size_t size;        /* of a row; its name comes first */
	unsigned max;
	const char *(*set)(void *row, const char *word, const char *value);
	const char *(*whole)(void *row);
};

static const struct table tables[] = {
	{ "carrier-", offsetof(struct routing, carrier), offsetof(struct routing, ncarrier),
	    sizeof(struct carrier), CARRIER_MAX, set_carrier, whole_carrier },
	{ "handset-", offsetof(struct routing, handset), offsetof(struct routing, nhandset),
	    sizeof(struct handset), HANDSET_MAX, set_handset, whole_handset },
	{ "transport-", offsetof(struct routing, transport), offsetof(struct routing, ntransport),
	    sizeof(struct transport), TRANSPORT_MAX, set_transport, whole_transport },
};

static const struct table *
table_of(const char *key)
{
	for (const struct table *t = tables; t < tables + sizeof tables / sizeof tables[0]; t++)
		if (strncmp(key, t->key, strlen(t->key)) == 0)
			return t;
	return NULL;
}

bool
routing_key(const char *key)
{
	return table_of(key) != NULL && strcmp(key, "transport-ms") != 0;
}

/* Returns the row of this name, else a new one, or NULL when the table is full. */
static char *
row_of(struct routing *r, const struct table *t, const char *name)
{
	char *rows = (char *)r + t->rows;
	unsigned *n = (unsigned *)(void *)((char *)r + t->count);

	for (unsigned i = 0; i < *n; i++)
		if (strcmp(rows + i * t->size, name) == 0)
			return rows + i * t->size;
	if (*n == t->max)
		return NULL;
	return rows + (*n)++ * t->size;
}

/* Sets all words of a line in a new row. Returns NULL, or else what is wrong. */
static const char *
set_words(const struct table *t, void *row, const char *value)
{
	char word[ROUTE_TEXT], *eq;
	const char *wrong = NULL;

	while (wrong == NULL && *(value += strspn(value, " \t")) != '\0') {
		size_t n = strcspn(value, " \t");

		/* A list may have blanks after its commas. */
		while (value[n] != '\0' && n > 0 && value[n - 1] == ',')
			n += strspn(value + n, " \t") +
			    strcspn(value + n + strspn(value + n, " \t"), " \t");
		if (n >= sizeof word)
			return "a word is too long";
		(void)snprintf(word, sizeof word, "%.*s", (int)n, value);
		value += n;
		if ((eq = strchr(word, '=')) == NULL)
			return "expected word=value word=value";
		*eq = '\0';
		wrong = t->set(row, word, eq + 1);
	}
	return wrong != NULL ? wrong : t->whole(row);
}

int
routing_set(struct routing *r, const char *key, const char *value, char *err, size_t errlen)
{
	const struct table *t = table_of(key);
	const char *name = key + strlen(t->key), *wrong;
	union {
		struct carrier carrier;
		struct handset handset;
		struct transport transport;
	} fresh;
	char *row;

	memset(&fresh, 0, sizeof fresh);
	if (t->set == set_carrier)
		fresh.carrier.mms = true;
	wrong = routing_name_ok(name) ? set_words(t, &fresh, value) :
					"its name has 1 to 31 of A-Z a-z 0-9 . _ -";
	if (wrong == NULL && (row = row_of(r, t, name)) == NULL)
		wrong = "there are too many rows";
	if (wrong != NULL) {
		(void)snprintf(err, errlen, "%.60s: %s", key, wrong);
		return -1;
	}
	(void)snprintf((char *)&fresh, ROUTE_NAME, "%s", name);
	memcpy(row, &fresh, t->size);
	return 0;
}
