/*
 * fuzz_mergetag: the reader of the tags in a template's texts, and their filling in.
 *
 * Promises looked after: the pieces put together are the text; none is empty; a
 * tag's name and default lie inside it, the name is made of what names are made of,
 * the default holds no closing brace. Filled in with a value (what follows a first NUL),
 * the text holds nothing that is markup in XML or HTML, and no control characters when
 * it is plain; and a tag in a value is never read.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "base/xmlout.h"
#include "model/mergetag.h"
#include "model/message.h"

static bool
name_byte(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	    (!first && c >= '0' && c <= '9');
}

static void
check_tag(const struct mergetag_piece *t)
{
	MUST(t->n >= 4 && memcmp(t->p, "{$", 2) == 0 && t->p[t->n - 1] == '}');
	MUST(t->name == t->p + 2 && t->namelen >= 1 && t->namelen <= t->n - 3);
	for (size_t i = 0; i < t->namelen; i++)
		MUST(name_byte(t->name[i], i == 0));
	MUST(t->deflen == 0 ||
	    (t->def == t->name + t->namelen + 1 && t->def + t->deflen == t->p + t->n - 1));
	MUST(t->deflen == 0 || memchr(t->def, '}', t->deflen) == NULL);
}

static void
check_markup(const char *s, bool html)
{
	for (; *s != '\0'; s++) {
		MUST(strchr(html ? "<>\"'\r" : "<>\"\r", *s) == NULL);
		MUST((unsigned char)*s >= 0x20 || *s == '\t' || *s == '\n');
		if (*s == '&')
			MUST(strncmp(s, "&amp;", 5) == 0 || strncmp(s, "&lt;", 4) == 0 ||
			    strncmp(s, "&gt;", 4) == 0 || strncmp(s, "&quot;", 6) == 0 ||
			    strncmp(s, "&#13;", 5) == 0 || strncmp(s, "&#39;", 5) == 0);
	}
}

static void
check_filled(const char *text, const char *value)
{
	const struct message_var var[] = { { "a", value }, { "b", "{$c}" }, { "c", "never" } };
	struct buf b;

	buf_init(&b, 1 << 22);
	mergetag_fill(&b, text, var, 2, mergetag_plain);
	for (const char *s = buf_str(&b); *s != '\0'; s++)
		MUST(((unsigned char)*s >= 0x20 && *s != 0x7f) || *s == '\t' || *s == '\n');
	/* a tag in a value is text */
	buf_reset(&b);
	mergetag_fill(&b, "{$b}", var, 3, mergetag_plain);
	MUST(strcmp(buf_str(&b), "{$c}") == 0);
	/* whatever the value is */
	buf_reset(&b);
	mergetag_fill(&b, "({$a})", (const struct message_var[]){ { "a", text } }, 1, xml_bytes);
	check_markup(buf_str(&b), false);
	buf_reset(&b);
	mergetag_fill(&b, text, var, 3, xml_bytes);
	check_markup(buf_str(&b), false);
	buf_reset(&b);
	mergetag_fill(&b, text, var, 3, html_bytes);
	check_markup(buf_str(&b), true);
	buf_free(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct mergetag_reader r;
	struct mergetag_piece piece;
	const char *at = text;

	if (text == NULL)
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	mergetag_start(&r, text);
	while (mergetag_next(&r, &piece)) {
		MUST(piece.p == at && piece.n > 0 && piece.n <= strlen(at));
		if (piece.tag)
			check_tag(&piece);
		at += piece.n;
	}
	MUST(*at == '\0');
	check_filled(text, strlen(text) < size ? text + strlen(text) + 1 : "");
	free(text);
	return 0;
}
