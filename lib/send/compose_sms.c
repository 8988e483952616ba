/* compose_sms: see compose_sms.h */
#include "send/compose_sms.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/percent.h"
#include "model/mergetag.h"
#include "model/text.h"
#include "send/gsm7.h"

/* Fills in the tags of a text, without the blanks at its ends. A text above COMPOSE_TEXT loses its
 * end. Returns NULL if memory is short. */
static char *
fill(struct arena *a, const struct message *m, const char *source)
{
	char *text = NULL;
	struct buf b;

	buf_init(&b, COMPOSE_TEXT);
	mergetag_fill(&b, source, m->var, m->nvar, mergetag_cut);
	if (!b.failed || b.full)
		text = arena_memdup(a, buf_str(&b), b.len);
	buf_free(&b);
	return text != NULL ? text_trim(text) : NULL;
}

/* What a text takes of each limit. */
struct length {
	size_t units, bytes, url;
};

static void
add_char(struct length *l, const char *s, size_t n, bool gsm)
{
	uint32_t c = text_take(&s);

	l->units += gsm ? gsm7_septets(c) : c > 0xffff ? 2 : 1;
	l->bytes += n;
	l->url += percent_is_plain(c) ? 1 : 3 * n;
}

static bool
fits(const struct length *l, bool gsm)
{
	return l->units <= (size_t)SMS_PIECES * (gsm ? SMS_SEPTETS : SMS_UNITS) &&
	    l->bytes <= SMS_BYTES && l->url <= SMS_URL;
}

/* Returns how many bytes of the text, which are whole characters, fit beside the link. */
static size_t
within(const char *text, const char *link)
{
	bool gsm = gsm7_holds(text) && gsm7_holds(link);
	struct length l = { 0 };
	const char *end = text;

	for (const char *s = link, *next = s; *s != '\0'; s = next) {
		(void)text_take(&next);
		add_char(&l, s, (size_t)(next - s), gsm);
	}
	for (const char *next = text; *end != '\0'; end = next) {
		(void)text_take(&next);
		add_char(&l, end, (size_t)(next - end), gsm);
		if (!fits(&l, gsm))
			break;
	}
	return (size_t)(end - text);
}

bool
compose_sms(struct arena *a, const struct compose_in *in, struct sms *out)
{
	const struct message *m = in->m;
	const char *const source[] = { m->fallback, in->t->fallback, m->subject, in->t->subject };
	const char *url = m->no_fallback_link || in->page == NULL ? "" : in->page;
	const char *link = url[0] != '\0' ? arena_printf(a, " %s", url) : "";
	char *text = NULL;
	size_t n;

	for (size_t i = 0; i < 4 && (text == NULL || text[0] == '\0'); i++)
		if ((text = fill(a, m, source[i])) == NULL)
			return false;
	if (link == NULL)
		return false;
	n = within(text, link);
	out->cut = text_count(text + n);
	text[n] = '\0';
	out->text = arena_printf(a, "%s%s", text, text[0] != '\0' ? link : url);
	return out->text != NULL;
}
