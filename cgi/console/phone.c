/*
 * phone: shows a template as phones show it. The functions that send it also decide and
 * compose here (send/choose_class.h, send/compose_largest.h), for a handset of the chosen kind
 * and an unknown carrier.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgi/console/template_page.h"
#include "cgi/console/phone.h"
#include "cgi/url.h"
#include "send/compose_largest.h"
#include "send/compose_sms.h"

static const struct phone {
	const char *word, *text;
	const char *handset; /* as in a delivery report; NULL: the SMS */
} phones[] = {
	{ "iphone", "iPhone", "iPhone" },
	{ "android", "Android", "Android" },
	{ "other", "Other phone", "BlackBerry" },
	{ "unknown", "Unknown phone", "" },
	{ "sms", "Fallback SMS", NULL },
};

static void
write_choice(struct console *c, const struct template *t, const struct phone *chosen)
{
	buf_adds(c->out,
	    "<h2 id=\"phone\">Preview</h2>\n"
	    "<nav class=\"tabs\" aria-label=\"Type of phone\"><ul>\n");
	for (size_t i = 0; i < sizeof phones / sizeof phones[0]; i++) {
		html_open(c->out, "li", NULL);
		html_open(c->out, "a", "href",
		    console_url(c, "templates/%" PRIu64 "?as=%s#phone", t->id, phones[i].word),
		    "aria-current", &phones[i] == chosen ? "true" : NULL, NULL);
		html_text(c->out, phones[i].text);
		buf_adds(c->out, "</a></li>\n");
	}
	buf_adds(c->out, "</ul></nav>\n");
}

/* --- the parts of an MMS ----------------------------------------------------------- */

/* Returns the slide that the name of the part gives, or 0. */
static unsigned long
slide_of(const struct compose_part *p)
{
	return strncmp(p->id, "slide", 5) == 0 ? strtoul(p->id + 5, NULL, 10) : 0;
}

static void
write_file(struct console *c, const struct compose_part *p, const char *url)
{
	char size[CONSOLE_SIZE];

	console_size(p->bytes, size);
	html_open(c->out, "p", "class", "file", NULL);
	console_link(c, url, p->id, NULL);
	html_elem(c->out, "span", arena_printf(c->arena, "%s, %s", p->type, size));
	html_close(c->out, "p");
}

static enum format
format_of_part(const struct compose_part *p)
{
	const char *dot = strrchr(p->id, '.');

	for (int f = 1; dot != NULL && f < FORMAT_COUNT; f++)
		if (strcmp(format_ext((enum format)f), dot + 1) == 0)
			return (enum format)f;
	return FORMAT_NONE;
}

static void
write_part(struct console *c, const struct compose_part *p)
{
	enum format f = format_of_part(p);
	const char *url = p->sha != NULL && f != FORMAT_NONE ? console_media(c, p->sha, f) : "#";
	const char *label = arena_printf(c->arena, "Slide %lu", slide_of(p));

	if (p->own != NULL && strncmp(p->type, "text/plain", 10) == 0) {
		html_open(c->out, "p", "class", "bubble", NULL);
		html_lines(c->out, arena_memdup(c->arena, p->own, p->len));
		html_close(c->out, "p");
	} else if (strncmp(p->type, "image/", 6) == 0) {
		html_open(c->out, "img", "src", url, "alt", label, "loading", "lazy", NULL);
	} else if (strncmp(p->type, "video/", 6) == 0) {
		html_open(c->out, "video", "src", url, "controls", "", "preload", "metadata",
		    "aria-label", label, NULL);
		html_close(c->out, "video");
	} else if (strncmp(p->type, "audio/", 6) == 0) {
		html_open(c->out, "audio", "src", url, "controls", "", "preload", "none",
		    "aria-label", label, NULL);
		html_close(c->out, "audio");
		write_file(c, p, url); /* few browsers play AMR */
	} else {
		write_file(c, p, url);
	}
}

static void
write_parts(struct console *c, const struct composed *mms)
{
	unsigned long slide = 0;

	buf_adds(c->out, "<div class=\"phone\">");
	if (mms->subject[0] != '\0') {
		html_open(c->out, "p", "class", "subject", NULL);
		html_text(c->out, mms->subject);
		html_close(c->out, "p");
	}
	for (size_t i = 1; i < mms->npart; i++) {
		if (slide_of(&mms->part[i]) != slide) {
			if (slide != 0)
				html_close(c->out, "section");
			slide = slide_of(&mms->part[i]);
			html_open(c->out, "section", "aria-label",
			    arena_printf(c->arena, "Slide %lu", slide), NULL);
		}
		write_part(c, &mms->part[i]);
	}
	if (slide != 0)
		html_close(c->out, "section");
	buf_adds(c->out, "</div>\n");
}

/* --- as which class, or as an SMS ---------------------------------------------------- */

/* Sets up what to compose, with the URLs that a message would have. Returns false when memory is
 * short, which the answer will find, too. */
static bool
compose_base(struct console *c, const struct template *t, struct compose_in *in)
{
	const char *base = page_base(c->app, c->http, &c->account, c->arena);

	*in = (struct compose_in){ .t = t,
		.m = &message_to_nobody,
		.class = "",
		.page = arena_printf(c->arena, "%s/m/…", base != NULL ? base : ""),
		.report_url = arena_printf(c->arena, "%s/report/sms/%s", base != NULL ? base : "",
		    message_to_nobody.tracking),
		.subject_chars = c->app->settings.max_subject_chars };
	return in->page != NULL && in->report_url != NULL;
}

static void
write_sms(struct console *c, const struct template *t, const char *why)
{
	struct compose_in in;
	struct sms sms;

	if (why != NULL)
		console_say(c, "hint", arena_printf(c->arena, "Sent as an SMS: %s.", why));
	if (t->no_fallback) {
		console_say(c, "hint",
		    "The fallback SMS is disabled. If the MMS cannot be sent, the message fails.");
		return;
	}
	if (!compose_base(c, t, &in) || !compose_sms(c->arena, &in, &sms))
		return;
	if (sms.text[0] == '\0') {
		console_say(c, "hint",
		    "The fallback SMS is empty once its tags are filled in. The message fails.");
		return;
	}
	html_open(c->out, "div", "class", "phone", NULL);
	html_open(c->out, "p", "class", "bubble", NULL);
	html_lines(c->out, sms.text);
	buf_adds(c->out, "</p></div>\n");
	if (t->no_fallback_link)
		return;
	html_open(c->out, "p", "class", "buttons", NULL);
	console_link(c, console_url(c, "templates/%" PRIu64 "/page/", t->id), "View hosted page",
	    "button second");
	html_close(c->out, "p");
}

/* Writes the size of the MMS beside the limits, and beside the transport's limit if it has one. */
static void
write_size(struct console *c, const struct decision *d, const struct choice *best)
{
	char size[CONSOLE_SIZE], limit[CONSOLE_SIZE];
	const char *own = "";

	if (d->transport->max_bytes != 0) {
		console_size(d->transport->count == COUNT_AIR ? best->mms->air : best->mms->wire,
		    size);
		console_size(d->transport->max_bytes, limit);
		own = arena_printf(c->arena, " %s of the %s limit of transport %s%s.", size, limit,
		    d->transport->name,
		    d->transport->count == COUNT_AIR ? "" : ", as encoded for it");
	}
	console_size(best->mms->air, size);
	console_size(d->limit, limit);
	console_say(c, "hint",
	    arena_printf(c->arena,
		"Sent in class %s: %s of the %s limit for this handset and an unknown carrier.%s",
		best->class->name, size, limit, own != NULL ? own : ""));
}

static void
write_mms(struct console *c, const struct template *t, const struct phone *p)
{
	struct compose_in in;
	struct decision d;
	struct choice best;
	char why[COMPOSE_WHY];

	choose_class(&c->app->settings, t, &message_to_nobody, p->handset, &d);
	if (!compose_base(c, t, &in) || !compose_largest(c->arena, &d, &in, &best))
		return;
	if (best.mms == NULL) {
		compose_explain(&d, best.least, why);
		write_sms(c, t, why);
		return;
	}
	write_size(c, &d, &best);
	write_parts(c, best.mms);
}

void
console_phone(struct console *c, const struct template *t, const char *as)
{
	const struct phone *p = &phones[0];

	for (size_t i = 0; i < sizeof phones / sizeof phones[0]; i++)
		if (strcmp(phones[i].word, as) == 0)
			p = &phones[i];
	write_choice(c, t, p);
	if (p->handset == NULL)
		write_sms(c, t, NULL);
	else if (template_state(t) == TEMPLATE_ENCODING)
		console_say(c, "hint", "Audio or video is still being encoded.");
	else
		write_mms(c, t, p);
}
