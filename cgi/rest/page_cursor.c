/* page_cursor: see page_cursor.h */
#include "cgi/rest/page_cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/ascii.h"
#include "base/crypt.h"

enum { DIGITS = 16, NUMBERS = 3, SIGNED = NUMBERS * DIGITS };

static const int64_t GOOD_US = 86400 * INT64_C(1000000);
/* The time in a cursor is that of the hour, so that a page which has not changed has the same. */
static const int64_t MADE_US = 3600 * INT64_C(1000000);

_Static_assert(PAGE_CURSOR == SIGNED + SHA256_HEX, "three numbers and a signature");

/* Writes the signature of the numbers, for these filters. */
static void
sign(const struct page_of *of, const char *numbers, char out[SHA256_HEX])
{
	unsigned char mac[SHA256_BYTES];
	struct sha256 s;
	char digest[SHA256_HEX];

	crypt_sha256_start(&s);
	crypt_sha256_add(&s, numbers, SIGNED);
	crypt_sha256_add(&s, of->filters, strlen(of->filters));
	crypt_sha256_end(&s, digest);
	crypt_hmac_sha256(of->key, strlen(of->key), digest, SHA256_HEX - 1, mac);
	crypt_digest_hex(mac, out);
}

void
page_cursor_write(const struct page_of *of, const struct page_end *end, char out[PAGE_CURSOR])
{
	(void)snprintf(out, PAGE_CURSOR, "%016" PRIx64 "%016" PRIx64 "%016" PRIx64,
	    (uint64_t)(of->now - of->now % MADE_US), (uint64_t)end->created, end->id);
	sign(of, out, out + SIGNED);
}

/* Reads one of the numbers. */
static bool
number(const char *text, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < DIGITS; i++) {
		int digit = ascii_hex_value(text[i]);

		if (digit < 0)
			return false;
		*out = *out << 4 | (uint64_t)digit;
	}
	return true;
}

bool
page_cursor_read(const struct page_of *of, const char *text, struct page_end *end)
{
	char right[SHA256_HEX];
	uint64_t made, created;

	if (strlen(text) != PAGE_CURSOR - 1 || !number(text, &made) ||
	    !number(text + DIGITS, &created) || !number(text + 2 * DIGITS, &end->id))
		return false;
	sign(of, text, right);
	end->created = (int64_t)created;
	return crypt_equal(text + SIGNED, right) && of->now - (int64_t)made <= GOOD_US;
}
