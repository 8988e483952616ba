/* page: see page.h */
#include "send/page.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/htmlout.h"
#include "base/num.h"
#include "model/mergetag.h"
#include "send/compose.h"

enum { SLIDE_DIGITS = 3, SIZE_TEXT = 32, DETAILS = 96 };

/* The label of a medium on the page, and the name of a file of it. */
static const struct words {
	const char *label, *file;
} words[KIND_COUNT] = {
	[KIND_IMAGE] = { "Image", "picture" },
	[KIND_AUDIO] = { "Audio", "audio" },
	[KIND_VIDEO] = { "Video", "video" },
	[KIND_VCARD] = { "Contact", "contact" },
	[KIND_ICAL] = { "Calendar event", "event" },
	[KIND_PDF] = { "Document", "document" },
};

/* Returns the last rendition, because the classes are in ascending order of size; AMR, which few
 * browsers play, only where there is no other. */
static const struct rendition *
for_browsers(const struct medium *m)
{
	for (size_t i = m->nrendition; i-- > 0;)
		if (m->rendition[i].format != FORMAT_AMR)
			return &m->rendition[i];
	return &m->rendition[m->nrendition - 1];
}

struct page_medium
page_medium(const struct medium *m)
{
	const struct rendition *r;

	if (m->nrendition == 0)
		return (struct page_medium){ m->sha, m->format, m->bytes, m->width, m->height,
			m->ms, medium_is_personal_image(m) };
	r = for_browsers(m);
	return (struct page_medium){ r->sha, r->format, r->bytes, r->width, r->height, r->ms,
		medium_is_personal_image(m) };
}

void
page_name(uint32_t slide, enum format f, char out[PAGE_NAME])
{
	(void)snprintf(out, PAGE_NAME, "%" PRIu32 ".%s", slide, format_ext(f));
}

void
page_save_name(enum format f, char out[PAGE_NAME])
{
	(void)snprintf(out, PAGE_NAME, "%s.%s", words[format_kind(f)].file, format_ext(f));
}

bool
page_expired(const struct message *m, int64_t now)
{
	return now >= m->expires;
}

/* Returns the slide of a name, and sets *ext to what follows its number ("" or ".jpg"). Returns
 * NULL if the name has another form or there is no such slide. */
static const struct slide *
name_slide(const struct template *t, const char *name, const char **ext)
{
	char number[SLIDE_DIGITS + 1];
	size_t n = strspn(name, ASCII_DIGITS);
	uint64_t slide;

	if (n == 0 || n > SLIDE_DIGITS || name[0] == '0')
		return NULL;
	memcpy(number, name, n);
	number[n] = '\0';
	*ext = name + n;
	return num_u64(number, 1, t->nslide, &slide) ? &t->slide[slide - 1] : NULL;
}

bool
page_find(const struct template *t, const char *name, struct page_medium *out)
{
	const char *ext;
	const struct slide *s = name_slide(t, name, &ext);
	bool found = false;

	for (size_t i = 0; s != NULL && i < s->nmedium; i++) {
		struct page_medium m = page_medium(&s->medium[i]);

		if (*ext == '\0' ? !found || kind_is_object(s->medium[i].kind) :
				   *ext == '.' && strcmp(ext + 1, format_ext(m.format)) == 0) {
			*out = m;
			found = true;
		}
	}
	return found;
}

static void
size_text(uint64_t bytes, char out[SIZE_TEXT])
{
	if (bytes < 1024)
		(void)snprintf(out, SIZE_TEXT, "%" PRIu64 " bytes", bytes);
	else if (bytes < 1024 * 1024)
		(void)snprintf(out, SIZE_TEXT, "%" PRIu64 " KB", (bytes + 512) / 1024);
	else
		(void)snprintf(out, SIZE_TEXT, "%.1f MB", (double)bytes / (1024 * 1024));
}

/* "MP4, 1:05, 1.2 MB" */
static void
details(const struct page_medium *m, char out[DETAILS])
{
	char size[SIZE_TEXT], length[SIZE_TEXT] = "", ext[16];
	uint32_t seconds = (m->ms + 500) / 1000;
	size_t n = 0;

	for (const char *p = format_ext(m->format); *p != '\0' && n < sizeof ext - 1; p++)
		ext[n++] = (char)toupper((unsigned char)*p);
	ext[n] = '\0';
	size_text(m->bytes, size);
	if (kind_is_av(format_kind(m->format)) && m->ms > 0)
		(void)snprintf(length, sizeof length, ", %" PRIu32 ":%02" PRIu32, seconds / 60,
		    seconds % 60);
	(void)snprintf(out, DETAILS, "%s%s, %s", ext, length, size);
}

static void
write_link(struct buf *out, const struct page_medium *m, const char *url)
{
	char text[DETAILS];

	details(m, text);
	buf_adds(out, "<p class=\"file\">");
	html_open(out, "a", "href", url, "type", format_mime(m->format), NULL);
	html_text(out, words[format_kind(m->format)].label);
	buf_adds(out, "</a> ");
	html_elem(out, "small", text);
	buf_adds(out, "</p>\n");
}

/* Returns a number as the value of an attribute; NULL for 0, which leaves the attribute out. */
static const char *
number(uint32_t v, char text[12])
{
	(void)snprintf(text, 12, "%" PRIu32, v);
	return v > 0 ? text : NULL;
}

static void
write_image(struct buf *out, const char *url, const struct page_medium *m)
{
	char width[12], height[12];

	buf_adds(out, "<p class=\"medium\">");
	html_open(out, "img", "src", url, "width", number(m->width, width), "height",
	    number(m->height, height), "alt", words[KIND_IMAGE].label, NULL);
	buf_adds(out, "</p>\n");
}

static void
write_player(struct buf *out, const char *url, const struct page_medium *m)
{
	const char *name = format_kind(m->format) == KIND_VIDEO ? "video" : "audio";
	char width[12], height[12];

	buf_adds(out, "<p class=\"medium\">");
	html_open(out, name, "src", url, "width", number(m->width, width), "height",
	    number(m->height, height), "controls", "", "preload", "metadata", "playsinline",
	    name[0] == 'v' ? "" : NULL, NULL);
	html_close(out, name);
	buf_adds(out, "</p>\n");
}

static void
write_medium(struct buf *out, const struct page_in *in, uint32_t slide, const struct medium *medium)
{
	struct page_medium m = page_medium(medium);
	char name[PAGE_NAME], url[PAGE_NAME + TRACKING];

	page_name(slide, m.format, name);
	(void)snprintf(url, sizeof url, "%s%s", in->dir, name);
	if (medium->kind == KIND_IMAGE)
		write_image(out, url, &m);
	else if (kind_is_av(medium->kind))
		write_player(out, url, &m);
	if (medium->kind != KIND_IMAGE)
		write_link(out, &m, url);
}

/* Writes the personal image. It is a JPEG of the same shape as the one with the default values,
 * which is among the media of the slide. */
static void
write_personal(struct buf *out, const struct page_in *in, uint32_t n)
{
	const struct slide *s = &in->t->slide[n - 1];
	char name[PAGE_NAME], url[PAGE_NAME + TRACKING];
	struct page_medium m = { .format = FORMAT_JPEG };

	for (size_t i = 0; i < s->nmedium; i++)
		if (s->medium[i].kind == KIND_IMAGE)
			m = page_medium(&s->medium[i]);
	page_name(n, FORMAT_JPEG, name);
	(void)snprintf(url, sizeof url, "%s%s", in->dir, name);
	write_image(out, url, &m);
}

/* Writes a text with its tags filled in: at most *room bytes of it, by which *room goes down. */
static void
write_text(struct buf *out, const struct page_in *in, const char *text, size_t *room)
{
	struct buf filled;

	buf_init(&filled, *room);
	mergetag_fill(&filled, text, in->m->var, in->m->nvar, mergetag_cut);
	if (filled.failed && !filled.full)
		out->failed = true; /* memory is short */
	buf_adds(out, "<p class=\"text\" dir=\"auto\">");
	html_lines(out, buf_str(&filled));
	if (filled.full)
		html_text(out, "…");
	buf_adds(out, "</p>\n");
	*room -= filled.len;
	buf_free(&filled);
}

/* Writes the image or player first, then the text, then what can be downloaded. */
static void
write_slide(struct buf *out, const struct page_in *in, uint32_t n, size_t *room)
{
	const struct slide *s = &in->t->slide[n - 1];
	const char *text = message_slide_text(in->m, n, s->text);

	buf_adds(out, "<div class=\"slide\">\n");
	if (s->image_template != NULL)
		write_personal(out, in, n);
	for (size_t i = 0; i < s->nmedium; i++)
		if (!kind_is_object(s->medium[i].kind) &&
		    (s->image_template == NULL || s->medium[i].kind != KIND_IMAGE))
			write_medium(out, in, n, &s->medium[i]);
	if (text != NULL && text[0] != '\0')
		write_text(out, in, text, room);
	for (size_t i = 0; i < s->nmedium; i++)
		if (kind_is_object(s->medium[i].kind))
			write_medium(out, in, n, &s->medium[i]);
	buf_adds(out, "</div>\n");
}

static void
write_until(struct buf *out, int64_t expires)
{
	char when[CLOCK_TEXT];

	clock_iso(expires, when);
	when[strlen("2026-11-22")] = '\0';
	buf_adds(out, "<p class=\"until\">This page is available until ");
	html_text(out, when);
	buf_adds(out, ".</p>\n");
}

void
page_html(struct buf *out, const struct page_in *in)
{
	const struct compose_in subject_of = { .t = in->t,
		.m = in->m,
		.subject_chars = in->subject_chars };
	const char *subject = compose_subject(in->a, &subject_of);
	size_t room = PAGE_TEXT;

	if (subject == NULL) {
		out->failed = true; /* memory is short */
		return;
	}
	html_doc_open(out, NULL, subject[0] != '\0' ? subject : "Message", in->style);
	if (subject[0] != '\0') {
		html_open(out, "h1", "dir", "auto", NULL);
		html_text(out, subject);
		buf_adds(out, "</h1>\n");
	}
	for (size_t i = 0; i < in->t->nslide; i++)
		write_slide(out, in, (uint32_t)i + 1, &room);
	write_until(out, in->m->expires);
	html_doc_close(out);
}

void
page_notice(struct buf *out, const char *style, const char *heading, const char *text)
{
	html_doc_open(out, "en", heading, style);
	html_elem(out, "h1", heading);
	html_elem(out, "p", text);
	buf_addc(out, '\n');
	html_doc_close(out);
}
