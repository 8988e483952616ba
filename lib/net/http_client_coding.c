/* http_client_coding: see http_client_coding.h */
#include "net/http_client_coding.h"

#include "base/list.h"

/* The rest of IANA's registry of HTTP content codings (RFC 9110, 16.6.1). */
static const char others[] = "compress, x-compress, exi, pack200-gzip, aes128gcm, dcb, dcz";

void
http_client_coding_add(struct http_client_codings *c, const char *list)
{
	char word[64];

	while (list_next(&list, word, sizeof word))
		if (list_has("gzip, x-gzip, deflate", word))
			c->zipped++;
		else if (list_has("br, zstd", word))
			c->other++;
		else if (list_has(others, word))
			c->lost++;
		else if (!list_has("identity, none", word))
			c->unknown++;
}

enum http_client_coding
http_client_coding(const struct http_client_codings *c)
{
	if (c->lost > 0)
		return CODING_LOST;
	if (c->unknown == 0)
		return CODING_LIBCURL;
	if (c->zipped + c->other == 0)
		return CODING_PLAIN;
	return c->zipped == 1 && c->other == 0 ? CODING_ZIPPED : CODING_LOST;
}
