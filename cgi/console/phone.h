/*
 * phone: shows a template as phones show it.
 */
#ifndef SM_PHONE_H
#define SM_PHONE_H

#include "cgi/console/template_page.h"

/* Writes the template's slides as a handset of one kind shows them ("iphone", "android",
 * "other", "unknown"), or its fallback SMS ("sms"), below the links that choose between these. */
void console_phone(struct console *c, const struct template *t, const char *as);

#endif
