/* crypt: see crypt.h */
#include "base/crypt.h"

#include <sodium.h>
#include <string.h>

#include "base/ascii.h"
#include "base/file.h"

_Static_assert(sizeof(struct sha256) >= sizeof(crypto_hash_sha256_state), "sha256 state fits");
_Static_assert(PWHASH_MAX >= crypto_pwhash_STRBYTES, "password hash fits");

bool
crypt_init(void)
{
	return sodium_init() >= 0;
}

void
crypt_random(void *p, size_t n)
{
	randombytes_buf(p, n);
}

void
crypt_random_text(char *out, size_t n)
{
	static const char set[] = ASCII_ALNUM;
	const unsigned many = sizeof set - 1, fair = 256 / many * many;
	unsigned char some[64];
	size_t i = 0;

	/* A byte of fair or more would make the first characters likelier, so it is left out. The
	 * bytes come in blocks, because each block is one system call. */
	while (i < n) {
		randombytes_buf(some, sizeof some);
		for (size_t k = 0; k < sizeof some && i < n; k++)
			if (some[k] < fair)
				out[i++] = set[some[k] % many];
	}
	sodium_memzero(some, sizeof some);
	out[n] = '\0';
}

void
crypt_sha256_start(struct sha256 *s)
{
	(void)crypto_hash_sha256_init((crypto_hash_sha256_state *)s->state);
}

void
crypt_sha256_add(struct sha256 *s, const void *p, size_t n)
{
	(void)crypto_hash_sha256_update((crypto_hash_sha256_state *)s->state, p, n);
}

void
crypt_sha256_end(struct sha256 *s, char out[SHA256_HEX])
{
	unsigned char h[SHA256_BYTES];

	(void)crypto_hash_sha256_final((crypto_hash_sha256_state *)s->state, h);
	crypt_digest_hex(h, out);
}

void
crypt_digest_hex(const void *digest, char out[SHA256_HEX])
{
	(void)sodium_bin2hex(out, SHA256_HEX, digest, SHA256_BYTES);
}

bool
crypt_digest_bytes(const char *hex, unsigned char out[SHA256_BYTES])
{
	return crypt_is_sha256_hex(hex) &&
	    sodium_hex2bin(out, SHA256_BYTES, hex, SHA256_HEX - 1, NULL, NULL, NULL) == 0;
}

void
crypt_sha256_hex(const void *p, size_t n, char out[SHA256_HEX])
{
	struct sha256 s;

	crypt_sha256_start(&s);
	crypt_sha256_add(&s, p, n);
	crypt_sha256_end(&s, out);
}

int
crypt_sha256_file(int fd, char out[SHA256_HEX], uint64_t *size)
{
	unsigned char block[65536];
	struct sha256 s;
	ssize_t n;

	crypt_sha256_start(&s);
	for (*size = 0; (n = file_pread(fd, block, sizeof block, *size)) > 0; *size += (uint64_t)n)
		crypt_sha256_add(&s, block, (size_t)n);
	crypt_sha256_end(&s, out);
	return n < 0 ? -1 : 0;
}

void
crypt_hmac_sha256(const void *key, size_t keylen, const void *p, size_t n,
    unsigned char out[SHA256_BYTES])
{
	crypto_auth_hmacsha256_state st;

	(void)crypto_auth_hmacsha256_init(&st, key, keylen);
	(void)crypto_auth_hmacsha256_update(&st, p, n);
	(void)crypto_auth_hmacsha256_final(&st, out);
	sodium_memzero(&st, sizeof st);
}

size_t
crypt_base64(const void *p, size_t n, char *out, size_t outlen)
{
	if (sodium_base64_encoded_len(n, sodium_base64_VARIANT_ORIGINAL) > outlen)
		return 0;
	(void)sodium_bin2base64(out, outlen, p, n, sodium_base64_VARIANT_ORIGINAL);
	return strlen(out);
}

long
crypt_unbase64(const char *s, unsigned char *out, size_t outlen)
{
	const char *end;
	size_t n;

	if (sodium_base642bin(out, outlen, s, strlen(s), NULL, &n, &end,
		sodium_base64_VARIANT_ORIGINAL) != 0 ||
	    *end != '\0')
		return -1;
	return (long)n;
}

bool
crypt_equal(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b), n = la < lb ? la : lb;

	return (sodium_memcmp(a, b, n) == 0) & (la == lb);
}

bool
crypt_password_hash(const char *password, char out[PWHASH_MAX])
{
	return crypto_pwhash_str_alg(out, password, strlen(password), 2, 19U << 20,
		   crypto_pwhash_ALG_ARGON2ID13) == 0;
}

bool
crypt_password_verify(const char *hash, const char *password)
{
	return crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
}
