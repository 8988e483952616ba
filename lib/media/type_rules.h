/*
 * type_rules: decides which media an element of a slide takes (savemms-api(7), Media types).
 */
#ifndef SM_TYPE_RULES_H
#define SM_TYPE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "model/error.h"
#include "model/media.h"

enum {
	TYPERULE_EXT = 16,  /* bytes type_rule_ext() may write; no known extension is longer */
	TYPERULE_MIME = 64, /* bytes type_rule_mime() may write; no known type is longer */
};

/* Sets ext to the extension of a URL's path, or of a path: what follows the last dot of the last
 * segment, percent-decoded, in lower case. It is "" when there is none, when it is too long to
 * be known, or when it holds anything but ASCII letters and digits. Host, query and fragment are
 * ignored. */
void type_rule_ext(const char *url, char ext[TYPERULE_EXT]);

/* Sets mime to the type in a Content-Type header, without parameters and blanks, in lower case.
 * It is "" when there is none or it is too long to be known; a header that is NULL has none. */
void type_rule_mime(const char *content_type, char mime[TYPERULE_MIME]);

/* Checks, before the bytes are known, whether the element may take what this Content-Type (as
 * received; NULL: there was none) and this extension (from type_rule_ext()) promise. Returns
 * E_NONE or E229. */
enum api_error type_rule_headers(enum kind k, const char *content_type, const char *ext);

/* Checks afterwards whether the bytes, of format found as classify_fd() gives it, are what was
 * promised. Returns false for what "fails at transcoding": E341, E002, E003, or E229 for an
 * object. This is only for what type_rule_headers() accepted; it returns false for all else. */
bool type_rule_bytes(enum kind k, const char *content_type, const char *ext, enum format found);

/* Tells whether the n bytes are the start of a contact or calendar in UTF-16, with or without a
 * byte order mark. Both must be in UTF-8 (RFC 6350 3.1, RFC 5545 3.1.4). */
bool type_rule_utf16(const unsigned char *head, size_t n);

#endif
