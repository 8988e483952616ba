/*
 * crypt: random bytes, digests and secrets, by libsodium.
 */
#ifndef SM_CRYPT_H
#define SM_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SHA256_BYTES = 32,
	SHA256_HEX = 65,  /* 64 lower-case hex digits and the NUL */
	PWHASH_MAX = 128, /* libsodium's crypto_pwhash_STRBYTES */
};

/* Starts libsodium. Call it once before any other function here. Returns false when
 * libsodium cannot start. */
bool crypt_init(void) __attribute__((warn_unused_result));

/* Writes n random bytes to p. */
void crypt_random(void *p, size_t n);

/* Writes n random characters of A-Z a-z 0-9, each equally likely, and a NUL to out. This is
 * the form of an API key (savemms-api(7), Who is calling). */
void crypt_random_text(char *out, size_t n);

/* SHA-256 of bytes that arrive in pieces. The state is plain memory and needs no clean-up. */
struct sha256 {
	_Alignas(16) unsigned char state[128];
};
void crypt_sha256_start(struct sha256 *s);
void crypt_sha256_add(struct sha256 *s, const void *p, size_t n);

/* Writes the digest of all bytes added as hex. Start the state anew before you use it again. */
void crypt_sha256_end(struct sha256 *s, char out[SHA256_HEX]);

/* Writes the SHA-256 of n bytes at p as hex. */
void crypt_sha256_hex(const void *p, size_t n, char out[SHA256_HEX]);

/* Reads an open file from offset 0 to its end and sets its SHA-256 as hex and its size in
 * bytes. Returns 0, or -1 with errno set. */
int crypt_sha256_file(int fd, char out[SHA256_HEX], uint64_t *size)
    __attribute__((warn_unused_result));

/* Returns true when s is 64 lower-case hex digits. */
bool crypt_is_sha256_hex(const char *s);

/* These convert the bytes of a digest to hex, and back. crypt_digest_bytes() returns false
 * when hex is not 64 lower-case hex digits. */
void crypt_digest_hex(const void *digest, char out[SHA256_HEX]);
bool crypt_digest_bytes(const char *hex, unsigned char out[SHA256_BYTES])
    __attribute__((warn_unused_result));

/* Computes the HMAC-SHA-256 of n bytes at p. */
void crypt_hmac_sha256(const void *key, size_t keylen, const void *p, size_t n,
    unsigned char out[SHA256_BYTES]);

/* Writes standard base64 with padding and a NUL to out, which has outlen bytes. Returns the
 * length without the NUL, or 0 if out is too small. */
size_t crypt_base64(const void *p, size_t n, char *out, size_t outlen);

/* Decodes standard base64 to out, which has outlen bytes. Returns the number of bytes, or -1
 * for text that is not base64 or does not fit. */
long crypt_unbase64(const char *s, unsigned char *out, size_t outlen);

/* Returns true when both strings are equal. The time it takes depends only on their lengths. */
bool crypt_equal(const char *a, const char *b);

/* Hashes a password with Argon2id, 19 MiB and 2 passes (OWASP password storage), into text
 * that holds its own salt and cost. Returns false when memory is short. */
bool crypt_password_hash(const char *password, char out[PWHASH_MAX]);

/* Returns true when hash is a hash of this password. */
bool crypt_password_verify(const char *hash, const char *password);

#endif
