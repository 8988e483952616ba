/*
 * store_refs: counts how many templates refer to a blob, in the transactions that change templates.
 * A template counts once, however often it names a blob; so does an image template.
 */
#include <stdlib.h>
#include <string.h>

#include "store/store_refs.h"

struct set {
	char (*sha)[SHA256_HEX];
	size_t n, room;
};

static int
count_blob(void *ctx, const char *sha)
{
	(void)sha;
	++*(size_t *)ctx;
	return 0;
}

static int
add_blob(void *ctx, const char *sha)
{
	struct set *set = ctx;

	if (set->n == set->room)
		return 1;
	memcpy(set->sha[set->n++], sha, SHA256_HEX);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, SHA256_HEX);
}

/* Collects the blobs of a template, sorted, each once. */
static bool
collect(struct arena *a, const struct template *t, struct set *set)
{
	size_t n = 0;

	memset(set, 0, sizeof *set);
	if (t == NULL)
		return true;
	(void)template_blobs(t, count_blob, &set->room);
	if (set->room == 0)
		return true;
	if ((set->sha = arena_array(a, set->room, sizeof *set->sha)) == NULL ||
	    template_blobs(t, add_blob, set) != 0)
		return false;
	qsort(set->sha, set->n, sizeof *set->sha, compare);
	for (size_t i = 0; i < set->n; i++)
		if (n == 0 || compare(set->sha[i], set->sha[n - 1]) != 0)
			memmove(set->sha[n++], set->sha[i], SHA256_HEX);
	set->n = n;
	return true;
}

/* Makes a key of the 32 bytes of the hash. Returns false if sha is not a hash. */
static bool
blob_key(const char *sha, struct key *k)
{
	unsigned char digest[SHA256_BYTES];

	if (!crypt_digest_bytes(sha, digest))
		return false;
	*k = key_of(TAB_BLOB);
	key_bytes(k, digest, sizeof digest);
	return true;
}

enum store_rc
refs_add(struct txn *txn, const char *sha, int change, uint64_t *left)
{
	struct key k;

	return blob_key(sha, &k) ? txn_add(txn, &k, change, left) : ST_CORRUPT;
}

static enum store_rc
change_count(struct txn *txn, const char *sha, int change, struct orphans *orphans)
{
	uint64_t now;
	enum store_rc rc = refs_add(txn, sha, change, &now);

	if (rc == ST_OK && now == 0 && orphans != NULL)
		memcpy(orphans->sha[orphans->n++], sha, SHA256_HEX);
	return rc;
}

enum store_rc
refs_change(struct txn *txn, const struct template *was, const struct template *is,
    struct orphans *orphans)
{
	struct set old, new;
	size_t i = 0, k = 0;
	enum store_rc rc = ST_OK;

	if (!collect(txn->a, was, &old) || !collect(txn->a, is, &new))
		return ST_NOMEM;
	if (orphans != NULL) {
		orphans->n = 0;
		orphans->sha = arena_array(txn->a, old.n + 1, sizeof *orphans->sha);
		if (orphans->sha == NULL)
			return ST_NOMEM;
	}
	while (rc == ST_OK && (i < old.n || k < new.n)) {
		int c = i == old.n ? 1 : k == new.n ? -1 : compare(old.sha[i], new.sha[k]);

		if (c < 0)
			rc = change_count(txn, old.sha[i], -1, orphans);
		else if (c > 0)
			rc = change_count(txn, new.sha[k], 1, NULL);
		i += c <= 0;
		k += c >= 0;
	}
	return rc;
}

enum store_rc
store_blob_refs(struct store *st, const char *sha, uint64_t *refs)
{
	struct txn txn;
	struct key k;
	enum store_rc rc;

	*refs = 0;
	if (!blob_key(sha, &k))
		return ST_NOTFOUND;
	rc = txn_begin(&txn, st, KV_READ);
	if (rc == ST_OK)
		rc = txn_get_u64(&txn, &k, refs);
	return txn_end(&txn, rc);
}
