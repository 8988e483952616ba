/*
 * check_shared: reports faults and counts the references to blobs, for all parts of the check. The
 * counts of blobs are read into memory before the templates that cause them (their table sorts
 * first), and compared at the end.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/check/check.h"

enum { FAULT_TEXT = 512, NO_SIZE = -1, NAMER_TEXT = 48 };

struct known {
	unsigned char sha[SHA256_BYTES];
	uint64_t want, seen; /* by its count; in templates */
	int64_t bytes;       /* as a template gives it */
	struct namer last;   /* the last to name it */
};

void
check_fault(struct check *c, const char *fmt, ...)
{
	char text[FAULT_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	c->out->faults++;
	c->out->fault(c->out->ctx, text);
}

enum store_rc
check_has(struct check *c, const struct key *k, bool *found)
{
	struct slice v;
	enum store_rc rc = txn_get(&c->txn, k, &v);

	*found = rc == ST_OK;
	return rc == ST_NOTFOUND ? ST_OK : rc;
}

/* --- blobs ------------------------------------------------------------------------------ */

enum store_rc
check_count(struct check *c, struct slice key, struct slice v)
{
	char sha[SHA256_HEX];
	struct known *k;

	if (v.n != 8 || slice_u64(v, 0) == 0) {
		crypt_digest_hex((const char *)key.p + 1, sha);
		check_fault(c, "blob %s: its count cannot be read", sha);
		return ST_OK;
	}
	if (c->nknown == c->room) {
		size_t room = c->room == 0 ? 1024 : c->room * 2;

		if ((k = reallocarray(c->known, room, sizeof *k)) == NULL)
			return ST_NOMEM;
		c->known = k;
		c->room = room;
	}
	k = &c->known[c->nknown++];
	memcpy(k->sha, (const char *)key.p + 1, SHA256_BYTES);
	k->want = slice_u64(v, 0);
	k->seen = 0;
	k->last = (struct namer){ false, 0 };
	k->bytes = NO_SIZE;
	return ST_OK;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, SHA256_BYTES); /* the key is the first member of the struct */
}

static void
namer_text(const struct namer *who, char out[NAMER_TEXT])
{
	(void)snprintf(out, NAMER_TEXT, "%s %" PRIu64, who->image ? "image template" : "template",
	    who->id);
}

/* Reports a blob to whoever checks blobs. Returns false if the check is to end. */
static bool
report_blob(const struct check *c, const struct namer *who, const char *sha, uint64_t bytes)
{
	char whose[NAMER_TEXT];

	namer_text(who, whose);
	return c->out->blob == NULL || c->out->blob(c->out->ctx, sha, bytes, whose) == 0;
}

enum store_rc
check_names(struct check *c, const struct namer *who, const char *sha, uint64_t bytes)
{
	unsigned char digest[SHA256_BYTES];
	char whose[NAMER_TEXT], other[NAMER_TEXT];
	struct known *k = NULL;

	if (c->nknown > 0 && crypt_digest_bytes(sha, digest))
		k = bsearch(digest, c->known, c->nknown, sizeof *k, compare);
	if (k == NULL) {
		namer_text(who, whose);
		check_fault(c, "blob %s: %s names it, but it has no count", sha, whose);
		c->out->blobs++;
		return report_blob(c, who, sha, bytes) ? ST_OK : ST_IO;
	}
	if (k->bytes != NO_SIZE && (uint64_t)k->bytes != bytes) {
		namer_text(&k->last, other);
		namer_text(who, whose);
		check_fault(c, "blob %s: %s and %s disagree about its size", sha, other, whose);
	}
	k->bytes = (int64_t)bytes;
	k->seen += k->last.id != who->id || k->last.image != who->image;
	k->last = *who;
	return ST_OK;
}

enum store_rc
check_references(struct check *c)
{
	for (size_t i = 0; i < c->nknown; i++) {
		const struct known *k = &c->known[i];
		char sha[SHA256_HEX];

		crypt_digest_hex(k->sha, sha);
		if (k->seen != k->want)
			check_fault(c,
			    "blob %s: %" PRIu64 " templates name it, but its count says %" PRIu64,
			    sha, k->seen, k->want);
		if (k->seen > 0 && !report_blob(c, &k->last, sha, (uint64_t)k->bytes))
			return ST_IO;
		c->out->blobs += k->seen > 0;
	}
	return ST_OK;
}
