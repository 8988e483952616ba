/*
 * av_args: the argument lists of ffprobe and ffmpeg: see av.h.
 *
 * Every file is a descriptor that the program inherits, so no name from outside
 * ever reaches it; the demuxer is the one of the sniffed format, because a
 * playlist named x.mp4 opens other files otherwise (MEDIA.md 5.3, SECURITY-FACTS
 * 5.3); decoders are those of av_codecs.c. A list that does not fit sets failed
 * and must not be run.
 */
#include "transcode/av.h"

#include <stdarg.h>
#include <stdio.h>

void
arg_add(struct av_args *a, const char *s)
{
	if (a->n == AV_ARGS)
		a->failed = true;
	else
		a->v[a->n++] = s;
}

void
arg_list(struct av_args *a, const char *const *list)
{
	for (; *list != NULL; list++)
		arg_add(a, *list);
}

void
arg_printf(struct av_args *a, const char *fmt, ...)
{
	size_t room = sizeof a->text - a->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(a->text + a->used, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room) {
		a->failed = true;
		return;
	}
	arg_add(a, a->text + a->used);
	a->used += (size_t)n + 1;
}

/* What both programs are told before the source. */
static void
add_input(struct av_args *a, const struct transcode_request *req)
{
	static const char *const fixed[] = {
		"-protocol_whitelist", "file", "-codec_whitelist", av_decoders, "-threads", "1",
		"-analyzeduration", "5M", "-probesize", "5M", NULL
	};

	arg_list(a, fixed);
	arg_add(a, "-max_streams");
	arg_printf(a, "%d", AV_STREAMS);
	arg_add(a, "-max_pixels");
	arg_printf(a, "%llu", (unsigned long long)req->max_pixels);
	arg_add(a, "-f");
	arg_add(a, format_demuxer((enum format)req->format));
}

void
args_probe(struct av_args *a, const struct transcode_request *req, const char *opened)
{
	arg_add(a, FFPROBE);
	arg_add(a, "-hide_banner");
	arg_add(a, "-loglevel");
	arg_add(a, "error");
	add_input(a, req);
	if (opened[0] != '\0') {	/* the empty specifier: of all streams, not of the file */
		arg_add(a, "-codec_whitelist:");
		arg_printf(a, "%s%s", av_decoders, opened);
	}
	arg_add(a, "-show_entries");
	arg_add(a, "stream=index,codec_type,codec_name,width,height,sample_aspect_ratio,"
	    "avg_frame_rate,r_frame_rate,duration,sample_rate,channels,bit_rate"
	    ":stream_side_data=rotation:stream_disposition=attached_pic:format=duration");
	arg_add(a, "-of");
	arg_add(a, "flat");
	arg_add(a, "-i");
	arg_printf(a, "file:/proc/self/fd/%d", AV_FD_SOURCE);
}

void
args_source(struct av_args *a, const struct transcode_request *req)
{
	static const char *const fixed[] = {
		FFMPEG, "-nostdin", "-hide_banner", "-loglevel", "error", "-y",
		"-progress", "pipe:1", "-stats_period", "0.5",
		"-filter_threads", "1", "-filter_complex_threads", "1", NULL
	};

	arg_list(a, fixed);
	add_input(a, req);
	arg_add(a, "-t");	/* a second more than allowed shows that it is too long */
	arg_printf(a, "%u.%03u", req->max_ms / 1000 + 1, req->max_ms % 1000);
	arg_add(a, "-i");
	arg_printf(a, "file:/proc/self/fd/%d", AV_FD_SOURCE);
}

void
args_measure(struct av_args *a, int stream)
{
	arg_add(a, "-map");
	arg_printf(a, "0:%d", stream);
	arg_add(a, "-f");
	arg_add(a, "null");
	arg_add(a, "-");
}

/* Nothing of the source but the mapped streams, nothing about us. */
static void
add_bare(struct av_args *a)
{
	static const char *const fixed[] = {
		"-sn", "-dn", "-map_metadata", "-1", "-map_chapters", "-1",
		"-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "1", NULL
	};

	arg_list(a, fixed);
}

static void
add_file(struct av_args *a, const char *muxer, int fd)
{
	arg_add(a, "-f");
	arg_add(a, muxer);
	arg_printf(a, "file:/proc/self/fd/%d", fd);
}

void
args_mp3(struct av_args *a, int stream, const struct av_sound *s, int fd)
{
	static const char *const fixed[] = {
		"-ac", "1", "-c:a", "libmp3lame", "-abr", "0", "-write_xing", "0",
		"-id3v2_version", "0", "-write_id3v1", "0", NULL
	};

	arg_add(a, "-map");
	arg_printf(a, "0:%d", stream);
	arg_list(a, fixed);
	arg_add(a, "-b:a");
	arg_printf(a, "%u", s->bps);
	arg_add(a, "-ar");
	arg_printf(a, "%u", s->hz);
	add_bare(a);
	add_file(a, "mp3", fd);
}

/* Gaps are filled with silence, from the start of the container's time on, so
 * that the sound stays with a picture that is encoded in another run. */
void
args_aac(struct av_args *a, int stream, const struct av_sound *s, int fd)
{
	arg_add(a, "-map");
	arg_printf(a, "0:%d", stream);
	arg_add(a, "-af");
	arg_printf(a, "aresample=%u:async=1:first_pts=0", s->hz);
	arg_add(a, "-ac");
	arg_add(a, "1");
	arg_add(a, "-c:a");
	arg_add(a, "aac");
	arg_add(a, "-b:a");
	arg_printf(a, "%u", s->bps);
	add_bare(a);
	add_file(a, "mp4", fd);
}

void
args_sound_input(struct av_args *a, int fd)
{
	arg_add(a, "-protocol_whitelist");
	arg_add(a, "file");
	arg_add(a, "-f");
	arg_add(a, "mov");
	arg_add(a, "-i");
	arg_printf(a, "file:/proc/self/fd/%d", fd);
}

/* A filter graph under construction. */
struct graph {
	char text[TRANSCODE_TARGETS * 192 + 256];
	size_t used;
	bool failed;
};

static void __attribute__((format(printf, 2, 3)))
graph_add(struct graph *g, const char *fmt, ...)
{
	size_t room = sizeof g->text - g->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = g->failed ? -1 : vsnprintf(g->text + g->used, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		g->failed = true;
	else
		g->used += (size_t)n;
}

static bool
same_rate(const struct av_picture *a, const struct av_picture *b)
{
	return (uint64_t)a->fps_num * b->fps_den == (uint64_t)b->fps_num * a->fps_den;
}

/* Can a's frames be had by leaving out every so many of top's? */
static bool
rate_divides(const struct av_picture *top, const struct av_picture *a)
{
	return (uint64_t)top->fps_num * a->fps_den % ((uint64_t)a->fps_num * top->fps_den) == 0;
}

/* What all outputs have in common is done once: the step from the source's size to
 * that of the largest output, and the step to the fastest output's rate when all
 * others are whole parts of it (else frames would be left out twice, unevenly). */
void
args_filter(struct av_args *a, int stream, const struct av_picture *const *p, unsigned n)
{
	const struct av_picture *top = p[0], *fast = p[0];
	struct graph g = { .used = 0 };
	bool rate = true;

	for (unsigned i = 1; i < n; i++) {
		if ((uint64_t)p[i]->width * p[i]->height > (uint64_t)top->width * top->height)
			top = p[i];
		if ((uint64_t)p[i]->fps_num * fast->fps_den > (uint64_t)fast->fps_num * p[i]->fps_den)
			fast = p[i];
	}
	for (unsigned i = 0; i < n; i++)
		rate = rate && rate_divides(fast, p[i]);
	graph_add(&g, "[0:%d]", stream);
	if (rate)
		graph_add(&g, "fps=fps=%u/%u:start_time=0,", fast->fps_num, fast->fps_den);
	graph_add(&g, "scale=%u:%u:flags=bicubic:out_range=tv,format=yuv420p,setsar=1,split=%u",
	    top->width, top->height, n);
	for (unsigned i = 0; i < n; i++)
		graph_add(&g, "[s%u]", i);
	for (unsigned i = 0; i < n; i++) {
		graph_add(&g, ";[s%u]", i);
		if (!rate || !same_rate(p[i], fast))
			graph_add(&g, "fps=fps=%u/%u:start_time=0,", p[i]->fps_num, p[i]->fps_den);
		if (p[i]->width != top->width || p[i]->height != top->height)
			graph_add(&g, "scale=%u:%u:flags=bicubic,", p[i]->width, p[i]->height);
		graph_add(&g, "setsar=1[v%u]", i);
	}
	a->failed = a->failed || g.failed;
	arg_add(a, "-filter_complex");
	arg_printf(a, "%s", g.text);
}

void
args_mp4(struct av_args *a, unsigned i, const struct av_picture *p, unsigned sound, int fd)
{
	static const char *const fixed[] = {
		"-c:v", "libx264", "-profile:v", "baseline", "-level:v", "3.0", "-pix_fmt", "yuv420p",
		"-bsf:v", "filter_units=remove_types=6", NULL	/* SEI: x264's settings */
	};
	unsigned gop = (unsigned)(4 * (uint64_t)p->fps_num / p->fps_den);

	arg_add(a, "-map");
	arg_printf(a, "[v%u]", i);
	if (sound > 0) {
		arg_add(a, "-map");
		arg_printf(a, "%u:a:0", sound);
		arg_add(a, "-c:a");
		arg_add(a, "copy");
	}
	arg_list(a, fixed);
	arg_add(a, "-preset");	/* MEDIA.md 2.5: costs nothing more on small pictures */
	arg_add(a, p->rung <= 5 ? "medium" : "veryfast");
	arg_add(a, "-b:v");
	arg_printf(a, "%llu", (unsigned long long)p->bps);
	arg_add(a, "-maxrate");
	arg_printf(a, "%llu", (unsigned long long)p->bps);
	arg_add(a, "-bufsize");
	arg_printf(a, "%llu", (unsigned long long)(p->bps * p->buffer_ms / 1000));
	arg_add(a, "-g");
	arg_printf(a, "%u", gop > 0 ? gop : 1);
	add_bare(a);
	arg_add(a, "-movflags");
	arg_add(a, "+faststart");
	add_file(a, "mp4", fd);
}
