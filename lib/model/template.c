/*
 * template: see template.h. In a record, the line of a slide comes before those
 * of its media, and the line of a medium before those of its renditions.
 * savemms-store(5) lists the fields.
 */
#include "model/template.h"

#include <inttypes.h>
#include <string.h>

#include "base/record.h"
#include "model/settings_value.h"

enum { SLIDES = 100, MEDIA = KIND_COUNT };

static const struct record_form record_form = { "template", 1 };

bool
medium_is_personal_image(const struct medium *m)
{
	return m->kind == KIND_IMAGE && m->url[0] == '\0';
}

enum template_state
template_state(const struct template *t)
{
	enum template_state state = TEMPLATE_READY;

	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++) {
			if (t->slide[i].medium[k].state == MEDIUM_WAITING)
				return TEMPLATE_ENCODING;
			if (t->slide[i].medium[k].state == MEDIUM_FAILED)
				state = TEMPLATE_FAILED;
		}
	return state;
}

const char *
template_state_name(enum template_state s)
{
	static const char *const names[] = { "encoding", "ready", "failed" };

	return names[s];
}

const struct rendition *
medium_rendition(const struct medium *m, const char *class)
{
	for (size_t i = 0; i < m->nrendition; i++)
		if (strcmp(m->rendition[i].class, class) == 0)
			return &m->rendition[i];
	return NULL;
}

bool
template_is_link(const struct template *t, const char *class)
{
	for (size_t i = 0; i < t->nlink; i++)
		if (strcmp(t->link_class[i], class) == 0)
			return true;
	return false;
}

static const struct medium *
first_image(const struct template *t)
{
	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++)
			if (t->slide[i].medium[k].kind == KIND_IMAGE)
				return &t->slide[i].medium[k];
	return NULL;
}

const char *
template_poster(const struct template *t, enum format *f)
{
	const struct medium *m = first_image(t);

	if (m == NULL || (m->nrendition == 0 && t->transcoding))
		return NULL;
	*f = m->nrendition > 0 ? m->rendition[0].format : m->format;
	return m->nrendition > 0 ? m->rendition[0].sha : m->sha;
}

uint64_t
template_size(const struct template *t)
{
	uint64_t n = 0;

	for (size_t i = 0; i < t->nslide; i++) {
		n += t->slide[i].text != NULL ? strlen(t->slide[i].text) : 0;
		for (size_t k = 0; k < t->slide[i].nmedium; k++)
			n += t->slide[i].medium[k].bytes;
	}
	return n;
}

static int
medium_blobs(const struct medium *m, int (*each)(void *ctx, const char *sha), void *ctx)
{
	int rc = each(ctx, m->sha);

	for (size_t i = 0; rc == 0 && i < m->nrendition; i++)
		rc = each(ctx, m->rendition[i].sha);
	return rc;
}

int
template_blobs(const struct template *t, int (*each)(void *ctx, const char *sha), void *ctx)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < t->nslide; i++)
		for (size_t k = 0; rc == 0 && k < t->slide[i].nmedium; k++)
			rc = medium_blobs(&t->slide[i].medium[k], each, ctx);
	return rc;
}

/* In the order of enum rendition_size. The first is not written. */
static const char *const size_names[] = { "best", "bound", "least" };

/* How a record says of a rendition how its size came to be: in a line after it, or in the number of
 * its quality, for programs that do not know that line. */
enum { SIZE_IN_QUALITY = 1000000000 };
enum size_form { SIZE_LINE, SIZE_NUMBER };

static void
encode_medium(const struct medium *m, enum size_form form, struct buf *out)
{
	static const char *const states[] = { "ready", "waiting", "failed" };

	buf_printf(out, "medium %s %s %s %s %" PRIu64 " %" PRIu32 " %" PRIu32 " %" PRIu32 "\n",
	    kind_element(m->kind), states[m->state], format_name(m->format), m->sha, m->bytes,
	    m->width, m->height, m->ms);
	record_str(out, "url", m->url);
	record_str(out, "mime", m->mime);
	record_str(out, "why", m->why);
	for (size_t i = 0; i < m->nrendition; i++) {
		const struct rendition *r = &m->rendition[i];

		buf_printf(out,
		    "rendition %s %s %s %" PRIu64 " %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu32
		    "\n",
		    r->class, format_name(r->format), r->sha, r->bytes, r->width, r->height, r->ms,
		    form == SIZE_LINE ?
			r->quality :
			r->quality % SIZE_IN_QUALITY + (uint32_t)r->size * SIZE_IN_QUALITY);
		if (form == SIZE_LINE && r->size != SIZE_BEST)
			record_str(out, "size", size_names[r->size]);
	}
}

static void
encode(const struct template *t, enum size_form form, struct buf *out)
{
	record_start(out, &record_form);
	record_u64(out, "account", t->account);
	record_u64(out, "created", (uint64_t)t->created);
	record_str(out, "name", t->name);
	record_str(out, "subject", t->subject);
	record_str(out, "fallback", t->fallback);
	record_str(out, "reference", t->reference);
	record_u64(out, "no-fallback", t->no_fallback);
	record_u64(out, "no-fallback-link", t->no_fallback_link);
	record_u64(out, "transcoding", t->transcoding);
	if (form == SIZE_LINE && t->dialect != DIALECT_A)
		record_str(out, "dialect", dialect_name(t->dialect));
	for (size_t i = 0; i < t->nlink; i++)
		record_str(out, "link", t->link_class[i]);
	for (size_t i = 0; i < t->nslide; i++) {
		record_str(out, "slide", "");
		record_str(out, "text", t->slide[i].text);
		record_str(out, "personal-image", t->slide[i].image_template);
		record_str(out, "duration", t->slide[i].duration);
		for (size_t k = 0; k < t->slide[i].nmedium; k++)
			encode_medium(&t->slide[i].medium[k], form, out);
	}
	record_end(out);
}

void
template_encode(const struct template *t, struct buf *out)
{
	encode(t, SIZE_LINE, out);
}

void
template_encode_layout1(const struct template *t, struct buf *out)
{
	encode(t, SIZE_NUMBER, out);
}

/* The state of reading. Fields belong to the slide and the medium that began last. */
struct reading {
	struct record r;
	struct template *t;
	struct slide *slide;
	struct medium *medium;
};

static uint64_t
word_number(struct reading *rd, const char *word, uint64_t max)
{
	rd->r.value = word;
	return record_number(&rd->r, 0, max);
}

static void
word_format(struct reading *rd, const char *word, enum format *f)
{
	*f = format_by_name(word);
	if (*f == FORMAT_NONE && strcmp(word, "none") != 0)
		rd->r.bad = true;
}

static void
word_sha(struct reading *rd, const char *word, char sha[SHA256_HEX])
{
	if (crypt_is_sha256_hex(word))
		memcpy(sha, word, SHA256_HEX);
	else
		rd->r.bad = true;
}

/* Reads the name of a class. Encoding writes it unchanged between blanks, so it must be valid. */
static void
word_class(struct reading *rd, const char *word, char class[CLASS_NAME])
{
	if (class_name_ok(word))
		memcpy(class, word, strlen(word) + 1);
	else
		rd->r.bad = true;
}

static void
begin_slide(struct reading *rd)
{
	if (rd->t->nslide == SLIDES) {
		rd->r.bad = true;
		return;
	}
	rd->slide = &rd->t->slide[rd->t->nslide++];
	rd->medium = NULL;
	rd->slide->medium = arena_array(rd->r.arena, MEDIA, sizeof *rd->slide->medium);
	if (rd->slide->medium == NULL)
		rd->r.bad = true;
}

static void
begin_medium(struct reading *rd)
{
	struct medium *m;
	char *w[8];
	int kind;

	if (rd->slide == NULL || rd->slide->nmedium == MEDIA || !record_words(&rd->r, w, 8)) {
		rd->r.bad = true;
		return;
	}
	m = rd->medium = &rd->slide->medium[rd->slide->nmedium++];
	if ((kind = kind_by_element(w[0])) < 0)
		rd->r.bad = true;
	else
		m->kind = (enum kind)kind;
	if (strcmp(w[1], "ready") == 0)
		m->state = MEDIUM_READY;
	else if (strcmp(w[1], "waiting") == 0)
		m->state = MEDIUM_WAITING;
	else if (strcmp(w[1], "failed") == 0)
		m->state = MEDIUM_FAILED;
	else
		rd->r.bad = true;
	word_format(rd, w[2], &m->format);
	word_sha(rd, w[3], m->sha);
	m->bytes = word_number(rd, w[4], INT64_MAX);
	m->width = (uint32_t)word_number(rd, w[5], UINT32_MAX);
	m->height = (uint32_t)word_number(rd, w[6], UINT32_MAX);
	m->ms = (uint32_t)word_number(rd, w[7], UINT32_MAX);
	m->url = m->mime = "";
	m->rendition = arena_array(rd->r.arena, CLASS_MAX, sizeof *m->rendition);
	if (m->rendition == NULL)
		rd->r.bad = true;
}

static void
add_rendition(struct reading *rd)
{
	struct rendition *r;
	char *w[8];

	if (rd->medium == NULL || rd->medium->nrendition == CLASS_MAX ||
	    !record_words(&rd->r, w, 8)) {
		rd->r.bad = true;
		return;
	}
	r = &rd->medium->rendition[rd->medium->nrendition++];
	word_class(rd, w[0], r->class);
	word_format(rd, w[1], &r->format);
	word_sha(rd, w[2], r->sha);
	r->bytes = word_number(rd, w[3], INT64_MAX);
	r->width = (uint32_t)word_number(rd, w[4], UINT32_MAX);
	r->height = (uint32_t)word_number(rd, w[5], UINT32_MAX);
	r->ms = (uint32_t)word_number(rd, w[6], UINT32_MAX);
	r->quality = (uint32_t)word_number(rd, w[7],
	    (SIZE_LEAST + 1) * (uint64_t)SIZE_IN_QUALITY - 1);
	r->size = (enum rendition_size)(r->quality / SIZE_IN_QUALITY);
	r->quality %= SIZE_IN_QUALITY;
}

static void
read_size(struct reading *rd)
{
	struct medium *m = rd->medium;

	for (int i = SIZE_BOUND; m != NULL && m->nrendition > 0 && i <= SIZE_LEAST; i++)
		if (strcmp(rd->r.value, size_names[i]) == 0) {
			m->rendition[m->nrendition - 1].size = (enum rendition_size)i;
			return;
		}
	rd->r.bad = true;
}

/* Reads a field of a slide or a medium. Returns false for another key. */
static bool
read_part(struct reading *rd)
{
	struct record *r = &rd->r;

	if (record_is(r, "slide"))
		begin_slide(rd);
	else if (record_is(r, "medium"))
		begin_medium(rd);
	else if (record_is(r, "rendition"))
		add_rendition(rd);
	else if (record_is(r, "size"))
		read_size(rd);
	else if (rd->medium != NULL && record_is(r, "url"))
		rd->medium->url = r->value;
	else if (rd->medium != NULL && record_is(r, "mime"))
		rd->medium->mime = r->value;
	else if (rd->medium != NULL && record_is(r, "why"))
		rd->medium->why = r->value;
	else if (rd->slide != NULL && record_is(r, "text"))
		rd->slide->text = r->value;
	else if (rd->slide != NULL && record_is(r, "personal-image"))
		rd->slide->image_template = r->value;
	else if (rd->slide != NULL && record_is(r, "duration"))
		rd->slide->duration = r->value;
	else
		return false;
	return true;
}

static void
read_head(struct reading *rd)
{
	struct template *t = rd->t;
	struct record *r = &rd->r;

	if (record_is(r, "account"))
		t->account = record_number(r, 1, INT64_MAX);
	else if (record_is(r, "created"))
		t->created = (int64_t)record_number(r, 0, INT64_MAX);
	else if (record_is(r, "name"))
		t->name = r->value;
	else if (record_is(r, "subject"))
		t->subject = r->value;
	else if (record_is(r, "fallback"))
		t->fallback = r->value;
	else if (record_is(r, "reference"))
		t->reference = r->value;
	else if (record_is(r, "no-fallback"))
		t->no_fallback = record_number(r, 0, 1) != 0;
	else if (record_is(r, "no-fallback-link"))
		t->no_fallback_link = record_number(r, 0, 1) != 0;
	else if (record_is(r, "transcoding"))
		t->transcoding = record_number(r, 0, 1) != 0;
	else if (record_is(r, "dialect"))
		r->bad = !dialect_by_name(r->value, &t->dialect) || r->bad;
	else if (record_is(r, "link") && t->nlink < CLASS_MAX)
		word_class(rd, r->value, t->link_class[t->nlink++]);
	else
		r->bad = true;
}

struct template *
template_decode(struct arena *a, const char *p, size_t n)
{
	struct reading rd = { .t = arena_zalloc(a, sizeof *rd.t) };

	if (rd.t == NULL || (rd.t->slide = arena_array(a, SLIDES, sizeof *rd.t->slide)) == NULL ||
	    !record_open(&rd.r, a, p, n, &record_form))
		return NULL;
	rd.t->name = rd.t->subject = rd.t->fallback = rd.t->reference = "";
	while (record_next(&rd.r))
		if (!read_part(&rd))
			read_head(&rd);
	return record_whole(&rd.r) && rd.t->account != 0 ? rd.t : NULL;
}
