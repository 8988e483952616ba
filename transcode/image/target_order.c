/* target_order: decides the order of targets and what each gets; see image.h. Pure. */
#include "transcode/image/image.h"
#include "transcode/image/target_order.h"

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

/* Tells whether a is better than b for a target with this budget. */
static bool
better(const struct target_file *a, const struct target_file *b, uint64_t budget)
{
	uint64_t pixels = (uint64_t)a->width * a->height, than = (uint64_t)b->width * b->height;

	if (a->bytes > budget || b->bytes > budget)
		return a->bytes < b->bytes;
	if (pixels != than)
		return pixels > than;
	if (a->quality == 0 || b->quality == 0)
		return a->quality == 0 && b->quality != 0;
	return a->quality > b->quality;
}

int
target_pick(const struct transcode_target *t, const struct target_file *f, unsigned n)
{
	int best = -1;

	for (unsigned k = 0; k < n; k++)
		if (f[k].bytes > 0 && f[k].width <= t->box && f[k].height <= t->box &&
		    (best < 0 || better(&f[k], &f[best], t->budget)))
			best = (int)k;
	return best;
}
