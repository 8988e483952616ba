/*
 * mms_dump DIR N: hands N messages over in batches; the test kills it meanwhile.
 * mms_dump DIR: makes an instance in DIR with sample media and hands messages to its spool.
 * tests/mms.py judges these with parsers that others wrote. For each message the program prints a
 * line with the file, air and wire, and then a line for each part as it should be: the file, the
 * part's name and type, the encoding if the part is put in, and the SHA-256 of its bytes with CR LF
 * as line breaks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"
#include "blob/blob.h"
#include "mms_sample.h"
#include "sample.h"
#include "send/mime_part.h"
#include "send/transport.h"

enum { BATCH = 16 };

static struct settings settings;
static struct transport spool = { .name = "spool", .kind = TRANSPORT_SPOOL };

static void
describe(const struct transport_job *j)
{
	static const char *const names[] = { "base64", "7bit", "8bit", "binary" };

	(void)printf("%s %" PRIu64 " %" PRIu64 "\n", j->id, j->mms->air, transport_wire(j));
	for (size_t i = 0; i < j->mms->npart; i++) {
		const struct compose_part *p = &j->mms->part[i];
		char sha[SHA256_HEX];
		struct buf text;

		buf_init(&text, 1 << 20);
		if (p->own != NULL) {
			mime_part_text(&text, p);
			crypt_sha256_hex(buf_str(&text), text.len, sha);
		}
		(void)printf("%s %s %s %s %s\n", j->id, p->id, p->type,
		    names[mime_encoding(p, spool.parts)], p->own != NULL ? sha : p->sha);
		buf_free(&text);
	}
}

/* Hands over message n with all its parts, or sms if it is not NULL. */
static void
hand_over(struct mms_sample *s, uint64_t n, const char *media, const char *sms)
{
	struct arena *a = arena_new(16 << 20);
	struct transport_job j = { .settings = &settings,
		.transport = &spool,
		.m = &s->m,
		.sms = sms,
		.report_url = "https://mms.example.com/report" };
	struct transport_job *jobs = &j;

	mms_sample_tracking(s, n);
	(void)snprintf(settings.spool_media, sizeof settings.spool_media, "%s", media);
	if (a == NULL || (sms == NULL && (j.mms = compose(a, &s->in)) == NULL))
		exit(99);
	transport_submit(&j, a);
	transport_settle(&jobs, 1);
	if (j.rc != TRANSPORT_TAKEN) {
		(void)fprintf(stderr, "%s\n", j.why);
		exit(1);
	}
	if (sms == NULL)
		describe(&j);
	arena_free(&a);
}

static void
hand_over_many(struct mms_sample *s, uint64_t n)
{
	struct transport_job job[BATCH], *jobs[BATCH];
	static struct message m[BATCH];

	for (uint64_t first = 1; first <= n; first += BATCH) {
		struct arena *a = arena_new(16 << 20);
		size_t k = 0;

		for (; a != NULL && k < BATCH && first + k <= n; k++) {
			mms_sample_tracking(s, first + k);
			m[k] = s->m;
			job[k] = (struct transport_job){ .settings = &settings,
				.transport = &spool,
				.m = &m[k],
				.mms = compose(a, &s->in),
				.report_url = "" };
			jobs[k] = &job[k];
			if (job[k].mms == NULL)
				exit(99);
			transport_submit(&job[k], a);
		}
		transport_settle(jobs, k);
		while (k > 0)
			if (job[--k].rc != TRANSPORT_TAKEN)
				exit(1);
		arena_free(&a);
	}
}

/* The most parts that a message has: nine slides with an image, a sound and a text each. */
static void
hand_over_fullest(struct mms_sample *s, uint64_t n)
{
	struct slide slides[9];

	for (size_t i = 0; i < 9; i++)
		slides[i] = (struct slide){ .text = "one\ntwo", .medium = s->medium, .nmedium = 2 };
	s->t.slide = slides;
	s->t.nslide = 9;
	hand_over(s, n, "embed", NULL);
	s->t.slide = s->slide;
	s->t.nslide = 3;
}

int
main(int argc, char **argv)
{
	static char long_line[5001];
	struct mms_sample s;
	uint64_t n;

	memset(long_line, 'x', sizeof long_line - 1);
	if (argc != 2 && (argc != 3 || !num_u64(argv[2], 1, 1000000, &n)))
		return 2;
	sample_settings(&settings, argv[1]);
	if (!crypt_init() || blob_init(&settings) != 0)
		return 99;
	mms_sample(&s, &settings, true);
	if (argc == 3) {
		hand_over_many(&s, n);
		return 0;
	}
	hand_over(&s, 1, "embed", NULL);
	hand_over(&s, 2, "refer", NULL);
	spool.parts = PARTS_BINARY;
	hand_over(&s, 7, "embed", NULL);
	spool.parts = PARTS_BASE64;
	hand_over_fullest(&s, 10);
	/* hostile values everywhere, attached objects, a long text in one line */
	s.t.subject = "{$code}{$emoji} \xc3\xa9";
	s.m.reference = "r\r\nX-Evil: 1";
	s.slide[0].medium = &s.medium[4];
	s.slide[1].medium = &s.medium[2];
	s.slide[2].text = "--=_savemms_T0000000000000000000000000000003--\n\n{$code}{$code}\n.\n"
			  "--=_savemms_T0000000000000000000000000000003";
	s.slide[1].duration = "\"/><evil/>";
	s.in.attach = 1U << KIND_VCARD | 1U << KIND_PDF;
	hand_over(&s, 3, "embed", NULL);
	hand_over(&s, 4, "refer", NULL);
	s.slide[0].text = long_line;
	spool.parts = PARTS_BINARY;
	hand_over(&s, 8, "embed", NULL);
	spool.parts = PARTS_BASE64;
	hand_over(&s, 9, "embed", NULL);
	s.in.attach = 0; /* the objects are links; one slide is nothing but its link */
	s.slide[1].text = NULL;
	hand_over(&s, 5, "embed", NULL);
	hand_over(&s, 6, "refer", "Grüße 😀\nhttps://mms.example.com/m/P1");
	return 0;
}
