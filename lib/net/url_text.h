/*
 * url_text: makes a URL of what people write into links: blanks, letters of any script and other
 * characters that RFC 3986 does not allow. Pure.
 */
#ifndef SM_URL_TEXT_H
#define SM_URL_TEXT_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends url to out as browsers send it (WHATWG URL, 4.4): without blanks around it, without tabs
 * and line breaks, without its fragment, with slashes for backslashes in the path, and with percent
 * signs for what may not stand in path or query. What is encoded already stays so. The host stays
 * as it is. Returns false when url is not a scheme, "://", a host and the rest, or when the host
 * has a blank, a control character, a backslash or a percent sign, of which libcurl would make a
 * host of another form. relative also allows what a Location may say (RFC 9110, 10.2.2): a URL
 * without scheme, or without host. Whether memory or out's cap were too small, buf_ok() says. */
bool url_text(const char *url, bool relative, struct buf *out) __attribute__((warn_unused_result));

#endif
