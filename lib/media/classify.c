/* classify: see classify.h */
#include "media/classify.h"

#include "base/log.h"
#include "media/media_magic.h"
#include "media/transcode_made.h"

bool
classify_start(const struct classify_by *by, int fd, enum format *found, struct transcode_job **ask)
{
	struct transcode_request req;

	*ask = NULL;
	if ((*found = media_magic_fd(fd)) != FORMAT_NONE)
		return true;
	transcode_request_init(&req, by->settings, FORMAT_NONE);
	req.kind = TRANSCODE_IDENTIFY;
	req.account = by->account;
	*ask = transcode_start(by->transcoder, &req, fd, ""); /* without targets, no folder */
	return *ask != NULL;
}

bool
classify_judge(const struct transcode_result *res, enum format *found)
{
	*found = res->status == TS_OK ? (enum format)res->format : FORMAT_NONE;
	return res->status == TS_OK || res->status == TS_LIMIT;
}

bool
classify_wait(struct transcode_job **ask, const struct transcode_until *until, enum format *found)
{
	struct transcode_result res;
	bool looked;

	transcode_wait(*ask, until, NULL, NULL, &res);
	transcode_end(ask);
	looked = classify_judge(&res, found);
	if (!looked)
		log_error("a medium cannot be examined: %s", res.why);
	else if (res.status != TS_OK)
		log_warn("a medium on which libmagic fails is of no known format: %s", res.why);
	return looked;
}

bool
classify_fd(const struct classify_by *by, int fd, enum format *found)
{
	const struct transcode_until until = { transcode_queue_until(), -1 };
	struct transcode_job *ask;

	return classify_start(by, fd, found, &ask) &&
	    (ask == NULL || classify_wait(&ask, &until, found));
}
