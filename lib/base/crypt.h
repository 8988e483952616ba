/*
 * crypt: random bytes, digests, secrets (libsodium).
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

/* Must be called once before any other; false when libsodium cannot start. */
bool crypt_init(void) __attribute__((warn_unused_result));

void crypt_random(void *p, size_t n);

/* n characters of A-Z a-z 0-9, each equally likely, then a NUL (SPEC 2.1). */
void crypt_random_text(char *out, size_t n);

/* SHA-256 in pieces. The state is plain memory: no clean-up is owed. */
struct sha256 {
	_Alignas(16) unsigned char state[128];
};
void sha256_start(struct sha256 *s);
void sha256_add(struct sha256 *s, const void *p, size_t n);
void sha256_hex(struct sha256 *s, char out[SHA256_HEX]);

/* SHA-256 of one piece, as hex. */
void crypt_sha256_hex(const void *p, size_t n, char out[SHA256_HEX]);

/* SHA-256 of what an open file holds, read from 0 to its end, and its size in bytes. 0, or -1 with
 * errno set. */
int crypt_sha256_file(int fd, char out[SHA256_HEX], uint64_t *size)
    __attribute__((warn_unused_result));

/* True when s is 64 lower-case hex digits. */
bool crypt_is_sha256_hex(const char *s);

/* The bytes of a digest as hex, and back; false when hex is none. */
void crypt_digest_hex(const void *digest, char out[SHA256_HEX]);
bool crypt_digest_bytes(const char *hex, unsigned char out[SHA256_BYTES])
    __attribute__((warn_unused_result));

void crypt_hmac_sha256(const void *key, size_t keylen, const void *p, size_t n,
    unsigned char out[SHA256_BYTES]);

/* Standard base64 with padding. Returns the length written, 0 if out is too
 * small for it and the NUL. */
size_t crypt_base64(const void *p, size_t n, char *out, size_t outlen);

/* Reads standard base64; the number of bytes, or -1 for text that is not. */
long crypt_unbase64(const char *s, unsigned char *out, size_t outlen);

/* Compares in a time that depends on the lengths only. */
bool crypt_equal(const char *a, const char *b);

/* Argon2id with 19 MiB and 2 passes (OWASP password storage), as text that
 * holds its own salt and cost. False when memory is short. */
bool crypt_password_hash(const char *password, char out[PWHASH_MAX]);
bool crypt_password_verify(const char *hash, const char *password);

#endif
