/* doc: see doc.h */
#include "model/doc.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text/json.h"
#include "base/xmlout.h"
#include "model/text.h"

enum { PIECE = 64 };

static const char *const names[ANSWER_NAMES][DIALECTS] = {
#define NAME(name, a, b, c) [ANSWER_##name] = { a, b, c },
#include "model/answers.def"
#undef NAME
};

const char *
doc_name(enum dialect d, enum answer_name n)
{
	return names[n][d];
}

enum answer_name
doc_kind(enum kind k)
{
	static const enum answer_name of[KIND_COUNT] = {
#define KIND(name, ...) [KIND_##name] = ANSWER_##name,
#include "model/media.def"
#undef KIND
	};

	return of[k];
}

enum answer_name
doc_kind_failed(enum kind k)
{
	static const enum answer_name of[KIND_COUNT] = {
#define KIND(name, element, pair, limit, copy, size, code, told, ...) [KIND_##name] = ANSWER_##told,
#include "model/media.def"
#undef KIND
	};

	return of[k];
}

static const char *
name_of(const struct doc *d, enum answer_name n)
{
	return names[n][d->dialect];
}

static bool
is_json(const struct doc *d)
{
	return d->dialect == DIALECT_C;
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
json_name(const struct doc *d, enum answer_name n)
{
	json_next(d->out);
	buf_printf(d->out, "\"%s\":", name_of(d, n));
}

/* --- both ---------------------------------------------------------------------------- */

void
doc_open(const struct doc *d, const char *head, enum answer_name root)
{
	if (is_json(d)) {
		buf_addc(d->out, '{');
	} else {
		buf_adds(d->out, head);
		xml_open(d->out, name_of(d, root));
	}
}

void
doc_close(const struct doc *d, enum answer_name root)
{
	if (is_json(d))
		buf_addc(d->out, '}');
	else
		xml_close(d->out, name_of(d, root));
}

void
doc_text(const struct doc *d, enum answer_name n, const char *text)
{
	if (!is_json(d)) {
		xml_elem(d->out, name_of(d, n), text);
	} else if (text != NULL && text[0] != '\0') {
		json_name(d, n);
		json_text(d->out, text);
	}
}

void
doc_given(const struct doc *d, enum answer_name n, const char *text)
{
	if (name_of(d, n) != NULL && text != NULL && text[0] != '\0')
		doc_text(d, n, text);
}

void
doc_id(const struct doc *d, enum answer_name n, uint64_t id)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, id);
	doc_text(d, n, text);
}

void
doc_digits(const struct doc *d, enum answer_name n, const char *digits)
{
	if (is_json(d)) {
		json_name(d, n);
		buf_adds(d->out, digits);
	} else {
		xml_elem(d->out, name_of(d, n), digits);
	}
}

void
doc_number(const struct doc *d, enum answer_name n, uint64_t v)
{
	char text[24];

	(void)snprintf(text, sizeof text, "%" PRIu64, v);
	doc_digits(d, n, text);
}

void
doc_time(const struct doc *d, enum answer_name n, int64_t us)
{
	char when[CLOCK_TEXT];
	char *offset;

	clock_iso(us, when);
	if (is_json(d) && (offset = strchr(when, '+')) != NULL)
		memcpy(offset, "Z", 2);
	doc_text(d, n, when);
}

void
doc_ids(const struct doc *d, enum answer_name n, const uint64_t *id, size_t count)
{
	const char *quote = is_json(d) ? "\"" : "";

	if (is_json(d))
		doc_array(d, n);
	else
		xml_open(d->out, name_of(d, n));
	for (size_t i = 0; i < count; i++)
		buf_printf(d->out, "%s%s%" PRIu64 "%s", i > 0 ? "," : "", quote, id[i], quote);
	if (is_json(d))
		doc_array_end(d);
	else
		xml_close(d->out, name_of(d, n));
}

void
doc_group(const struct doc *d, enum answer_name n)
{
	if (is_json(d)) {
		json_name(d, n);
		buf_addc(d->out, '{');
	} else {
		xml_open(d->out, name_of(d, n));
	}
}

void
doc_group_end(const struct doc *d, enum answer_name n)
{
	if (is_json(d))
		buf_addc(d->out, '}');
	else
		xml_close(d->out, name_of(d, n));
}

void
doc_array(const struct doc *d, enum answer_name n)
{
	if (is_json(d)) {
		json_name(d, n);
		buf_addc(d->out, '[');
	}
}

void
doc_array_end(const struct doc *d)
{
	if (is_json(d))
		buf_addc(d->out, ']');
}

void
doc_item(const struct doc *d, enum answer_name n)
{
	if (is_json(d)) {
		json_next(d->out);
		buf_addc(d->out, '{');
	} else {
		xml_open(d->out, name_of(d, n));
	}
}
