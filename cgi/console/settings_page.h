/*
 * settings_page: the page of API settings, for those who come back to it.
 */
#ifndef SM_SETTINGS_PAGE_H
#define SM_SETTINGS_PAGE_H

struct console;

/* The page; with wrong, that the setting wrong_key (NULL: none of them) could not be saved
 * and why. */
void console_settings_page(struct console *c, const char *wrong_key, const char *wrong);

#endif
