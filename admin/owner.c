/* owner: see owner.h */
#include "admin/owner.h"

#include <errno.h>
#include <string.h>

#include "admin/admin.h"
#include "admin/say.h"
#include "base/user.h"

int
owner_become(const char *dir, bool *became)
{
	if (user_become_owner(dir, became) == 0)
		return DONE;
	return fail("root cannot become the owner of %s: %s", dir, strerror(errno));
}

const char *
owner_note(bool became)
{
	return became ?
	    " (root works as the instance's owner here: name a folder that user can make)" :
	    "";
}
