/*
 * media_table: writes a table for each medium, with what arrived and what was made of it.
 */
#ifndef SM_MEDIA_TABLE_H
#define SM_MEDIA_TABLE_H

#include "cgi/console/template_page.h"

/* Writes, for each medium of each slide, what arrived, what was made of it, and why. */
void console_media_table(struct console *c, const struct template *t);

#endif
