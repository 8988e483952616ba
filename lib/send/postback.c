/* postback: see postback.h */
#include "send/postback.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "base/xmlout.h"

/* Returns the first medium in slide order that failed, or NULL if none did. */
static const struct medium *
first_failed(const struct template *t)
{
	for (size_t i = 0; i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++)
			if (t->slide[i].medium[k].state == MEDIUM_FAILED)
				return &t->slide[i].medium[k];
	return NULL;
}

/* tens: the digit of the code that says which action made the template. */
static void
encoding_body(const struct template *t, char tens, struct buf *out)
{
	const struct medium *bad = first_failed(t);
	char code[POSTBACK_CODE];

	(void)snprintf(code, sizeof code, "%s",
	    bad != NULL ? kind_postback_code(bad->kind) : "N003");
	code[2] = tens;

	buf_adds(out, "<?xml version='1.0'?>\n");
	xml_open(out, "POSTBACK");
	xml_elem(out, "ORIGIN", "MMS_MT");
	xml_elem(out, "CODE", code);
	xml_elem_u64(out, "MMSID", t->id);
	for (size_t i = 0; bad != NULL && i < t->nslide; i++)
		for (size_t k = 0; k < t->slide[i].nmedium; k++) {
			const struct medium *m = &t->slide[i].medium[k];

			if (m->state == MEDIUM_FAILED)
				xml_elem(out, kind_postback_element(m->kind), m->url);
		}
	if (t->reference[0] != '\0')
		xml_elem(out, "CLIENT_REFERENCE", t->reference);
	xml_close(out, "POSTBACK");
}

void
postback_body(const struct template *t, struct buf *out)
{
	encoding_body(t, '0', out);
}

void
postback_body_send(const struct template *t, struct buf *out)
{
	encoding_body(t, '1', out);
}

void
postback_code(const char *body, char out[POSTBACK_CODE])
{
	static const char open[] = "<CODE>";
	const char *p = strstr(body, open);
	size_t n = p != NULL ? strspn(p + sizeof open - 1, ASCII_UPPER ASCII_DIGITS) : 0;

	(void)snprintf(out, POSTBACK_CODE, "%.*s", (int)n, n > 0 ? p + sizeof open - 1 : "");
}

bool
postback_retry(const struct settings *s, uint32_t attempt, uint64_t *delay_ms)
{
	if (attempt == 0 || attempt > s->nretry)
		return false;
	*delay_ms = (uint64_t)s->retry[attempt - 1] * 1000;
	return true;
}

bool
postback_sign(const char *secret, const char *id, int64_t now, const char *body,
    char out[3][POSTBACK_HEADER])
{
	unsigned char key[512], mac[SHA256_BYTES];
	char base64[64];
	struct buf text;
	long n;
	bool ok;

	if (strncmp(secret, "whsec_", 6) == 0) {
		n = crypt_unbase64(secret + 6, key, sizeof key);
	} else {
		n = strlen(secret) <= sizeof key ? (long)strlen(secret) : -1;
		memcpy(key, secret, n > 0 ? (size_t)n : 0);
	}
	if (n <= 0)
		return false;
	buf_init(&text, strlen(id) + strlen(body) + 32);
	buf_printf(&text, "%s.%" PRId64 ".%s", id, now / 1000000, body);
	if ((ok = buf_ok(&text)) == true) {
		crypt_hmac_sha256(key, (size_t)n, text.p, text.len, mac);
		(void)crypt_base64(mac, sizeof mac, base64, sizeof base64);
		(void)snprintf(out[0], POSTBACK_HEADER, "webhook-id: %s", id);
		(void)snprintf(out[1], POSTBACK_HEADER, "webhook-timestamp: %" PRId64,
		    now / 1000000);
		(void)snprintf(out[2], POSTBACK_HEADER, "webhook-signature: v1,%s", base64);
	}
	buf_free(&text);
	return ok;
}

bool
postback_head(const char *secret, const char *id, int64_t now, const char *body,
    struct postback_head *out)
{
	memset(out, 0, sizeof *out);
	out->header[0] = "Content-Type: text/xml; charset=utf-8";
	if (secret[0] == '\0')
		return true;
	if (!postback_sign(secret, id, now, body, out->line))
		return false;
	for (int i = 0; i < 3; i++)
		out->header[i + 1] = out->line[i];
	return true;
}
