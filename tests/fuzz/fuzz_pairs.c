/*
 * fuzz_pairs: the pair reader, as the query of a GET and as the body of a POST.
 *
 * Promises looked after: at most PAIRS_MAX pairs, each with a NUL behind its value;
 * decoding never makes text longer; both ways in read the same.
 */
#include "fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "request/pairs.h"
#include "request/request.h"

static void
check_pairs(struct arena *a, const char *p, size_t n)
{
	struct pairs ps = { 0 };
	size_t total = 0;

	if (!pairs_from_form(a, p, n, &ps))
		return;
	MUST(ps.n <= PAIRS_MAX);
	for (size_t i = 0; i < ps.n; i++) {
		MUST(ps.v[i].name != NULL && ps.v[i].value[ps.v[i].len] == '\0');
		total += strlen(ps.v[i].name) + ps.v[i].len;
		MUST(pairs_find(&ps, ps.v[i].name) != NULL);
	}
	MUST(total <= n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request_bytes post = { .post = true,
		.content_type = "application/x-www-form-urlencoded",
		.body = (const char *)data,
		.len = size };
	struct request_bytes get = { .post = false };
	struct arena *a = arena_new(FUZZ_MEMORY);
	const struct request *r, *q;
	struct failure f;

	if (a == NULL)
		return 0;
	check_pairs(a, (const char *)data, size);
	r = request_read(a, &post, &f);
	MUST((r == NULL) == (f.code != E_NONE));
	post.content_type = size % 2 == 0 ? "application/x-www-form-urlencoded; charset=big5" :
					    "application/x-www-form-urlencoded; charset=utf-16";
	q = request_read(a, &post, &f);
	MUST((q == NULL) == (f.code != E_NONE));
	get.query = arena_memdup(a, data, size);
	if (get.query != NULL) {
		q = request_read(a, &get, &f);
		MUST((q == NULL) == (f.code != E_NONE));
		if (r != NULL && q != NULL && strlen(get.query) == size &&
		    memchr(data, '<', size) == NULL && strcasestr(get.query, "xml") == NULL)
			MUST(r->nslide == q->nslide);
	}
	arena_free(&a);
	return 0;
}
