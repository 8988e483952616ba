/*
 * loginUser: tells a client whether its credentials are good; one asks before it does anything
 * else. The SESSIONID has the shape that clients expect, and opens nothing: a key must not become a
 * session of the console.
 */
#include "base/crypt.h"
#include "cgi/answer_doc.h"
#include "cgi/app.h"

enum { SESSION_ID = 32 };

bool
action_login_user(struct call *c)
{
	char id[SESSION_ID + 1];

	crypt_random_text(id, SESSION_ID);
	answer_open(c->answer);
	answer_text(c->answer, ANSWER_SESSIONID, id);
	answer_close(c->answer);
	return true;
}
