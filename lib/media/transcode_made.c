/* transcode_made: see transcode_made.h */
#include "media/transcode_made.h"

void
transcode_request_init(struct transcode_request *req, const struct settings *s, enum format f)
{
	bool av = f != FORMAT_NONE && kind_is_av(format_kind(f));

	*req = (struct transcode_request){
		.version = TRANSCODE_VERSION,
		.format = f,
		.cpu_s = (uint32_t)(av ? s->av_cpu_seconds : s->image_cpu_seconds),
		.memory_mb = (uint32_t)(av ? s->av_memory_mb : s->image_memory_mb),
		.wall_ms = (uint32_t)(av ? s->av_wall_seconds * 1000 : settings_image_ms(s)),
		.max_pixels = s->max_pixels,
		.max_frames = (uint32_t)s->max_frames,
		.max_ms = (uint32_t)s->max_seconds * 1000,
	};
}

void
transcode_request_probe(struct transcode_request *req, const struct settings *s, enum format f)
{
	transcode_request_init(req, s, f);
	req->kind = TRANSCODE_PROBE;
	req->cpu_s = (uint32_t)s->image_cpu_seconds;
	req->wall_ms = (uint32_t)settings_image_ms(s);
}

struct transcode_target
transcode_target_of(const struct class *c, uint64_t budget)
{
	return (struct transcode_target){ .budget = budget,
		.box = c->box,
		.audio_bps = c->audio_bps,
		.sound_bps = c->sound_bps,
		.profile = c->profile };
}

void
transcode_want(struct transcode_request *req, const struct settings *s, uint64_t want[CLASS_MAX])
{
	if (transcode_target(want, s->nclass) == 0)
		want[s->nclass - 1] = 1;
	for (unsigned k = 0; k < s->nclass; k++)
		if (want[k] != 0)
			req->target[req->ntargets++] = transcode_target_of(&s->class[k], want[k]);
}

enum api_error
transcode_error(enum transcode_status status, enum kind k)
{
	bool by_postback = kind_is_av(k);

	switch (status) {
	case TS_OK:
		return E_NONE;
	case TS_TOO_BIG:
		return by_postback ? E_NONE : E331;
	case TS_CORRUPT:
	case TS_LIMIT: /* damaged, or too much for a decoder within its limits */
		return by_postback ? E_NONE : E341;
	default:
		return E503;
	}
}

unsigned
transcode_target(const uint64_t want[CLASS_MAX], unsigned k)
{
	unsigned n = 0;

	for (unsigned j = 0; j < k; j++)
		n += want[j] != 0;
	return n;
}
