/* answer_doc: see answer_doc.h */
#include "cgi/answer_doc.h"

#include <inttypes.h>
#include <stdio.h>

enum { INFO_MAX = 1024 };

static const char head[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/* Returns what doc.h writes the answer's document with. */
static struct doc
doc_of(struct answer *a)
{
	return (struct doc){ &a->body, a->dialect };
}

static void
open_with(struct answer *a, const char *status)
{
	const struct doc d = doc_of(a);

	buf_reset(&a->body);
	doc_open(&d, head, ANSWER_RESPONSE);
	if (!a->resource)
		answer_text(a, ANSWER_STATUS, status);
}

void
answer_open(struct answer *a)
{
	open_with(a, "Success");
}

void
answer_close(struct answer *a)
{
	const struct doc d = doc_of(a);

	doc_close(&d, ANSWER_RESPONSE);
	if (a->dialect != DIALECT_C)
		buf_addc(&a->body, '\n');
}

void
answer_failure(struct answer *a, int status, const struct failure *f)
{
	char info[INFO_MAX];

	error_info(a->dialect, f, info, sizeof info);
	a->status = status;
	a->refused = true;
	if (status == 503)
		buf_adds(&a->headers, "Retry-After: 5\r\n");
	if (status == 405)
		buf_adds(&a->headers, "Allow: GET, POST, HEAD, OPTIONS\r\n");
	if (a->resource) { /* it is refused before anything is known of it: E503 */
		char text[INFO_MAX];

		buf_reset(&a->body);
		buf_add(&a->body, text, answer_doc_short(a, text, sizeof text));
		a->type = "application/problem+json";
		return;
	}
	open_with(a, "Failure");
	answer_text(a, ANSWER_ERRORCODE, error_code(f->code));
	if (a->dialect != DIALECT_A)
		answer_text(a, ANSWER_TO, f->to);
	answer_text(a, ANSWER_ERRORINFO, info);
	if (a->dialect == DIALECT_A)
		answer_text(a, ANSWER_TO, f->to);
	answer_close(a);
}

size_t
answer_doc_short(const struct answer *a, char *out, size_t size)
{
	const enum dialect d = a->dialect;
	const char *r = doc_name(d, ANSWER_RESPONSE), *s = doc_name(d, ANSWER_STATUS),
		   *c = doc_name(d, ANSWER_ERRORCODE), *i = doc_name(d, ANSWER_ERRORINFO);
	const char *code = error_code(E503), *info = error_text(d, E503);
	int n;

	if (a->resource)
		n = snprintf(out, size, "{\"title\":\"%s\",\"status\":503,\"%s\":\"%s\"}", info, c,
		    code);
	else if (d == DIALECT_C)
		n = snprintf(out, size, "{\"%s\":\"Failure\",\"%s\":\"%s\",\"%s\":\"%s\"}", s, c,
		    code, i, info);
	else
		n = snprintf(out, size,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<%s><%s>Failure</%s>"
		    "<%s>%s</%s><%s>%s</%s></%s>\n",
		    r, s, s, c, code, c, i, info, i, r);
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

void
answer_text(struct answer *a, enum answer_name n, const char *text)
{
	const struct doc d = doc_of(a);

	doc_text(&d, n, text);
}

void
answer_given(struct answer *a, enum answer_name n, const char *text)
{
	if (a->dialect == DIALECT_A || (text != NULL && text[0] != '\0'))
		answer_text(a, n, text);
}

void
answer_id(struct answer *a, enum answer_name n, uint64_t id)
{
	const struct doc d = doc_of(a);

	doc_id(&d, n, id);
}

void
answer_number(struct answer *a, enum answer_name n, uint64_t v)
{
	const struct doc d = doc_of(a);

	doc_number(&d, n, v);
}

void
answer_seconds(struct answer *a, enum answer_name n, uint32_t ms)
{
	const struct doc d = doc_of(a);
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu32 ".%03" PRIu32, ms / 1000, ms % 1000);
	doc_digits(&d, n, text);
}

void
answer_time(struct answer *a, enum answer_name n, int64_t us)
{
	const struct doc d = doc_of(a);

	doc_time(&d, n, us);
}

void
answer_ids(struct answer *a, enum answer_name n, const uint64_t *id, size_t count)
{
	const struct doc d = doc_of(a);

	doc_ids(&d, n, id, count);
}

void
answer_group(struct answer *a, enum answer_name n)
{
	const struct doc d = doc_of(a);

	doc_group(&d, n);
}

void
answer_group_end(struct answer *a, enum answer_name n)
{
	const struct doc d = doc_of(a);

	doc_group_end(&d, n);
}

void
answer_array(struct answer *a, enum answer_name n)
{
	const struct doc d = doc_of(a);

	doc_array(&d, n);
}

void
answer_array_end(struct answer *a)
{
	const struct doc d = doc_of(a);

	doc_array_end(&d);
}

void
answer_item(struct answer *a, enum answer_name n)
{
	const struct doc d = doc_of(a);

	doc_item(&d, n);
}
