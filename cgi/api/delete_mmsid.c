/* deleteMMSID: deletes a template at once, with its jobs and its media. */
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "blob/blob.h"
#include "cgi/api/delete_mmsid.h"
#include "cgi/answer_doc.h"
#include "cgi/api/mmsid.h"
#include "cgi/app.h"
#include "cgi/call.h"
#include "cgi/start_helper.h"

enum store_rc
remove_template(struct app *app, uint64_t account, uint64_t id, struct arena *a)
{
	const struct settings *s = &app->settings;
	struct orphans orphans;
	enum store_rc rc;
	int lock;

	if ((lock = blob_exclusive(s)) < 0) {
		log_error("locking the media folder: %m");
		return ST_IO;
	}
	rc = store_template_remove(app->store, account, id, a, &orphans);
	for (size_t i = 0; rc == ST_OK && i < orphans.n; i++)
		if (blob_remove(s, orphans.sha[i]) != 0)
			log_warn("removing blob %s: %m; the sweep will remove it", orphans.sha[i]);
	file_close(&lock);
	if (rc == ST_OK && orphans.queued)
		start_helper(s);
	return rc;
}

bool
action_delete_mmsid(struct call *c)
{
	enum store_rc rc;
	uint64_t id;

	if (!mmsid_of(c, &id))
		return false;
	/* before the commit, so that no lack of memory turns the answer into E503 afterwards */
	answer_open(c->answer);
	answer_id(c->answer, ANSWER_MMSID, id);
	answer_close(c->answer);
	if (!buf_ok(&c->answer->body))
		return call_fail(c, E503);
	if ((rc = remove_template(c->app, c->account.id, id, c->arena)) != ST_OK)
		return call_store_fail(c, rc, "removing a template");
	return true;
}
