/* mms_sample: see mms_sample.h. Each function ends the program if it fails. */
#include "mms_sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/file.h"
#include "blob/blob.h"

void
mms_sample_blob(const struct settings *settings, unsigned seed, size_t n, char sha[SHA256_HEX])
{
	unsigned char *p = malloc(n);
	uint32_t x = seed * 2654435761U + 1;
	int fd = blob_temp(settings);

	if (p == NULL || fd < 0) {
		perror("blob");
		exit(99);
	}
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525U + 1013904223U;
		p[i] = (unsigned char)(x >> 24);
	}
	crypt_sha256_hex(p, n, sha);
	if (file_write(fd, p, n) != 0 || blob_put(settings, fd, sha) != 0) {
		perror(sha);
		exit(99);
	}
	file_close(&fd);
	free(p);
}

static void
medium(struct medium *m, enum kind k, enum format f, size_t bytes)
{
	m->kind = k;
	m->format = f;
	m->url = "https://media.example.com/a";
	m->mime = format_mime(f);
	m->bytes = bytes;
}

static void
rendition(struct medium *m, struct rendition *r, enum format f, size_t bytes)
{
	(void)snprintf(r->class, sizeof r->class, "M");
	r->format = f;
	r->bytes = bytes;
	m->rendition = r;
	m->nrendition = 1;
}

static void
fill_media(struct mms_sample *s)
{
	medium(&s->medium[0], KIND_IMAGE, FORMAT_PNG, 30001);
	rendition(&s->medium[0], &s->rendition[0], FORMAT_JPEG, 20000);
	medium(&s->medium[1], KIND_AUDIO, FORMAT_WAV, 50000);
	rendition(&s->medium[1], &s->rendition[1], FORMAT_MP3, 12345);
	s->rendition[1].ms = 4000;
	medium(&s->medium[2], KIND_VCARD, FORMAT_VCF, 333);
	medium(&s->medium[3], KIND_VIDEO, FORMAT_MOV, 90000);
	rendition(&s->medium[3], &s->rendition[2], FORMAT_MP4, 57 * 500);
	s->rendition[2].ms = 8250;
	medium(&s->medium[4], KIND_PDF, FORMAT_PDFDOC, 4444);
}

static void
fill_blobs(struct mms_sample *s, const struct settings *settings)
{
	for (unsigned i = 0; i < 5; i++) {
		mms_sample_blob(settings, i + 1, (size_t)s->medium[i].bytes, s->medium[i].sha);
		if (s->medium[i].nrendition > 0)
			mms_sample_blob(settings, i + 11, (size_t)s->medium[i].rendition->bytes,
			    s->medium[i].rendition->sha);
	}
}

/* Names that files could have. */
static void
name_blobs(struct mms_sample *s)
{
	for (unsigned i = 0; i < 5; i++) {
		(void)snprintf(s->medium[i].sha, SHA256_HEX, "%064x", i + 1);
		if (s->medium[i].nrendition > 0)
			(void)snprintf(s->medium[i].rendition->sha, SHA256_HEX, "%064x", i + 11);
	}
}

static void
fill_message(struct mms_sample *s)
{
	s->var[0] = (struct message_var){ "city", "K\xc3\xb6ln" };
	s->var[1] = (struct message_var){ "code", "<a href=\"{$name}\">&\r\n]]>" };
	s->var[2] = (struct message_var){ "emoji", "\xf0\x9f\x98\x80" };
	s->var[3] = (struct message_var){ "name", "Ann" };
	s->m = message_empty;
	s->m.account = 1;
	s->m.mmsid = 35674;
	s->m.created = 1795573261000000;
	s->m.to = "31612345678";
	s->m.from = "12345";
	s->m.reference = "order 7/\xc3\xa9";
	s->m.var = s->var;
	s->m.nvar = 4;
	(void)snprintf(s->m.class, sizeof s->m.class, "M");
	mms_sample_tracking(s, 1);
}

void
mms_sample_tracking(struct mms_sample *s, uint64_t n)
{
	(void)snprintf(s->m.tracking, sizeof s->m.tracking, "T%031" PRIu64, n);
	(void)snprintf(s->m.token, sizeof s->m.token, "P%031" PRIu64, n);
}

void
mms_sample(struct mms_sample *s, const struct settings *settings, bool put)
{
	memset(s, 0, sizeof *s);
	fill_media(s);
	if (put)
		fill_blobs(s, settings);
	else
		name_blobs(s);
	fill_message(s);
	s->slide[0] = (struct slide){ .text = "Hello {$name|friend} {$emoji}",
		.medium = &s->medium[0],
		.nmedium = 1 };
	s->slide[1] = (struct slide){ .text = "From {$city}: {$code}",
		.duration = "7",
		.medium = &s->medium[1],
		.nmedium = 1 };
	s->slide[2] = (struct slide){ .text = "{$none|Good bye}",
		.medium = &s->medium[3],
		.nmedium = 1 };
	s->t = (struct template){ .id = 35674,
		.account = 1,
		.name = "sample",
		.subject = "Hi {$name} from {$city}",
		.fallback = "",
		.reference = "",
		.transcoding = true,
		.slide = s->slide,
		.nslide = 3 };
	s->in = (struct compose_in){ .t = &s->t,
		.m = &s->m,
		.class = "M",
		.page = "https://mms.example.com/m/P1" };
}
