/* peer: see peer.h */
#include "transcode/peer.h"

#include <string.h>
#include <sys/socket.h>

#include "model/media.h"

enum { OLD_VERSION = 2, OLD_BROKEN = 6, OLD_KINDS = 1, OLD_WHY = 160 };

/* A request and an answer as they were in 0.1.0. Its personal images are not translated. */
struct old_request {
	uint32_t version, kind, format, ntargets, wall_ms, cpu_s, memory_mb;
	uint64_t max_pixels;
	uint32_t max_frames, max_ms, jpeg;
	struct {
		uint64_t budget;
		uint32_t box, audio_bps;
	} target[TRANSCODE_TARGETS];
};

struct old_result {
	uint32_t version, status, done_permille, left_ms, width, height, frames, ms;
	struct {
		uint32_t fits, same_as, format, width, height, ms, quality;
		uint64_t bytes;
	} out[TRANSCODE_TARGETS];
	char why[OLD_WHY];
};

_Static_assert(sizeof(struct old_request) != sizeof(struct transcode_request),
    "the size tells a request of 0.1.0");

static bool old;

bool
peer_translate(struct transcode_request *req, size_t n)
{
	struct old_request was;

	if (n != sizeof was)
		return false;
	memcpy(&was, req, sizeof was);
	if (was.version != OLD_VERSION)
		return false;
	old = true;
	*req = (struct transcode_request){ .version = TRANSCODE_VERSION,
		.kind = was.kind < OLD_KINDS ? TRANSCODE_MEDIUM : TRANSCODE_KINDS,
		.format = was.format,
		.ntargets = was.ntargets,
		.max_pixels = was.max_pixels,
		.wall_ms = was.wall_ms,
		.cpu_s = was.cpu_s,
		.memory_mb = was.memory_mb,
		.max_frames = was.max_frames,
		.max_ms = was.max_ms,
		.jpeg = was.jpeg };
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++)
		req->target[i] = (struct transcode_target){ .budget = was.target[i].budget,
			.box = was.target[i].box,
			.audio_bps = was.target[i].audio_bps,
			.sound_bps = SOUND_MONO,
			.profile = PROFILE_BASELINE };
	return true;
}

/* Returns the number that 0.1.0 has for the status: it knows no TS_KILLED, which is our fault as
 * well. */
static uint32_t
old_status(uint32_t status)
{
	return status == TS_KILLED || status == TS_BROKEN ? OLD_BROKEN : status;
}

_Static_assert(TS_OK == 0 && TS_PROGRESS == 1 && TS_CORRUPT == 2 && TS_TOO_BIG == 3 &&
	TS_LIMIT == 4 && TS_VALUE == 5,
    "the others have the numbers of 0.1.0");

static void
translate(const struct transcode_result *res, struct old_result *out)
{
	memset(out, 0, sizeof *out);
	out->version = OLD_VERSION;
	out->status = old_status(res->status);
	out->done_permille = res->done_permille;
	out->left_ms = res->left_ms;
	out->width = res->width;
	out->height = res->height;
	out->frames = res->frames;
	out->ms = res->ms;
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++) {
		const struct transcode_output *o = &res->out[i];

		out->out[i].fits = o->fits;
		out->out[i].same_as = o->same_as;
		out->out[i].format = o->format;
		out->out[i].width = o->width;
		out->out[i].height = o->height;
		out->out[i].ms = o->ms;
		out->out[i].quality = o->quality;
		out->out[i].bytes = o->bytes;
	}
	memcpy(out->why, res->why, sizeof out->why - 1);
}

int
peer_send(int answer, const struct transcode_result *res, int flags)
{
	struct old_result was;
	size_t n = old ? sizeof was : sizeof *res;

	if (old)
		translate(res, &was);
	return send(answer, old ? (const void *)&was : res, n, flags) == (ssize_t)n ? 0 : -1;
}
