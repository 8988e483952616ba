/* composer_form: reads the composer's form and changes it; see composer.h. */
#include "cgi/console/composer.h"

#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "media/type_rules.h"

enum { FIELD = 48 };

static struct composer_slide *
add_slide(struct composer_form *f)
{
	struct composer_slide *s = &f->slide[f->nslide++];

	*s = (struct composer_slide){ .text = "",
		.duration = "",
		.image_template = "",
		.nmedium = 1 };
	for (size_t m = 0; m < COMPOSER_MEDIA; m++)
		s->medium[m].kind = s->medium[m].url = "";
	return s;
}

struct composer_form *
composer_new(struct console *c)
{
	struct composer_form *f = arena_zalloc(c->arena, sizeof *f);

	if (f == NULL)
		return NULL;
	f->name = f->subject = f->fallback = f->no_fallback = f->no_fallback_link = f->reference =
	    "";
	(void)add_slide(f);
	return f;
}

/* --- reading ------------------------------------------------------------------------ */

static size_t
number_of(struct console *c, const char *name, uint64_t least, uint64_t most)
{
	uint64_t n;

	return num_u64(console_field(c, name), least, most, &n) ? (size_t)n : (size_t)least;
}

/* Writes the name of a field: "slide_2_what", or "slide_2_what_1" for a row. */
static const char *
field_of(char out[FIELD], size_t slide, const char *what, size_t row)
{
	if (row == 0)
		(void)snprintf(out, FIELD, "slide_%zu_%s", slide, what);
	else
		(void)snprintf(out, FIELD, "slide_%zu_%s_%zu", slide, what, row);
	return out;
}

static const char *
known_kind(const char *name)
{
	for (int k = 0; k < KIND_COUNT; k++)
		if (strcmp(kind_pair((enum kind)k), name) == 0)
			return kind_pair((enum kind)k);
	return "";
}

/* Reads the file of a row. A new file replaces the one that was kept. */
static void
read_file(struct console *c, struct composer_form *f, struct composer_medium *m, size_t slide,
    size_t row)
{
	char name[FIELD];
	const char *ticket, *why;

	if (!console_upload_take(c, field_of(name, slide, "file", row), &m->file, &why)) {
		f->trouble = why;
		return;
	}
	ticket = console_field(c, field_of(name, slide, "kept", row));
	if (m->file.name != NULL || ticket[0] == '\0')
		return;
	console_upload_find(c, UPLOAD_FILE, ticket, &m->file);
	if (m->file.name == NULL)
		f->trouble = "A file is no longer available. Choose it again.";
}

static void
read_slide(struct console *c, struct composer_form *f, size_t n)
{
	struct composer_slide *s = add_slide(f);
	char name[FIELD];

	s->text = console_field(c, field_of(name, n, "text", 0));
	s->duration = console_field(c, field_of(name, n, "duration", 0));
	s->image_template = console_field(c, field_of(name, n, "picture", 0));
	s->nmedium = number_of(c, field_of(name, n, "media", 0), 1, COMPOSER_MEDIA);
	for (size_t m = 0; m < s->nmedium; m++) {
		s->medium[m].kind = known_kind(console_field(c, field_of(name, n, "kind", m + 1)));
		s->medium[m].url = console_field(c, field_of(name, n, "url", m + 1));
		read_file(c, f, &s->medium[m], n, m + 1);
	}
}

struct composer_form *
composer_read(struct console *c)
{
	struct composer_form *f = composer_new(c);
	size_t n = number_of(c, "slides", 0, COMPOSER_SLIDES);

	if (f == NULL)
		return NULL;
	f->name = console_field(c, "name");
	f->subject = console_field(c, "subject");
	f->fallback = console_field(c, "fallbacksmstext");
	f->no_fallback = console_field(c, "disablefallbacksms");
	f->no_fallback_link = console_field(c, "disablefallbacksmslink");
	f->reference = console_field(c, "client_reference");
	f->nslide = 0;
	for (size_t i = 1; i <= n; i++)
		read_slide(c, f, i);
	return f;
}

bool
composer_has(const struct composer_medium *m)
{
	return m->file.name != NULL || m->url[strspn(m->url, " \t\n")] != '\0';
}

enum kind
composer_kind(const struct composer_medium *m)
{
	const char *path = m->file.name != NULL ? m->file.name : m->url;
	char ext[TYPERULE_EXT];

	for (int k = 0; k < KIND_COUNT; k++)
		if (strcmp(kind_pair((enum kind)k), m->kind) == 0)
			return (enum kind)k;
	for (int k = 0; m->file.name != NULL && k < KIND_COUNT; k++)
		if (kind_allows_mime((enum kind)k, m->file.type))
			return (enum kind)k;
	type_rule_ext(path, ext);
	for (int k = 0; k < KIND_COUNT; k++)
		if (kind_allows_ext((enum kind)k, ext))
			return (enum kind)k;
	return KIND_IMAGE;
}

/* --- what the buttons do --------------------------------------------------------------- */

static void
focus(struct composer_form *f, const char *before, size_t slide, const char *behind)
{
	(void)snprintf(f->focus, sizeof f->focus, "%s%zu%s", before, slide, behind);
}

static void
swap(struct composer_form *f, size_t a, size_t b)
{
	struct composer_slide s = f->slide[a];

	f->slide[a] = f->slide[b];
	f->slide[b] = s;
}

/* Moves slide n, counted from 1, up or down by one. */
static void
move(struct composer_form *f, size_t n, bool up)
{
	size_t to = up ? n - 1 : n + 1;

	if (to < 1 || to > f->nslide)
		return;
	swap(f, n - 1, to - 1);
	focus(f, (up && to > 1) || to == f->nslide ? "up-" : "down-", to, "");
}

static void
remove_slide(struct composer_form *f, size_t n)
{
	memmove(&f->slide[n - 1], &f->slide[n], (f->nslide - n) * sizeof f->slide[0]);
	f->nslide--;
	if (f->nslide == 0)
		(void)snprintf(f->focus, sizeof f->focus, "add");
	else
		focus(f, "slide_", n <= f->nslide ? n : f->nslide, "_text");
}

static void
drop_medium(struct composer_slide *s, size_t m)
{
	memmove(&s->medium[m - 1], &s->medium[m], (s->nmedium - m) * sizeof s->medium[0]);
	s->nmedium--;
	s->medium[s->nmedium] = (struct composer_medium){ .kind = "", .url = "" };
	if (s->nmedium == 0)
		s->nmedium = 1;
}

/* Reads the slide of a button: for "up-2" and the word "up" it returns 2. It returns 0 for
 * another word or when there is no such slide. *rest is what follows the number. */
static size_t
slide_of(const struct composer_form *f, const char *button, const char *word, const char **rest)
{
	size_t len = strlen(word), n = 0;

	if (strncmp(button, word, len) != 0 || button[len] != '-')
		return 0;
	for (button += len + 1; *button >= '0' && *button <= '9' && n < COMPOSER_SLIDES; button++)
		n = n * 10 + (size_t)(*button - '0');
	*rest = button;
	return n <= f->nslide ? n : 0;
}

void
composer_do(struct composer_form *f, const char *button)
{
	const char *rest = "";
	size_t n, m;

	if (strcmp(button, "add") == 0 && f->nslide < COMPOSER_SLIDES) {
		(void)add_slide(f);
		focus(f, "slide_", f->nslide, "_text");
	} else if ((n = slide_of(f, button, "up", &rest)) != 0) {
		move(f, n, true);
	} else if ((n = slide_of(f, button, "down", &rest)) != 0) {
		move(f, n, false);
	} else if ((n = slide_of(f, button, "remove", &rest)) != 0) {
		remove_slide(f, n);
	} else if ((n = slide_of(f, button, "medium", &rest)) != 0) {
		if (f->slide[n - 1].nmedium < COMPOSER_MEDIA)
			(void)snprintf(f->focus, sizeof f->focus, "slide_%zu_url_%zu", n,
			    ++f->slide[n - 1].nmedium);
	} else if ((n = slide_of(f, button, "drop", &rest)) != 0) {
		m = rest[0] == '-' && rest[1] >= '1' && rest[1] <= '9' && rest[2] == '\0' ?
		    (size_t)(rest[1] - '0') :
		    0;
		if (m >= 1 && m <= f->slide[n - 1].nmedium) {
			drop_medium(&f->slide[n - 1], m);
			focus(f, "slide_", n, "_text");
		}
	}
}
