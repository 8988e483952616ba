/*
 * action: handles a call of the API, from its body to its answer and its line in the log.
 */
#ifndef SM_ACTION_H
#define SM_ACTION_H

#include "cgi/app.h"

/* Answers a call of the API: reads the body and the request, runs the action, counts the call
 * and logs it. A failure becomes the answer. */
void action_serve(struct call *c);

/* Runs the action for an account that is already known, for example from a session of the
 * console. The caller has set c->request and c->account. The call is checked, counted and logged
 * like one from outside. Returns false with c->failure set. */
bool action_for_account(struct call *c, const char *action) __attribute__((warn_unused_result));

/* Does so without the line in the log: for one who writes the answer anew and then calls
 * action_log(). */
bool action_run(struct call *c, const char *action) __attribute__((warn_unused_result));

/* Makes the same checks and counts the call, for one who does what the action would, or calls
 * action_do() after what is not done for just anybody. */
bool action_may(struct call *c, const char *action) __attribute__((warn_unused_result));

/* Runs the action that action_may() has allowed. */
bool action_do(struct call *c) __attribute__((warn_unused_result));

/* Counts and logs a call whose answer is ready and which began at that time (clock_mono()). */
void action_log(const struct call *c, int64_t began);

#endif
