/*
 * fuzz_compose: a template's texts, a message's values and DURATION, composed.
 *
 * The input is six texts, a NUL between them: subject, text, value, fallback, DURATION,
 * the path of a file. Promises looked after: the SMIL holds nothing of them but the
 * duration's number; a name is ASCII and used once; the weight is what is written; lines are
 * of 998 bytes at most and end with CR LF, in headers and in texts that go as they are, and
 * boundaries stand where they should; an SMS is no longer than SMS_BYTES and ends with the
 * URL.
 */
#include "fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "model/text.h"
#include "send/compose_sms.h"
#include "send/mime.h"
#include "send/mime_part.h"

enum { TEXTS = 6 };

static bool
collect(void *ctx, const void *p, size_t n)
{
	buf_add(ctx, p, n);
	return buf_ok(ctx);
}

/* Lines that end with CR LF and are not too long; header: in ASCII, and of one header
 * folded each but the first is an encoded word. */
static void
check_lines(const char *s, bool header)
{
	for (size_t line = 0; *s != '\0'; s++, line++) {
		if (*s != '\r') {
			MUST(*s != '\n' && (!header || (*s >= 0x20 && *s < 0x7f)));
			continue;
		}
		MUST(line <= 998 && s[1] == '\n');
		s++;
		line = (size_t)-1;
		MUST(!header || s[1] == '\0' || strncmp(s + 1, " =?utf-8?B?", 11) == 0);
	}
}

static size_t
count(const struct buf *b, const char *s)
{
	size_t n = 0;

	for (const char *at = buf_str(b); (at = strstr(at, s)) != NULL; at++)
		n++;
	return n;
}

static void
check_smil(const char *s)
{
	static const char with_text[] = "<img src=\"slide1.jpg\" region=\"Image\"/>\n"
					"<text src=\"slide1.txt\" region=\"Text\"/>\n"
					"</par>\n</body></smil>";
	static const char without[] = "<img src=\"slide1.jpg\" region=\"Image\"/>\n"
				      "</par>\n</body></smil>";
	const char *dur = strstr(s, "<par dur=\"");
	size_t n;

	MUST(dur != NULL && strstr(dur + 1, "<par ") == NULL);
	n = strspn(dur + 10, "0123456789");
	MUST(n > 0 && n <= 7 && strncmp(dur + 10 + n, "ms\">\n", 5) == 0);
	s = dur + 15 + n;
	MUST(strcmp(s, with_text) == 0 || strcmp(s, without) == 0);
}

static void
check_message(const struct composed *c, const char *path)
{
	static const char boundary[] = MIME_MARK "01234567890123456789012345678901";
	static const struct settings none;
	struct mime m = { .c = c, .boundary = boundary };
	struct buf b;
	struct mime_out out = { collect, &b };

	check_smil(c->part[0].own);
	buf_init(&b, FUZZ_MEMORY);
	MUST(mime_related(&none, &m, &out));
	check_lines(buf_str(&b), false);
	MUST(mime_weight(&m) == b.len);
	MUST(count(&b, MIME_MARK) == c->npart + 2 && count(&b, boundary) == c->npart + 2);
	buf_reset(&b);
	m.parts = PARTS_BINARY;
	MUST(mime_related(&none, &m, &out));
	MUST(mime_weight(&m) == b.len);
	buf_reset(&b);
	mime_part_refer(&b, &m, &c->part[1], path);
	MUST(b.len < 500 + 3 * strlen(path));
	buf_reset(&b);
	mime_header(&b, "Subject", c->subject);
	check_lines(buf_str(&b), true);
	MUST(b.len == 0 || b.p[b.len - 1] == '\n');
	buf_free(&b);
}

static void
run(struct arena *a, const char *const *text)
{
	struct personal_image image = { "\xff\xd8\xff", 3, 1, 1 };
	struct slide slide = { .text = text[1], .duration = text[4], .image_template = "1" };
	struct template t = { .subject = text[0], .fallback = "", .slide = &slide, .nslide = 1 };
	struct message_var var[] = { { "a", text[2] }, { "b", text[1] } };
	struct message m = { .from_mask = "",
		.subject = "",
		.fallback = text[3],
		.var = var,
		.nvar = 2 };
	const struct compose_in in = { .t = &t,
		.m = &m,
		.class = "M",
		.page = "https://h/m/t",
		.personal_image = &image };
	struct composed *c = compose(a, &in);
	struct sms sms;
	size_t n;

	MUST(c != NULL && compose_sms(a, &in, &sms));
	n = strlen(sms.text);
	MUST(n <= SMS_BYTES && text_valid(sms.text, n));
	MUST(strcmp(sms.text + n - strlen(in.page), in.page) == 0);
	MUST(text_valid(c->subject, strlen(c->subject)));
	if (c->air != UINT64_MAX)
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
			copy = NULL; /* what is stored is UTF-8 */
	}
	if (copy != NULL)
		run(a, text);
	arena_free(&a);
	return 0;
}
