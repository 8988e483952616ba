/*
 * fuzz_multipart: the multipart reader, and the fingerprint of a request. The input's first line is
 * the Content-Type, what follows is the body. The first line is also taken for an Idempotency-Key.
 */
#include "fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "request/idempotency.h"
#include "request/pairs.h"
#include "request/request.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nl = size > 0 ? memchr(data, '\n', size) : NULL;
	struct arena *a = arena_new(FUZZ_MEMORY);
	struct request_bytes in = { .post = true };
	const struct request *r;
	char print[SHA256_HEX], key[IDEMPOTENCY_KEY];
	struct pairs ps = { 0 };
	struct failure f;

	if (a == NULL || nl == NULL ||
	    (in.content_type = arena_memdup(a, data, (size_t)(nl - data))) == NULL) {
		arena_free(&a);
		return 0;
	}
	in.body = (const char *)nl + 1;
	in.len = size - (size_t)(nl + 1 - data);
	if (pairs_from_multipart(a, in.content_type, in.body, in.len, &ps)) {
		MUST(ps.n <= PAIRS_MAX);
		for (size_t i = 0; i < ps.n; i++)
			MUST(ps.v[i].name != NULL && ps.v[i].len <= in.len &&
			    ps.v[i].value[ps.v[i].len] == '\0');
	}
	idempotency_print(in.home, in.content_type, in.body, in.len, print);
	MUST(crypt_is_sha256_hex(print));
	if (idempotency_key(in.content_type, key))
		MUST(key[0] != '\0' && strlen(key) < sizeof key);
	r = request_read(a, &in, &f);
	MUST((r == NULL) == (f.code != E_NONE));
	arena_free(&a);
	return 0;
}
