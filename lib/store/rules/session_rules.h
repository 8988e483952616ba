/*
 * session_rules: how long a session of the console lasts. Pure.
 */
#ifndef SM_SESSION_RULES_H
#define SM_SESSION_RULES_H

#include "store/session.h"

/* Returns true if the session is over. One from the future is from before the clock was set back,
 * and its age is unknown: it is over too. */
bool session_over(const struct session *se, const struct session_limits *l, int64_t now);

/* Returns true if its use now is worth a write: a minute after the last that was recorded, or a
 * tenth of a short idle time. */
bool session_worth_noting(const struct session *se, const struct session_limits *l, int64_t now);

#endif
