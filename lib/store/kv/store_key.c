/* store_key: see store_key.h */
#include "store/kv/store_key.h"

#include <string.h>

#include "base/crypt.h"

void
key_bytes(struct key *k, const void *p, size_t n)
{
	if (n > sizeof k->b - k->n)
		n = sizeof k->b - k->n; /* names are far shorter */
	memcpy(k->b + k->n, p, n);
	k->n += n;
}

void
key_u8(struct key *k, uint8_t v)
{
	key_bytes(k, &v, 1);
}

void
put_u64(void *p, uint64_t v)
{
	unsigned char *b = p;

	for (int i = 7; i >= 0; i--, v >>= 8)
		b[i] = (unsigned char)v;
}

uint64_t
slice_u64(struct slice s, size_t at)
{
	const unsigned char *b = s.p;
	uint64_t v = 0;

	for (size_t i = at; i < at + 8; i++)
		v = v << 8 | b[i];
	return v;
}

void
key_u64(struct key *k, uint64_t v)
{
	unsigned char b[8];

	put_u64(b, v);
	key_bytes(k, b, sizeof b);
}

struct key
key_of(enum table t)
{
	struct key k;

	k.n = 0;
	key_u8(&k, (uint8_t)t);
	return k;
}

struct key
key_id(enum table t, uint64_t id)
{
	struct key k = key_of(t);

	key_u64(&k, id);
	return k;
}

struct slice
key_slice(const struct key *k)
{
	return (struct slice){ k->b, k->n };
}

bool
key_has_prefix(struct slice s, const struct key *k, size_t len)
{
	return s.n == len && s.n >= k->n && memcmp(s.p, k->b, k->n) == 0;
}

bool
key_is(struct slice s, const struct key *k)
{
	return key_has_prefix(s, k, k->n);
}

void
key_behind(struct key *k, struct slice s)
{
	k->n = 0;
	key_bytes(k, s.p, s.n);
	key_u8(k, 0);
}

struct key
key_text(enum table t, const char *text)
{
	struct key k = key_of(t);

	key_bytes(&k, text, strlen(text));
	return k;
}

/* An API key is looked up by its hash, so that the time of a look-up reveals nothing. */
struct key
key_secret(const char *key)
{
	char hex[SHA256_HEX];

	crypt_sha256_hex(key, strlen(key), hex);
	return key_text(TAB_KEY, hex);
}
