/*
 * generation: the settings that requests which begin now work with. Each reading of savemms.conf,
 * after "savemms reload", makes a new one. The older ones stay, because requests under way use
 * them; the operator does not reload often.
 */
#ifndef SM_CGI_GENERATION_H
#define SM_CGI_GENERATION_H

struct app;

/* Begins with app, which stays the caller's and in place. Call it before threads start. */
void generation_first(struct app *app);

/* Returns what a request that begins now works with: the settings are read again if the operator
 * has asked for it. Requests do not wait while another thread does that. */
struct app *generation_now(void);

#endif
