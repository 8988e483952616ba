/* target_order: see image.h; pure */
#include "transcode/image.h"

void
target_order(const struct transcode_request *req, unsigned order[TRANSCODE_TARGETS])
{
	for (unsigned i = 0; i < req->ntargets; i++) {
		const struct transcode_target *t = &req->target[i];
		unsigned at = i;

		for (; at > 0; at--) {
			const struct transcode_target *o = &req->target[order[at - 1]];

			if (o->box > t->box || (o->box == t->box && o->budget > t->budget))
				break;
			order[at] = order[at - 1];
		}
		order[at] = i;
	}
}
