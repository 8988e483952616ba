/* transcode_result: see transcode_result.h */
#include "media/transcode_result.h"

#include <stdio.h>
#include <string.h>

const char *
transcode_request_bad(const struct transcode_request *req)
{
	if (req->version != TRANSCODE_VERSION)
		return "the request is from another version of savemms";
	if (req->kind >= TRANSCODE_KINDS)
		return "the kind of request is unknown";
	if (req->wall_ms == 0 || req->cpu_s == 0 || req->memory_mb == 0)
		return "a limit is missing";
	if (req->kind == TRANSCODE_IDENTIFY)
		return req->format != FORMAT_NONE || req->ntargets != 0 ?
		    "what is to be identified has neither format nor targets" :
		    NULL;
	if (req->format == FORMAT_NONE || req->format >= FORMAT_COUNT ||
	    kind_is_object(format_kind((enum format)req->format)))
		return "the format is not image, audio or video";
	if (req->kind == TRANSCODE_RENDER_SESSION &&
	    (req->format != FORMAT_JPEG || req->ntargets != 1))
		return "personal images need a JPEG background and one target";
	if (req->kind == TRANSCODE_PROBE &&
	    (!kind_is_av(format_kind((enum format)req->format)) || req->ntargets != 0))
		return "only audio and video can be probed, without targets";
	if ((req->ntargets < 1 && req->kind != TRANSCODE_PROBE) ||
	    req->ntargets > TRANSCODE_TARGETS)
		return "the number of targets is wrong";
	for (unsigned i = 0; i < req->ntargets; i++) {
		if (req->target[i].budget == 0 || req->target[i].box == 0)
			return "a target has no budget or no box";
		if (req->target[i].profile >= PROFILES)
			return "a target has an unknown profile";
		if (i > 0 && req->target[i].budget < req->target[i - 1].budget)
			return "the targets are not in order";
	}
	return NULL;
}

void
transcode_result_set(struct transcode_result *res, enum transcode_status status, const char *why)
{
	memset(res, 0, sizeof *res);
	res->version = TRANSCODE_VERSION;
	res->status = status;
	(void)snprintf(res->why, sizeof res->why, "%s", why);
}

/* Returns what is wrong with the answer for target i; NULL when nothing is. */
static const char *
output_bad(const struct transcode_result *res, unsigned i, const struct transcode_request *req,
    const uint64_t *size)
{
	const struct transcode_output *o = &res->out[i];

	if (o->same_as >= req->ntargets)
		return "the answer points to a missing target";
	if (res->out[o->same_as].same_as != o->same_as)
		return "the answer points to a target without a file";
	if (!o->fits && size[o->same_as] == 0)
		return NULL; /* not even the smallest was made */
	if (o->format == FORMAT_NONE || o->format >= FORMAT_COUNT)
		return "the answer has an unknown format";
	if (size[o->same_as] == 0)
		return "the answer has no bytes";
	if (o->fits && size[o->same_as] > req->target[i].budget)
		return "the answer is over its budget";
	return NULL;
}

void
transcode_result_check(struct transcode_result *res, size_t n, const struct transcode_request *req,
    const uint64_t *size)
{
	const char *bad = NULL;

	if (n != sizeof *res || res->version != TRANSCODE_VERSION)
		bad = "the answer is from another version of savemms";
	else if (res->status > TS_BROKEN || res->status == TS_PROGRESS)
		bad = "the answer has an unknown status";
	else if (req->kind == TRANSCODE_IDENTIFY ? res->format >= FORMAT_COUNT :
						   res->format != FORMAT_NONE)
		bad = "the answer says an unknown format of the source";
	for (unsigned i = 0; bad == NULL && res->status == TS_OK && i < req->ntargets; i++)
		bad = output_bad(res, i, req, size);
	if (bad != NULL) {
		transcode_result_set(res, TS_BROKEN, bad);
		return;
	}
	res->why[sizeof res->why - 1] = '\0';
	if (res->status != TS_OK) {
		memset(res->out, 0, sizeof res->out);
		res->format = FORMAT_NONE;
	}
	for (unsigned i = 0; i < TRANSCODE_TARGETS; i++) {
		struct transcode_output *o = &res->out[i];

		if (i >= req->ntargets || o->same_as >= req->ntargets || size[o->same_as] == 0)
			*o = (struct transcode_output){ .same_as = i };
		else
			o->bytes = size[o->same_as];
	}
}
