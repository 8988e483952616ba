/* carrier_seen: the part of carrier.h that recognizes a repeated message. It remembers at most SEEN
 * messages; a later message gets a new MessageID each time it comes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "admin/carrier/carrier.h"
#include "base/crypt.h"

enum { BUCKETS = 1 << 16, SEEN = 1 << 20, RANDOM = 8 };

struct entry {
	struct entry *next;
	char id[CARRIER_ID];
	char transaction[];
};

struct carrier_seen {
	struct entry *bucket[BUCKETS];
	size_t n;
};

/* FNV-1a. It only has to spread the names. */
static size_t
bucket_of(const char *s)
{
	uint32_t h = 2166136261u;

	for (; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h % BUCKETS;
}

static void
new_id(struct sim *c, char id[CARRIER_ID])
{
	char word[RANDOM + 1];

	crypt_random_text(word, RANDOM);
	(void)snprintf(id, CARRIER_ID, "sim-%06" PRIu64 "-%s", ++c->seq, word);
}

bool
carrier_seen(struct sim *c, const char *transaction, char id[CARRIER_ID])
{
	size_t n = strlen(transaction), b = bucket_of(transaction);
	struct entry *e;

	if (c->seen == NULL)
		c->seen = calloc(1, sizeof *c->seen);
	for (e = c->seen != NULL ? c->seen->bucket[b] : NULL; e != NULL; e = e->next)
		if (strcmp(e->transaction, transaction) == 0) {
			(void)snprintf(id, CARRIER_ID, "%s", e->id);
			return true;
		}
	new_id(c, id);
	if (n == 0 || c->seen == NULL || c->seen->n == SEEN ||
	    (e = malloc(sizeof *e + n + 1)) == NULL)
		return false;
	memcpy(e->transaction, transaction, n + 1);
	memcpy(e->id, id, CARRIER_ID);
	e->next = c->seen->bucket[b];
	c->seen->bucket[b] = e;
	c->seen->n++;
	return false;
}

void
carrier_seen_free(struct sim *c)
{
	for (size_t b = 0; c->seen != NULL && b < BUCKETS; b++)
		for (struct entry *e = c->seen->bucket[b], *next; e != NULL; e = next) {
			next = e->next;
			free(e);
		}
	free(c->seen);
	c->seen = NULL;
}
