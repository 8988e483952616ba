/* idempotency: see idempotency.h */
#include "request/idempotency.h"

#include <stdint.h>
#include <string.h>

#include "base/ascii.h"
#include "request/charset.h"
#include "request/mime_read.h"

enum { FIELD_MAX = 1024, NAME_MAX_BYTES = 256, SIZE_BYTES = 8 };

static bool
visible(char c)
{
	return c > ' ' && c < 0x7f;
}

/* Returns the next character of a string of RFC 8941 and moves *s behind it; NUL: there is none, or
 * none that a key may have. */
static char
next_quoted(const char **s)
{
	char c = **s;

	if (c == '\\') {
		c = *++*s;
		if (c != '"' && c != '\\')
			return '\0';
	} else if (c == '"' || !visible(c)) {
		return '\0';
	}
	(*s)++;
	return c;
}

static bool
only_blanks(const char *s)
{
	return s[strspn(s, " \t")] == '\0';
}

/* Returns where a string that begins at s ends, of characters or blanks; NULL: nowhere. */
static const char *
skip_string(const char *s)
{
	for (s++; *s != '"'; s++) {
		if (*s == '\\')
			s++;
		if (*s != ' ' && !visible(*s))
			return NULL;
	}
	return s + 1;
}

/* Returns where the parameters of an item of RFC 8941 (3.1.2) that begin at s end; NULL: they are
 * malformed. The types of their values other than strings are not told apart. */
static const char *
skip_parameters(const char *s)
{
	static const char lower[] = "*abcdefghijklmnopqrstuvwxyz",
			  name[] = "*abcdefghijklmnopqrstuvwxyz0123456789_-.",
			  value[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789!#$%&'*+-.^_`|~:/?=";
	size_t n;

	while (s != NULL && *s == ';') {
		s++;
		s += strspn(s, " ");
		if (strspn(s, lower) == 0)
			return NULL;
		s += strspn(s, name);
		if (*s != '=')
			continue;
		if (*++s == '"')
			s = skip_string(s);
		else if ((n = strspn(s, value)) > 0)
			s += n;
		else
			return NULL;
	}
	return s;
}

bool
idempotency_key(const char *header, char out[IDEMPOTENCY_KEY])
{
	const char *s = header + strspn(header, " \t");
	bool quoted = *s == '"';
	size_t n = 0;
	char c;

	s += quoted;
	while (n < IDEMPOTENCY_KEY - 1) {
		if (quoted)
			c = next_quoted(&s);
		else
			c = visible(*s) && *s != '"' && *s != ',' ? *s++ : '\0';
		if (c == '\0')
			break;
		out[n++] = c;
	}
	out[n] = '\0';
	if (quoted && *s++ != '"')
		return false;
	if (quoted && (s = skip_parameters(s)) == NULL)
		return false;
	return n > 0 && only_blanks(s);
}

/* Adds n bytes with their number in front, so that no two lists of texts look alike. */
static void
add_text(struct sha256 *s, const char *p, size_t n)
{
	unsigned char size[SIZE_BYTES];

	for (size_t i = 0, left = n; i < sizeof size; i++, left >>= 8)
		size[i] = (unsigned char)left;
	crypt_sha256_add(s, size, sizeof size);
	crypt_sha256_add(s, p, n);
}

/* A name or type that is too long to be read counts as missing, as it does for multipart.c. */
static void
add_part(struct sha256 *s, const struct mime_part *part)
{
	char field[FIELD_MAX], name[NAME_MAX_BYTES], type[NAME_MAX_BYTES];

	if (!mime_field(part, "Content-Disposition", field, sizeof field) ||
	    !mime_parameter(field, strlen(field), "name", name, sizeof name))
		name[0] = '\0';
	if (!mime_field(part, "Content-Type", type, sizeof type))
		type[0] = '\0';
	add_text(s, name, strlen(name));
	add_text(s, type, strlen(type));
	add_text(s, part->body, part->nbody);
}

/* Starts a fingerprint with what the same bytes may mean different things in: the dialect, the
 * charset that is named, whose case does not count, and the form in which they are read. */
static void
start_print(struct sha256 *s, enum dialect d, const char *content_type, const char *form)
{
	char charset[CHARSET_NAME];

	if (!mime_parameter(content_type, strlen(content_type), "charset", charset, sizeof charset))
		charset[0] = '\0';
	for (char *c = charset; *c != '\0'; c++)
		*c = ascii_lower(*c);
	crypt_sha256_start(s);
	add_text(s, dialect_name(d), strlen(dialect_name(d)));
	add_text(s, charset, strlen(charset));
	add_text(s, form, strlen(form));
}

/* Returns false for a body that is no multipart or cannot be read as one. One with anything in
 * front of its first boundary is not read as such: that may be a document. */
static bool
print_parts(enum dialect d, const char *content_type, const char *body, size_t n,
    char out[SHA256_HEX])
{
	struct mime_parts parts;
	struct mime_part part;
	struct sha256 s;
	int more;

	if (n < 2 || memcmp(body, "--", 2) != 0 || !mime_is(content_type, "multipart/form-data") ||
	    !mime_open(&parts, content_type, body, n))
		return false;
	start_print(&s, d, content_type, "multipart/form-data");
	while ((more = mime_next(&parts, &part)) > 0)
		add_part(&s, &part);
	crypt_sha256_end(&s, out);
	return more == 0;
}

void
idempotency_print(enum dialect d, const char *content_type, const char *body, size_t n,
    char out[SHA256_HEX])
{
	struct sha256 s;

	if (print_parts(d, content_type, body, n, out))
		return;
	start_print(&s, d, content_type, "");
	add_text(&s, body, n);
	crypt_sha256_end(&s, out);
}

bool
idempotency_keeps(enum api_error e)
{
	switch (e) {
	case E_NONE:
	case E311:
	case E228:
	case E652:
	case E622:
	case E312:
	case E225:
	case E313:
	case E334:
	case E226:
	case E227:
	case E224:
	case E223:
	case E1130:
	case E1131:
		return true;
	default:
		return false;
	}
}
