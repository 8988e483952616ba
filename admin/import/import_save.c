/* import_save: see import.h */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "admin/import/import.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/crypt.h"
#include "net/http_client.h"

enum {
	CALL_MS = 150000, /* savemms-api(7), Fetching: an answer comes within 120 seconds */
	ANSWER = 16385,   /* http_client.h */
	ANSWER_MEMORY = 4 << 20,
	TRIES = 6
};

#define KEY "Idempotency-Key: "
enum { KEY_LINE = sizeof KEY - 1 + SHA256_HEX };

static void
key_line(char out[KEY_LINE], uint64_t account, const struct import_item *it, uint64_t behind)
{
	char ids[64], hex[SHA256_HEX];
	struct sha256 s;

	(void)snprintf(ids, sizeof ids, "%" PRIu64 " %" PRIu64 " ", account, behind);
	crypt_sha256_start(&s);
	crypt_sha256_add(&s, ids, strlen(ids));
	crypt_sha256_add(&s, it->old, strlen(it->old) + 1);
	crypt_sha256_add(&s, it->body, strlen(it->body));
	crypt_sha256_end(&s, hex);
	(void)snprintf(out, KEY_LINE, KEY "%s", hex);
}

/* Makes one call; server->url is that of the interface. */
static void
save_once(struct admin *ad, const struct account *ac, const struct import_server *server,
    const struct import_item *it, struct import_answer *out)
{
	char key[KEY_LINE];
	const char *const header[] = { "Content-Type: text/xml; charset=utf-8",
		server->keyed ? key : NULL, NULL };
	struct buf answer;
	struct http_client_call c = { .url = server->url,
		.header = header,
		.body = it->body,
		.len = strlen(it->body),
		.ms = CALL_MS,
		.operators = true,
		.answer = &answer };
	struct arena *a = arena_new(ANSWER_MEMORY);

	buf_init(&answer, ANSWER);
	key_line(key, ac->id, it, server->behind);
	if (a != NULL)
		http_client_call(&ad->s, &c);
	if (a == NULL || c.rc == HTTP_CLIENT_BROKEN || !buf_ok(&answer)) {
		*out = (struct import_answer){ .verdict = IMPORT_STOP };
		(void)snprintf(out->text, sizeof out->text, "this machine: %.160s",
		    a != NULL && c.rc == HTTP_CLIENT_BROKEN ? c.why : "out of memory");
	} else {
		import_answer_judge(a, ac, c.rc == HTTP_CLIENT_OK ? c.status : 0,
		    c.rc == HTTP_CLIENT_OK ? buf_str(&answer) : c.why, out);
		out->replayed = server->keyed && c.rc == HTTP_CLIENT_OK && c.replayed;
	}
	buf_free(&answer);
	arena_free(&a);
}

void
import_save(struct admin *ad, const struct account *ac, const struct import_server *server,
    const struct import_item *it, struct import_answer *out)
{
	char to[SETTING_TEXT + 32], last[sizeof out->text];
	const char *url = server->url;
	const struct import_server at = { to, server->keyed, server->behind };
	size_t n = strlen(url);

	(void)snprintf(to, sizeof to, "%.*s%s", (int)(n > 0 && url[n - 1] == '/' ? n - 1 : n), url,
	    it->dialect == DIALECT_A ? "/API/wxml/1.3/" : "/ep/v1/");
	for (int i = 1; save_once(ad, ac, &at, it, out), out->verdict == IMPORT_LATER; i++) {
		if (i < TRIES) {
			(void)poll(NULL, 0, (int)out->wait_s * 1000);
			continue;
		}
		memcpy(last, out->text, sizeof last);
		out->verdict = IMPORT_STOP;
		(void)snprintf(out->text, sizeof out->text,
		    "%.300s (%d times): see log/savemms.log of the instance", last, TRIES);
		return;
	}
}
