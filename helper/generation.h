/*
 * generation: the settings of the helper. Each reading of savemms.conf, after "savemms reload",
 * makes new ones. The older ones stay, because jobs under way use them; the operator does not
 * reload often.
 */
#ifndef SM_HELPER_GENERATION_H
#define SM_HELPER_GENERATION_H

struct helper;
struct settings;

/* Sets h->settings to the first settings, and returns them for the caller to read. */
struct settings *generation_first(struct helper *h);

/* Reads the settings again, and sets h->settings to them, if the operator has asked for it. Only
 * one thread may call it. */
void generation_look(struct helper *h);

#endif
