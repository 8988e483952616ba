/* session_rules: see session_rules.h */
#include "store/rules/session_rules.h"

enum { SECOND_US = 1000000, SLACK_US = 60 * SECOND_US, SHORT_S = 600 };

bool
session_over(const struct session *se, const struct session_limits *l, int64_t now)
{
	return se->created > now + SLACK_US || se->seen > now + SLACK_US ||
	    now - se->seen > (int64_t)l->idle_s * SECOND_US ||
	    now - se->created > (int64_t)l->whole_s * SECOND_US;
}

bool
session_worth_noting(const struct session *se, const struct session_limits *l, int64_t now)
{
	int64_t after = l->idle_s < SHORT_S ? (int64_t)(l->idle_s * SECOND_US / 10) : SLACK_US;

	return now - se->seen > after;
}
