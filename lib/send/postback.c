/* postback: see postback.h */
#include "send/postback.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "model/doc.h"

/* Moves *slide and *medium, which begin at 0 and -1, to the next medium in slide order that failed.
 * Returns NULL behind the last. */
static const struct medium *
next_failed(const struct template *t, size_t *slide, size_t *medium)
{
	for (++*medium; *slide < t->nslide; ++*slide, *medium = 0)
		for (; *medium < t->slide[*slide].nmedium; ++*medium)
			if (t->slide[*slide].medium[*medium].state == MEDIUM_FAILED)
				return &t->slide[*slide].medium[*medium];
	return NULL;
}

static const struct medium *
first_failed(const struct template *t)
{
	size_t slide = 0, medium = SIZE_MAX;

	return next_failed(t, &slide, &medium);
}

/* Names the media that failed: each in XML, in JSON the first of each kind. */
static void
write_names(const struct doc *d, const struct template *t)
{
	size_t slide = 0, medium = SIZE_MAX;
	bool named[KIND_COUNT] = { false };
	const struct medium *m;

	while ((m = next_failed(t, &slide, &medium)) != NULL) {
		if (d->dialect != DIALECT_C || !named[m->kind])
			doc_text(d, doc_kind_failed(m->kind), m->url);
		named[m->kind] = true;
	}
}

/* Lists all media that failed, in JSON. */
static void
write_failures(const struct doc *d, const struct template *t)
{
	size_t slide = 0, medium = SIZE_MAX;
	const struct medium *m;

	doc_array(d, ANSWER_FAILURES);
	while ((m = next_failed(t, &slide, &medium)) != NULL) {
		doc_item(d, ANSWER_FAILURES);
		doc_number(d, ANSWER_SLIDE, slide + 1);
		doc_text(d, ANSWER_KIND, doc_name(d->dialect, doc_kind(m->kind)));
		doc_text(d, ANSWER_URL, m->url);
		doc_group_end(d, ANSWER_FAILURES);
	}
	doc_array_end(d);
}

/* tens: the digit of the code that says which action made the template. */
static void
encoding_body(const struct template *t, char tens, const struct doc *d)
{
	const struct medium *bad = first_failed(t);
	char code[POSTBACK_CODE];

	(void)snprintf(code, sizeof code, "%s",
	    bad != NULL ? kind_postback_code(bad->kind) : "N003");
	code[2] = tens;

	doc_open(d, POSTBACK_HEAD, ANSWER_POSTBACK);
	doc_text(d, ANSWER_ORIGIN, "MMS_MT");
	doc_text(d, ANSWER_CODE, code);
	if (d->dialect == DIALECT_C)
		doc_text(d, ANSWER_STATUS,
		    bad != NULL ? "Transcoding failed" : "Transcoding successful");
	doc_id(d, ANSWER_MMSID, t->id);
	write_names(d, t);
	if (bad != NULL && d->dialect == DIALECT_C)
		write_failures(d, t);
	doc_given(d, ANSWER_CLIENT_REFERENCE, t->reference);
	doc_close(d, ANSWER_POSTBACK);
}

void
postback_body(const struct template *t, enum dialect d, struct buf *out)
{
	encoding_body(t, '0', &(struct doc){ out, d });
}

void
postback_body_send(const struct template *t, enum dialect d, struct buf *out)
{
	encoding_body(t, '1', &(struct doc){ out, d });
}

static bool
is_json(const char *body)
{
	return body[0] == '{';
}

void
postback_code(const char *body, char out[POSTBACK_CODE])
{
	char open[16];
	const char *p = NULL;
	size_t n;

	/* nothing of the customer's stands before the code */
	for (int d = 0; d < DIALECTS && p == NULL; d++) {
		n = (size_t)snprintf(open, sizeof open, d == DIALECT_C ? "\"%s\":\"" : "<%s>",
		    doc_name((enum dialect)d, ANSWER_CODE));
		if (is_json(body) == (d == DIALECT_C) && (p = strstr(body, open)) != NULL)
			p += n;
	}
	n = p != NULL ? strspn(p, ASCII_UPPER ASCII_DIGITS) : 0;
	(void)snprintf(out, POSTBACK_CODE, "%.*s", (int)n, n > 0 ? p : "");
}

bool
postback_retry(const struct settings *s, uint32_t attempt, uint64_t after_s, uint64_t *delay_ms)
{
	uint64_t delay_s;

	if (attempt == 0 || attempt > s->nretry)
		return false;
	delay_s = s->retry[attempt - 1];
	if (after_s > POSTBACK_PATIENCE_S)
		after_s = POSTBACK_PATIENCE_S;
	*delay_ms = (after_s > delay_s ? after_s : delay_s) * 1000;
	return true;
}

/* Appends a signature of the text to out. Returns false if the secret is damaged. */
static bool
add_signature(const char *secret, const struct buf *text, char out[POSTBACK_HEADER])
{
	unsigned char key[512], mac[SHA256_BYTES];
	char base64[64];
	size_t at = strlen(out);
	long n;

	if (strncmp(secret, "whsec_", 6) == 0) {
		n = crypt_unbase64(secret + 6, key, sizeof key);
	} else {
		n = strlen(secret) <= sizeof key ? (long)strlen(secret) : -1;
		memcpy(key, secret, n > 0 ? (size_t)n : 0);
	}
	if (n <= 0)
		return false;
	crypt_hmac_sha256(key, (size_t)n, text->p, text->len, mac);
	(void)crypt_base64(mac, sizeof mac, base64, sizeof base64);
	(void)snprintf(out + at, POSTBACK_HEADER - at, " v1,%s", base64);
	return true;
}

bool
postback_sign(const char *const secret[2], const char *id, int64_t now, const char *body,
    char out[3][POSTBACK_HEADER])
{
	struct buf text;
	bool ok, any = false;

	(void)snprintf(out[0], POSTBACK_HEADER, "webhook-id: %s", id);
	(void)snprintf(out[1], POSTBACK_HEADER, "webhook-timestamp: %" PRId64, now / 1000000);
	(void)snprintf(out[2], POSTBACK_HEADER, "webhook-signature:");
	buf_init(&text, strlen(id) + strlen(body) + 32);
	buf_printf(&text, "%s.%" PRId64 ".%s", id, now / 1000000, body);
	ok = buf_ok(&text);
	for (int i = 0; ok && i < 2; i++)
		if (secret[i][0] != '\0') {
			ok = add_signature(secret[i], &text, out[2]);
			any = true;
		}
	buf_free(&text);
	return ok && any;
}

bool
postback_head(const struct account *ac, const char *id, int64_t now, const char *body,
    struct postback_head *out)
{
	const char *const secret[2] = { ac->postback_secret, ac->postback_secret_old };

	memset(out, 0, sizeof *out);
	out->header[0] = is_json(body) ? "Content-Type: application/json; charset=utf-8" :
					 "Content-Type: text/xml; charset=utf-8";
	if (secret[0][0] == '\0' && secret[1][0] == '\0')
		return true;
	if (!postback_sign(secret, id, now, body, out->line))
		return false;
	for (int i = 0; i < 3; i++)
		out->header[i + 1] = out->line[i];
	return true;
}
