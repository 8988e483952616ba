/* answer_doc: see answer_doc.h */
#include "cgi/answer_doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text/json.h"
#include "base/xmlout.h"
#include "model/text.h"

enum { INFO_MAX = 1024, PIECE = 64 };

static const char *const names[ANSWER_NAMES][DIALECTS] = {
#define NAME(name, a, b, c) [ANSWER_##name] = { a, b, c },
#include "model/answers.def"
#undef NAME
};

enum answer_name
answer_doc_kind(enum kind k)
{
	static const enum answer_name of[KIND_COUNT] = {
#define KIND(name, ...) [KIND_##name] = ANSWER_##name,
#include "model/media.def"
#undef KIND
	};

	return of[k];
}

static const char *
name_of(const struct answer *a, enum answer_name n)
{
	return names[n][a->dialect];
}

static bool
is_json(const struct answer *a)
{
	return a->dialect == DIALECT_C;
}

/* --- JSON ---------------------------------------------------------------------------- */

/* Writes a JSON string, piece by piece. */
static void
json_text(struct buf *b, const char *text)
{
	char piece[PIECE + 1], out[JSON_ROOM(PIECE)];

	buf_addc(b, '"');
	for (size_t n = strlen(text), k; n > 0; n -= k, text += k) {
		if ((k = text_within(text, n, PIECE)) == 0)
			k = 1; /* not UTF-8 */
		memcpy(piece, text, k);
		piece[k] = '\0';
		buf_add(b, out + 1, json_quote(out, sizeof out, piece) - 2);
	}
	buf_addc(b, '"');
}

/* A comma stands in front of what is not the first in its object or array. */
static void
json_next(struct buf *b)
{
	const char *so_far = buf_str(b);

	if (b->len > 0 && strchr("{[", so_far[b->len - 1]) == NULL)
		buf_addc(b, ',');
}

static void
json_name(struct answer *a, enum answer_name n)
{
	json_next(&a->body);
	buf_printf(&a->body, "\"%s\":", name_of(a, n));
}

/* --- both ---------------------------------------------------------------------------- */

static void
open_with(struct answer *a, const char *status)
{
	buf_reset(&a->body);
	if (is_json(a)) {
		buf_addc(&a->body, '{');
	} else {
		buf_adds(&a->body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
		xml_open(&a->body, name_of(a, ANSWER_RESPONSE));
	}
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
	if (is_json(a)) {
		buf_addc(&a->body, '}');
		return;
	}
	xml_close(&a->body, name_of(a, ANSWER_RESPONSE));
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
answer_doc_short(enum dialect d, char *out, size_t size)
{
	const char *r = names[ANSWER_RESPONSE][d], *s = names[ANSWER_STATUS][d],
		   *c = names[ANSWER_ERRORCODE][d], *i = names[ANSWER_ERRORINFO][d];
	const char *code = error_code(E503), *info = error_text(d, E503);
	int n;

	if (d == DIALECT_C)
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
	if (!is_json(a)) {
		xml_elem(&a->body, name_of(a, n), text);
	} else if (text != NULL && text[0] != '\0') {
		json_name(a, n);
		json_text(&a->body, text);
	}
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
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, id);
	answer_text(a, n, text);
}

/* Adds a number as it stands in text. */
static void
add_digits(struct answer *a, enum answer_name n, const char *text)
{
	if (is_json(a)) {
		json_name(a, n);
		buf_adds(&a->body, text);
	} else {
		xml_elem(&a->body, name_of(a, n), text);
	}
}

void
answer_number(struct answer *a, enum answer_name n, uint64_t v)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, v);
	add_digits(a, n, text);
}

void
answer_seconds(struct answer *a, enum answer_name n, uint32_t ms)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu32 ".%03" PRIu32, ms / 1000, ms % 1000);
	add_digits(a, n, text);
}

void
answer_time(struct answer *a, enum answer_name n, int64_t us)
{
	char when[CLOCK_TEXT];
	char *offset;

	clock_iso(us, when);
	if (is_json(a) && (offset = strchr(when, '+')) != NULL)
		memcpy(offset, "Z", 2);
	answer_text(a, n, when);
}

void
answer_ids(struct answer *a, enum answer_name n, const uint64_t *id, size_t count)
{
	const char *quote = is_json(a) ? "\"" : "";

	if (is_json(a))
		answer_array(a, n);
	else
		xml_open(&a->body, name_of(a, n));
	for (size_t i = 0; i < count; i++)
		buf_printf(&a->body, "%s%s%" PRIu64 "%s", i > 0 ? "," : "", quote, id[i], quote);
	if (is_json(a))
		answer_array_end(a);
	else
		xml_close(&a->body, name_of(a, n));
}

void
answer_group(struct answer *a, enum answer_name n)
{
	if (is_json(a)) {
		json_name(a, n);
		buf_addc(&a->body, '{');
	} else {
		xml_open(&a->body, name_of(a, n));
	}
}

void
answer_group_end(struct answer *a, enum answer_name n)
{
	if (is_json(a))
		buf_addc(&a->body, '}');
	else
		xml_close(&a->body, name_of(a, n));
}

void
answer_array(struct answer *a, enum answer_name n)
{
	if (is_json(a)) {
		json_name(a, n);
		buf_addc(&a->body, '[');
	}
}

void
answer_array_end(struct answer *a)
{
	if (is_json(a))
		buf_addc(&a->body, ']');
}

void
answer_item(struct answer *a, enum answer_name n)
{
	if (is_json(a)) {
		json_next(&a->body);
		buf_addc(&a->body, '{');
	} else {
		xml_open(&a->body, name_of(a, n));
	}
}
