/*
 * hosted: what hosted pages are made of beside the page itself.
 */
#ifndef SM_HOSTED_H
#define SM_HOSTED_H

extern const char hosted_style[];	/* the style sheet, /m/style.css */

#endif
