/*
 * percent: text as a part of a URL.
 */
#ifndef SM_PERCENT_H
#define SM_PERCENT_H

#include <stdbool.h>
#include <stdint.h>

struct buf;

/* Tells whether percent_add() writes this character as it is; any other becomes three characters
 * for each of its bytes. */
bool percent_is_plain(uint32_t c);

/* Appends text with every byte but the unreserved ones (RFC 3986, 2.3) as %XX. The result may
 * be a name, a value or a segment of a path. Check buf_ok(). */
void percent_add(struct buf *out, const char *text);

#endif
