/* sample: see sample.h; ends the program when it cannot do its work */
#define _XOPEN_SOURCE 700
#include "sample.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
sample_blob(uint64_t n, char sha[SHA256_HEX])
{
	(void)snprintf(sha, SHA256_HEX, "%064" PRIx64, n);
}

static void
fill_medium(struct sample *s, size_t i, uint64_t seed)
{
	static const char *const class[] = { "S", "M", "L", "XL" };
	struct medium *m = &s->medium[i];

	m->kind = KIND_IMAGE;
	m->format = FORMAT_JPEG;
	m->url = "https://media.example.com/a/folder/picture.jpg";
	m->mime = "image/jpeg";
	m->bytes = 123456;
	m->width = 1600;
	m->height = 1200;
	sample_blob(i == 0 ? seed : 0, m->sha);
	m->rendition = s->rendition[i];
	m->nrendition = 4;
	for (size_t k = 0; k < 4; k++) {
		struct rendition *r = &s->rendition[i][k];

		(void)snprintf(r->class, sizeof r->class, "%s", class[k]);
		sample_blob(seed + 1 + 4 * i + k, r->sha);
		r->format = FORMAT_JPEG;
		r->bytes = 40000;
	}
}

void
sample_template(struct sample *s, uint64_t account, uint64_t seed)
{
	memset(s, 0, sizeof *s);
	memset(s->text, 'x', sizeof s->text - 1);
	s->t.account = account;
	s->t.name = "A template of a test";
	s->t.subject = "Hello";
	s->t.fallback = s->t.reference = "";
	s->t.transcoding = true;
	s->t.slide = s->slide;
	s->t.nslide = 2;
	for (size_t i = 0; i < 2; i++) {
		fill_medium(s, i, seed);
		s->slide[i].text = i == 0 ? s->text : "Good bye";
		s->slide[i].medium = &s->medium[i];
		s->slide[i].nmedium = 1;
	}
}

void
sample_dir(char *out, size_t size)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(out, size, "%s/savemms-test.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(out) == NULL) {
		perror(out);
		exit(99);
	}
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void
sample_rmdir(const char *dir)
{
	if (nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		perror(dir);
}

void
sample_settings(struct settings *s, const char *dir)
{
	settings_defaults(s, dir);
	s->reserve_mb = 1;
}
