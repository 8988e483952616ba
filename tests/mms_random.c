/* mms_random: see mms_random.h */
#include "mms_random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { TEXT_CHARS = 5000, SUBJECT_CHARS = 80, PIECE = 8 };

uint32_t
mms_random_below(struct mms_random *r, uint32_t n)
{
	r->x = r->x * 1664525U + 1013904223U;
	return (uint32_t)(((uint64_t)r->x * n) >> 32);
}

/* Returns a text of as many pieces as chars says. Each is one of set, in UTF-8, of at most PIECE
 * bytes. */
static const char *
text_of(struct mms_random *r, struct arena *a, size_t chars, const char *const *set)
{
	char *text = arena_zalloc(a, chars * PIECE + 1);
	uint32_t n = 0;
	size_t len = 0;

	if (text == NULL)
		exit(99);
	while (set[n] != NULL)
		n++;
	for (size_t i = 0; i < chars; i++) {
		const char *c = set[mms_random_below(r, n)];

		memcpy(text + len, c, strlen(c));
		len += strlen(c);
	}
	return text;
}

/* Returns the text of a slide, or NULL for none. */
static const char *
slide_text(struct mms_random *r, struct arena *a)
{
	static const char *const ascii[] = { "a", "b", " ", ".", "&", "<", NULL };
	static const char *const lines[] = { "a", "\n", NULL };
	static const char *const wide[] = { "\xf0\x9f\x98\x80", "\xe2\x82\xac", NULL };
	static const char *const mixed[] = { "x", "\xc3\xa9", "\xd0\x96", "\xf0\x9f\x98\x80", "\n",
		"\t", "{", "}", "$", "|", NULL };
	static const char *const set[] = { "=", "_", "savemms_", "-", "--", "\n", NULL };
	static const char *const hostile[] = { "--=_savemms_\n",
		"a\n--=_savemms_T0000000000000000000000000000001--\nb",
		"{$name|friend} and {$none}{$city|}", "\n.\n", "From me\n" };

	switch (mms_random_below(r, 9)) {
	case 0:
		return NULL;
	case 1:
		return text_of(r, a, TEXT_CHARS, ascii);
	case 2:
		return text_of(r, a, TEXT_CHARS, lines);
	case 3:
		return text_of(r, a, TEXT_CHARS, wide);
	case 4:
		return text_of(r, a, 1 + mms_random_below(r, TEXT_CHARS), mixed);
	case 5:
		return text_of(r, a, 1 + mms_random_below(r, 300), set);
	case 6:
		return hostile[mms_random_below(r, sizeof hostile / sizeof hostile[0])];
	default:
		return text_of(r, a, 1 + mms_random_below(r, 160), mixed);
	}
}

static void
add(struct mms_random *r, size_t slide, enum kind k, const char *class)
{
	static const enum format source[KIND_COUNT] = { FORMAT_WEBP, FORMAT_WAV, FORMAT_MOV,
		FORMAT_VCF, FORMAT_ICS, FORMAT_PDFDOC };
	static const enum format images[] = { FORMAT_JPEG, FORMAT_PNG, FORMAT_GIF };
	struct slide *s = &r->slide[slide];
	struct medium *m = &r->medium[slide][s->nmedium];
	struct rendition *made = &r->rendition[slide][s->nmedium++];

	*m = (struct medium){ .kind = k,
		.format = source[k],
		.url = "https://h/x",
		.mime = "",
		.bytes = 1 + mms_random_below(r, 3000) };
	if (kind_is_object(k))
		return;
	m->rendition = made;
	m->nrendition = 1;
	if (k == KIND_IMAGE)
		made->format = images[mms_random_below(r, 3)];
	else
		made->format = k == KIND_AUDIO ? FORMAT_MP3 : FORMAT_MP4;
	made->ms = mms_random_below(r, 4000000);
	made->bytes = 1 + mms_random_below(r, 6000);
	(void)snprintf(made->class, sizeof made->class, "%s", class);
}

static void
fill_slide(struct mms_random *r, struct arena *a, size_t i, const char *class)
{
	static const char *const durations[] = { NULL, "5", "2.5", "99999", "x" };
	struct slide *s = &r->slide[i];
	uint32_t what = mms_random_below(r, 8);

	*s = (struct slide){ .text = slide_text(r, a),
		.medium = r->medium[i],
		.duration = durations[mms_random_below(r, 5)] };
	if (what < 4)
		add(r, i, KIND_IMAGE, class);
	if (what >= 2 && what < 5)
		add(r, i, KIND_AUDIO, class);
	if (what == 5)
		add(r, i, KIND_VIDEO, class);
	if (what >= 6)
		add(r, i, (enum kind)(KIND_VCARD + (int)mms_random_below(r, 3)), class);
}

static void
fill_message(struct mms_random *r, struct arena *a, bool values)
{
	static const char *const latin[] = { "a", "B", " ", "\xc3\xa9", "\xc3\xbf", "=", "?", "&",
		"<", NULL };
	static const char *const label[] = { "a", "1", "\xd0\x96", "\r\n", " ", "&", "\"", "=?",
		NULL };

	r->m = message_to_nobody;
	r->m.account = 1;
	r->m.mmsid = 35674;
	r->m.created = 1795573261000000;
	r->m.to = "15551234567";
	r->m.from = "12345";
	(void)snprintf(r->m.tracking + 20, sizeof r->m.tracking - 20, "%012u",
	    (unsigned)r->x % 1000000000U);
	r->t.subject = text_of(r, a, mms_random_below(r, 2) * SUBJECT_CHARS, latin);
	if (!values)
		return;
	r->m.from = mms_random_below(r, 2) ? "12345" : "15550001234567";
	r->m.from_mask = text_of(r, a, mms_random_below(r, 2) * mms_random_below(r, 50), label);
	r->m.reference = text_of(r, a, mms_random_below(r, 64), label);
	r->m.operator_id = text_of(r, a, mms_random_below(r, 2) * 7, label);
	r->m.subject = text_of(r, a, mms_random_below(r, 2) * mms_random_below(r, SUBJECT_CHARS),
	    latin);
	r->var[0] = (struct message_var){ "city", text_of(r, a, mms_random_below(r, 40), latin) };
	r->var[1] = (struct message_var){ "name", "a\r\n--=_savemms_T" };
	r->m.var = r->var;
	r->m.nvar = 2;
}

void
mms_random(struct mms_random *r, struct arena *a, uint32_t seed, const char *class, bool values)
{
	memset(r, 0, sizeof *r);
	r->x = seed * 2654435761U + 1;
	r->t = (struct template){ .id = 35674,
		.account = 1,
		.name = "random",
		.subject = "",
		.fallback = "",
		.reference = "",
		.transcoding = true,
		.slide = r->slide,
		.nslide = 1 + mms_random_below(r, RANDOM_SLIDES) };
	fill_message(r, a, values);
	for (size_t i = 0; i < r->t.nslide; i++)
		fill_slide(r, a, i, class);
	r->in = (struct compose_in){ .t = &r->t,
		.m = &r->m,
		.class = class,
		.attach = 1U << KIND_VCARD,
		.page = "https://mms.example.com/of/a/shop/m/0123456789ABCDEF0123456789ABCDEF",
		.report_url = mms_random_below(r, 4) > 0 ? "https://mms.example.com/report/sms/x" :
							   "",
		.subject_chars = SUBJECT_CHARS };
}

bool
mms_random_share(struct mms_random *r, uint64_t sum)
{
	struct rendition *last = NULL;

	for (size_t i = 0; i < r->t.nslide; i++)
		for (size_t k = 0; k < r->slide[i].nmedium; k++) {
			struct medium *m = &r->slide[i].medium[k];

			if (m->nrendition == 0)
				continue;
			last = m->rendition;
			last->bytes = sum * mms_random_below(r, 1000) / 1000;
			sum -= last->bytes;
		}
	if (last != NULL)
		last->bytes += sum;
	return last != NULL;
}
