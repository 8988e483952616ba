/* crypt_hex: the part of crypt.h that needs no library, for programs without libsodium. */
#include "base/crypt.h"

#include <string.h>

#include "base/ascii.h"

bool
crypt_is_sha256_hex(const char *s)
{
	return strspn(s, ASCII_HEX_LOWER) == 64 && s[64] == '\0';
}
