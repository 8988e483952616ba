/*
 * settings_page: writes the page of API settings, also for the functions that return to it.
 */
#ifndef SM_SETTINGS_PAGE_H
#define SM_SETTINGS_PAGE_H

struct console;

/* Writes the page. If wrong is not NULL, the page says that the setting wrong_key could not be
 * saved, and wrong says why; wrong_key is NULL when that concerns no single setting. */
void console_settings_page(struct console *c, const char *wrong_key, const char *wrong);

#endif
