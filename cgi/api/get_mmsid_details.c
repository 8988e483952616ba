/* getMMSIDDetails: describes all of one template. */
#include "cgi/answer_doc.h"
#include "cgi/api/describe.h"
#include "cgi/api/mmsid.h"
#include "cgi/app.h"

bool
action_get_mmsid_details(struct call *c)
{
	struct template *t = mmsid_template(c);

	if (t == NULL)
		return false;
	answer_open(c->answer);
	describe_template(c, t);
	answer_close(c->answer);
	return true;
}
