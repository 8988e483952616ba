/*
 * fuzz_compose: a template's texts, a message's values and DURATION, composed.
 *
 * The input is six texts, a NUL between them: subject, text, value, fallback, DURATION,
 * the path of a file. Promises looked after: the SMIL holds nothing of them but the
 * duration's number; a name is ASCII and used once; the weight is what is written, and
 * what a transport puts before it; a header ends where it should, in lines of 998 at
 * most; a line of a part's headers, too; an SMS is no longer than COMPOSE_SMS and ends
 * with the URL.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "arena.h"
#include "buf.h"
#include "compose.h"
#include "mime.h"
#include "mime_part.h"
#include "text.h"

enum { TEXTS = 6 };

static bool
collect(void *ctx, const void *p, size_t n)
{
	buf_add(ctx, p, n);
	return buf_ok(ctx);
}

/* ASCII, lines that end with CR LF and are not too long. Of one header folded, each
 * but the first is an encoded word. */
static void
check_lines(const char *s, bool folded)
{
	for (size_t line = 0; *s != '\0'; s++, line++) {
		if (*s != '\r') {
			MUST(*s >= 0x20 && *s < 0x7f);
			continue;
		}
		MUST(line <= 998 && s[1] == '\n');
		s++;
		line = (size_t)-1;
		MUST(!folded || s[1] == '\0' || strncmp(s + 1, " =?utf-8?B?", 11) == 0);
	}
}

static void
check_smil(const char *s)
{
	const char *dur = strstr(s, "<par dur=\"");
	size_t n;

	MUST(dur != NULL && strstr(dur + 1, "<par ") == NULL);
	n = strspn(dur + 10, "0123456789");
	MUST(n > 0 && n <= 7 && strncmp(dur + 10 + n, "ms\">", 4) == 0);
	s = dur + 14 + n;
	MUST(strcmp(s, "<img src=\"slide1.jpg\" region=\"Image\"/><text src=\"slide1.txt\" region=\"Text\"/></par></body></smil>") == 0 ||
	    strcmp(s, "<img src=\"slide1.jpg\" region=\"Image\"/></par></body></smil>") == 0);
}

static void
check_message(const struct composed *c, const char *path)
{
	static const struct settings none;
	struct buf b;
	struct mime_out out = { collect, &b };

	check_smil(c->part[0].own);
	buf_init(&b, FUZZ_MEMORY);
	MUST(mime_related(&none, c, "01234567890123456789012345678901", MIME_EMBED, &out));
	check_lines(buf_str(&b), false);
	MUST(c->bytes > b.len && c->bytes < b.len + 1000 + 2 * strlen(c->subject));
	buf_reset(&b);
	mime_part_refer(&b, &c->part[1], "b", path);
	MUST(b.len < 400 + 3 * strlen(path));
	buf_reset(&b);
	mime_header(&b, "Subject", c->subject);
	check_lines(buf_str(&b), true);
	MUST(b.len == 0 || b.p[b.len - 1] == '\n');
	buf_free(&b);
}

static void
run(struct arena *a, const char *const *text)
{
	struct compose_picture picture = { "\xff\xd8\xff", 3, 1, 1 };
	struct slide slide = { .text = text[1], .duration = text[4], .personal_image = "1" };
	struct template t = { .subject = text[0], .fallback = "", .slide = &slide, .nslide = 1 };
	struct message_var var[] = { { "a", text[2] }, { "b", text[1] } };
	struct message m = { .subject = "", .fallback = text[3], .var = var, .nvar = 2 };
	const struct compose_in in = { .t = &t, .m = &m, .class = "M", .page = "https://h/m/t", .picture = &picture };
	struct composed *c = compose(a, &in);
	const char *sms = compose_sms(a, &in);

	MUST(c != NULL && sms != NULL);
	MUST(strlen(sms) <= COMPOSE_SMS && text_valid(sms, strlen(sms)));
	MUST(strcmp(sms + strlen(sms) - strlen(in.page), in.page) == 0);
	MUST(text_valid(c->subject, strlen(c->subject)));
	if (c->bytes != UINT64_MAX)
		check_message(c, text[5]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new(FUZZ_MEMORY);
	char *copy = a != NULL ? arena_memdup(a, data, size) : NULL;
	const char *text[TEXTS], *at = copy;

	for (int i = 0; copy != NULL && i < TEXTS; i++) {
		text[i] = at <= copy + size ? at : "";
		at = at <= copy + size ? text[i] + strlen(text[i]) + 1 : at;
		if (i < TEXTS - 1 && !text_valid(text[i], strlen(text[i])))
			copy = NULL;	/* what is stored is UTF-8 */
	}
	if (copy != NULL)
		run(a, text);
	arena_free(&a);
	return 0;
}
