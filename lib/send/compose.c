/*
 * compose: see compose.h. The presentation is the subset of SMIL 2.0 that MMS Conformance 1.2
 * defines (one par per slide, the regions Image and Text, dur in milliseconds), and it is valid
 * by SMIL21Mobile.dtd.
 *
 * A SMIL element refers to a part by its bare name. The Android readers of all vendors that could
 * be examined find a bare name by name, file name and Content-Location, and some of them by
 * Content-ID. They find "cid:" by Content-ID alone, which some gateways drop or rewrite. OMA
 * allows both forms, and Content-Location as a relative URI.
 */
#include "send/compose.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "media/media_magic.h"
#include "model/mergetag.h"
#include "model/text.h"
#include "send/air.h"

/* DUR: milliseconds of a slide that names none, as in the composer of Android. DUR_MAX: an
 * hour. */
enum { DUR = 5000, DUR_MAX = 3600 * 1000, SMIL_CAP = 1 << 18 };

static const char smil_name[] = "slides.smil";

/* It has line breaks so that it can travel as it is (RFC 2045, 2.7). */
static const char smil_head[] =
    "<smil xmlns=\"http://www.w3.org/2001/SMIL20/Language\"><head><layout>\n"
    "<root-layout width=\"320\" height=\"480\"/>\n"
    "<region id=\"Image\" left=\"0\" top=\"0\" width=\"320\" height=\"320\" fit=\"meet\"/>\n"
    "<region id=\"Text\" left=\"0\" top=\"320\" width=\"320\" height=\"160\" fit=\"scroll\"/>\n"
    "</layout></head><body>\n";
static const char smil_tail[] = "</body></smil>";

struct build {
	struct arena *a;
	const struct compose_in *in;
	struct composed *c;
	struct buf smil, text;
	size_t slide;   /* from 1 */
	size_t first;   /* first part of this slide */
	size_t too_big; /* the first slide whose text is too big; 0: none */
};

static bool
is_blank(const char *s)
{
	return s[strspn(s, " \t\r\n")] == '\0';
}

/* Fills in the tags of a text. */
static void
fill(struct build *b, const char *text)
{
	buf_reset(&b->text);
	mergetag_fill(&b->text, text, b->in->m->var, b->in->m->nvar, mergetag_plain);
}

/* Tells whether a part of this slide has this id. (The number keeps the names of two slides
 * apart.) */
static bool
name_is_taken(const struct build *b, const char *id)
{
	for (size_t i = b->first; i < b->c->npart; i++)
		if (strcmp(b->c->part[i].id, id) == 0)
			return true;
	return false;
}

/* Adds a part with the next free name. Returns NULL if memory is short. */
static struct compose_part *
add_part(struct build *b, const char *type, const char *ext)
{
	char id[48];
	struct compose_part *p;

	(void)snprintf(id, sizeof id, "slide%zu.%s", b->slide, ext);
	for (size_t n = 2; name_is_taken(b, id); n++)
		(void)snprintf(id, sizeof id, "slide%zu-%zu.%s", b->slide, n, ext);
	p = &b->c->part[b->c->npart];
	p->type = type;
	if ((p->id = arena_strdup(b->a, id)) == NULL)
		return NULL;
	b->c->npart++;
	return p;
}

/* Returns the type that handsets know in a message: for a vCard that of AOSP's ContentType, which
 * iOS uses too. */
static const char *
mms_type(enum format f)
{
	return f == FORMAT_VCF ? "text/x-vCard" : format_mime(f);
}

static void
add_smil_element(struct build *b, const char *element, const char *id, const char *region)
{
	buf_printf(&b->smil, "<%s src=\"%s\"", element, id);
	if (region != NULL)
		buf_printf(&b->smil, " region=\"%s\"", region);
	buf_adds(&b->smil, "/>\n");
}

static bool
add_medium(struct build *b, const struct medium *m)
{
	const struct rendition *r = medium_rendition(m, b->in->class);
	enum format f = r != NULL ? r->format : m->format;
	struct compose_part *p = add_part(b, mms_type(f), format_ext(f));

	if (p == NULL)
		return false;
	p->sha = r != NULL ? r->sha : m->sha;
	p->bytes = r != NULL ? r->bytes : m->bytes;
	p->attached = kind_is_object(m->kind);
	if (m->kind == KIND_IMAGE)
		add_smil_element(b, "img", p->id, "Image");
	else if (m->kind == KIND_VIDEO)
		add_smil_element(b, "video", p->id, "Image");
	else if (m->kind == KIND_AUDIO)
		add_smil_element(b, "audio", p->id, NULL);
	return true;
}

static bool
add_personal_image(struct build *b, const struct personal_image *pic)
{
	enum format f = media_magic(pic->p, pic->n < SNIFF_HEAD ? pic->n : SNIFF_HEAD, pic->n);
	struct compose_part *p;

	if (f == FORMAT_NONE || format_kind(f) != KIND_IMAGE)
		f = FORMAT_JPEG;
	if ((p = add_part(b, format_mime(f), format_ext(f))) == NULL)
		return false;
	p->own = pic->p;
	p->bytes = p->len = pic->n;
	add_smil_element(b, "img", p->id, "Image");
	return true;
}

/* Adds the text of the slide and, if an object is not attached, a line with its link. */
static bool
add_text(struct build *b, const char *text, bool link)
{
	struct compose_part *p;

	fill(b, text != NULL ? text : "");
	if (link) {
		if (b->text.len > 0 && b->text.p[b->text.len - 1] != '\n')
			buf_addc(&b->text, '\n');
		buf_printf(&b->text, "%s/%zu", b->in->page, b->slide);
	}
	if (b->text.full) {
		b->too_big = b->too_big != 0 ? b->too_big : b->slide;
		return true;
	}
	if (!buf_ok(&b->text))
		return false;
	if (b->text.len == 0)
		return true;
	if ((p = add_part(b, "text/plain", "txt")) == NULL ||
	    (p->own = arena_memdup(b->a, b->text.p, b->text.len)) == NULL)
		return false;
	p->bytes = p->len = b->text.len;
	add_smil_element(b, "text", p->id, "Text");
	return true;
}

/* Returns the milliseconds of a DURATION, which is in seconds with or without a fraction; 0 if it
 * is not readable. */
static uint32_t
read_duration(const char *s)
{
	uint64_t ms = 0, unit = 1000;
	bool digits = false, point = false;

	for (s += strspn(s, " \t\r\n"); (*s >= '0' && *s <= '9') || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		digits = true;
		unit = point ? unit / 10 : unit;
		ms = point ? ms + (uint64_t)(*s - '0') * unit :
			     ms * 10 + (uint64_t)(*s - '0') * 1000;
		ms = ms < DUR_MAX ? ms : DUR_MAX;
	}
	s += *s == 's';
	s += strspn(s, " \t\r\n");
	return digits && *s == '\0' ? (uint32_t)ms : 0;
}

/* Returns what DURATION says; else DUR, or the length of the longest audio or video of the slide
 * if that is more. */
static uint32_t
duration(const struct compose_in *in, const struct slide *s)
{
	uint32_t ms = s->duration != NULL ? read_duration(s->duration) : 0, longest = DUR;

	for (size_t i = 0; i < s->nmedium; i++) {
		const struct rendition *r = medium_rendition(&s->medium[i], in->class);
		uint32_t own = r != NULL ? r->ms : s->medium[i].ms;

		if (kind_is_av(s->medium[i].kind) && own > longest)
			longest = own < DUR_MAX ? own : DUR_MAX;
	}
	return ms > 0 ? ms : longest;
}

static bool
add_slide(struct build *b, const struct slide *s)
{
	const struct compose_in *in = b->in;
	bool link = false;

	b->first = b->c->npart;
	buf_printf(&b->smil, "<par dur=\"%ums\">\n", (unsigned)duration(in, s));
	if (s->image_template != NULL && in->personal_image != NULL &&
	    !add_personal_image(b, in->personal_image))
		return false;
	for (size_t i = 0; i < s->nmedium; i++) {
		enum kind k = s->medium[i].kind;

		if (medium_is_personal_image(&s->medium[i]) && in->personal_image != NULL)
			continue; /* the personal image replaces it */
		if (kind_is_object(k) && !(in->attach & 1U << k))
			link = true;
		else if (!add_medium(b, &s->medium[i]))
			return false;
	}
	if (!add_text(b, message_slide_text(in->m, (uint32_t)b->slide, s->text), link))
		return false;
	buf_adds(&b->smil, "</par>\n");
	return true;
}

const char *
compose_subject(struct arena *a, const struct compose_in *in)
{
	const char *s = !is_blank(in->m->subject) ? in->m->subject : in->t->subject, *out = NULL;
	struct buf b;

	buf_init(&b, COMPOSE_TEXT);
	mergetag_fill(&b, s, in->m->var, in->m->nvar, mergetag_cut);
	if (!b.failed || b.full)
		out = text_subject(a, buf_str(&b),
		    in->subject_chars > 0 ? in->subject_chars : SIZE_MAX);
	buf_free(&b);
	return out;
}

static bool
add_all(struct build *b)
{
	const struct template *t = b->in->t;
	struct compose_part *smil = &b->c->part[0];

	smil->id = smil_name;
	smil->type = "application/smil";
	b->c->npart = 1;
	buf_adds(&b->smil, smil_head);
	for (b->slide = 1; b->slide <= t->nslide; b->slide++)
		if (!add_slide(b, &t->slide[b->slide - 1]))
			return false;
	buf_adds(&b->smil, smil_tail);
	if (!buf_ok(&b->smil) || (smil->own = arena_memdup(b->a, b->smil.p, b->smil.len)) == NULL)
		return false;
	smil->bytes = smil->len = b->smil.len;
	if ((b->c->subject = compose_subject(b->a, b->in)) == NULL)
		return false;
	b->c->class = b->in->class;
	b->c->too_big = b->too_big;
	b->c->air = b->too_big != 0 ? UINT64_MAX : air_weight(b->c, b->in->m);
	b->c->wire = b->too_big != 0 ? UINT64_MAX : 0;
	return true;
}

struct composed *
compose(struct arena *a, const struct compose_in *in)
{
	struct build b = { .a = a, .in = in, .c = arena_zalloc(a, sizeof *b.c) };
	size_t n = 1;
	bool done;

	for (size_t i = 0; i < in->t->nslide; i++)
		n += 2 + in->t->slide[i].nmedium; /* a text and a personal image */
	if (b.c == NULL || (b.c->part = arena_array(a, n, sizeof b.c->part[0])) == NULL)
		return NULL;
	buf_init(&b.smil, SMIL_CAP);
	buf_init(&b.text, COMPOSE_TEXT);
	done = add_all(&b);
	buf_free(&b.smil);
	buf_free(&b.text);
	return done ? b.c : NULL;
}
