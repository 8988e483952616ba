/*
 * type_rules: which media a slide's element takes (the two tables of SPEC 3.3).
 */
#ifndef SM_TYPE_RULES_H
#define SM_TYPE_RULES_H

#include <stdbool.h>

#include "model/error.h"
#include "model/media.h"

enum {
	TYPERULE_EXT = 16,  /* bytes type_rule_ext() may write; no known extension is longer */
	TYPERULE_MIME = 64, /* bytes type_rule_mime() may write; no known type is longer */
};

/* The extension of a URL's path, or of a path: what is behind the last dot of
 * the last segment, percent-decoded, lower case. "" when there is none, when it
 * is too long to be known, or when it holds anything but ASCII letters and
 * digits. Query and fragment, and the host, are not looked at. */
void type_rule_ext(const char *url, char ext[TYPERULE_EXT]);

/* The type of a Content-Type header: without parameters and blanks, lower case.
 * "" when there is none or it is too long to be known; NULL is none. */
void type_rule_mime(const char *content_type, char mime[TYPERULE_MIME]);

/* Before the bytes are known: may the element take what this Content-Type (as
 * received; NULL: there was none) and this extension (from type_rule_ext())
 * promise? E_NONE, or E229. */
enum api_error type_rule_headers(enum kind k, const char *content_type, const char *ext);

/* Afterwards: is found, what classify_fd() says, what was promised? False is
 * "fails at transcoding": E341, E002, E003, or E229 for an object. Only for
 * what type_rule_headers() let pass; false for all else. */
bool type_rule_bytes(enum kind k, const char *content_type, const char *ext, enum format found);

#endif
