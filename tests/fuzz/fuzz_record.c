/*
 * fuzz_record: the readers of what the store and the plans keep.
 *
 * Promise looked after: what a reader took, written again, is read again as the same
 * text. So no record changes by being read and written.
 */
#include "fuzz.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "media/encode_cache.h"
#include "model/account.h"
#include "model/image_template_form.h"
#include "model/job.h"
#include "model/message.h"
#include "model/template.h"
#include "personal/render_session.h"
#include "personal/render_session_values.h"

/* Reads n bytes at p and, when they are a record, writes it to out. */
typedef bool again_fn(struct arena *a, const char *p, size_t n, struct buf *out);

static bool
template_again(struct arena *a, const char *p, size_t n, struct buf *out)
{
	const struct template *t = template_decode(a, p, n);

	if (t == NULL)
		return false;
	(void)template_state(t);
	(void)template_size(t);
	template_encode(t, out);
	return true;
}

static bool
account_again(struct arena *a, const char *p, size_t n, struct buf *out)
{
	const struct account *ac = account_decode(a, p, n);

	if (ac == NULL)
		return false;
	account_encode(ac, out);
	return true;
}

static bool
job_again(struct arena *a, const char *p, size_t n, struct buf *out)
{
	const struct job *j = job_decode(a, p, n);

	if (j == NULL)
		return false;
	job_encode(j, out);
	return true;
}

static bool
plan_again(struct arena *a, const char *p, size_t n, struct buf *out)
{
	const char *text = arena_memdup(a, p, n);
	struct encode_cache_made m;

	if (text == NULL || !encode_cache_read(a, text, &m))
		return false;
	encode_cache_write(&m, out);
	return true;
}

static bool
message_again(struct arena *a, const char *p, size_t n, struct buf *out)
{
	const struct message *m = message_decode(a, p, n);

	if (m == NULL)
		return false;
	message_encode(m, out);
	return true;
}

static bool
image_again(struct arena *a, const char *p, size_t n, struct buf *out)
{
	const struct image_template *it = image_template_decode(a, p, n);
	struct render_values v;

	if (it == NULL)
		return false;
	image_template_encode(it, out);
	return !render_values_decode(a, p, n, it, &v); /* no text is both */
}

/* The form people write, as the keys it has. */
static bool
form_again(struct arena *a, const char *p, size_t n, struct buf *out)
{
	const char *text = arena_memdup(a, p, n);
	struct image_template it = { .name = "n", .width = 640, .height = 1138 };
	char why[IMAGE_WHY];

	if (text == NULL || !image_form_read(a, text, &it, why))
		return false;
	if (image_template_check(&it, why))
		MUST(why[0] == '\0');
	image_form_write(&it, out);
	return out->len > 0;
}

static void
there_and_back(again_fn *again, const char *p, size_t n)
{
	struct arena *a = arena_new(FUZZ_MEMORY);
	struct buf first, second;

	buf_init(&first, FUZZ_MEMORY);
	buf_init(&second, FUZZ_MEMORY);
	if (a != NULL && again(a, p, n, &first) && buf_ok(&first)) {
		MUST(again(a, first.p, first.len, &second));
		MUST(!buf_ok(&second) ||
		    (first.len == second.len && memcmp(first.p, second.p, first.len) == 0));
	}
	buf_free(&first);
	buf_free(&second);
	arena_free(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static again_fn *const readers[] = { template_again, account_again, job_again, plan_again,
		message_again, image_again, form_again };

	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
		there_and_back(readers[i], (const char *)data, size);
	return 0;
}
