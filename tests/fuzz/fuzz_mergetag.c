/*
 * fuzz_mergetag: the reader of the tags in a template's texts.
 *
 * Promises looked after: the pieces put together are the text; none is empty; a
 * tag's name and default lie inside it, the name is made of what names are made of,
 * the default holds no closing brace.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "mergetag.h"

static bool
name_byte(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (!first && c >= '0' && c <= '9');
}

static void
check_tag(const struct mergetag_piece *t)
{
	MUST(t->n >= 4 && memcmp(t->p, "{$", 2) == 0 && t->p[t->n - 1] == '}');
	MUST(t->name == t->p + 2 && t->namelen >= 1 && t->namelen <= t->n - 3);
	for (size_t i = 0; i < t->namelen; i++)
		MUST(name_byte(t->name[i], i == 0));
	MUST(t->deflen == 0 || (t->def == t->name + t->namelen + 1 && t->def + t->deflen == t->p + t->n - 1));
	MUST(t->deflen == 0 || memchr(t->def, '}', t->deflen) == NULL);
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
	free(text);
	return 0;
}
