/*
 * av: audio and video, inside the child: what its files share.
 *
 * av_run() (transcode_child.h) is in av.c. A medium goes through: probe
 * (av_probe.c reads what ffprobe prints), plan (av_plan.c, pure), encode (ffmpeg,
 * its arguments from av_args.c, run by av_exec.c), check of the real size, and
 * again where that is over budget. The ladders are MEDIA.md 2.4 and 2.5.
 */
#ifndef SM_AV_H
#define SM_AV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transcode/transcode_child.h"

enum {
	AV_CODEC = 24,		/* bytes of a codec's name kept */
	AV_RUNGS = 8,		/* of the video ladder, 1..8 */
	AV_TRIES = 3,		/* encodes on one rung before the next lower one (MEDIA.md 2.5) */
	AV_ARGS = 480,		/* arguments of one program */
	AV_TEXT = 16384,		/* bytes of those made with arg_printf() */
	AV_WHY = 120,		/* bytes kept of a program's first complaint */
	AV_FD_SOURCE = 3,	/* the source in a program; files follow */
	AV_OPENED = 512,	/* bytes of names of decoders that are opened but not used */
	AV_STREAMS = 64,	/* of a container that are looked at; more are refused */
};

/* ---- what is in the source ---------------------------------------------- */

struct av_info {
	int video, audio;		/* index of the stream that is used, -1: none */
	char video_codec[AV_CODEC], audio_codec[AV_CODEC];	/* without a stream: one passed over */
	unsigned width, height;		/* as shown: upright, square pixels */
	uint64_t pixels;		/* of a frame as coded */
	unsigned fps_num, fps_den;	/* frames a second, 0/1 when unknown */
	unsigned hz, channels;
	uint64_t audio_bps;		/* 0 when unknown */
	int64_t ms, video_ms, audio_ms;	/* as headers say; 0 when unknown */
};

/* Decoders that may be fed with a stranger's bytes, as ffmpeg's codec_whitelist. */
extern const char av_decoders[];

/* May a codec of this name (ffprobe's codec_name) be decoded? */
bool codec_taken(const char *name);

/* ffprobe opens a decoder for every stream, also those that nobody wants, and gives
 * the file up when one may not be opened. Puts the names of those it has complained
 * of into list, each after a comma. False when there are none. */
bool codecs_refused(const char *complaints, char *list, size_t size);

/* Reads ffprobe's flat output (which is cut up). False when a line is not of
 * that form, a number is out of any reason, or a stream appears that cannot be.
 * No streams at all is no failure: then video and audio are -1. */
bool av_probe_parse(char *text, struct av_info *info) __attribute__((warn_unused_result));

enum { HEAD_BYTES = 16384 };	/* as many as head_size() has a use for */

/* The size in bytes that the first n bytes of a file of format f say it has; 0
 * when they do not say. */
uint64_t head_size(enum format f, const unsigned char *head, size_t n);

/* ---- decisions, pure ----------------------------------------------------- */

struct av_sound {
	unsigned bps, hz;
};

/* The best step of the MP3 ladder that is not above the source's own class and
 * whose size for ms fits budget. False when not even the lowest fits. */
bool plan_mp3(const struct av_info *in, uint64_t budget, int64_t ms, struct av_sound *out)
    __attribute__((warn_unused_result));

/* Bytes of a constant-rate MP3 file, rounded up by a fifth of a second. */
uint64_t plan_mp3_bytes(unsigned bps, int64_t ms);

/* Sound of a video: at most the target's rate, the source's own class and two
 * fifths of the budget, but 12 kbit/s at least. */
struct av_sound plan_aac(const struct av_info *in, const struct transcode_target *t, int64_t ms);

struct av_picture {
	unsigned rung;			/* 1..AV_RUNGS */
	unsigned width, height;		/* even */
	unsigned fps_num, fps_den;
	uint64_t bps;			/* average and most bits a second */
	unsigned buffer_ms;		/* time of bps that the decoder's buffer holds */
	bool capped;			/* bps is less than the budget would bear */
};

/* Bits a second that are left for the picture when the sound weighs audio bytes. */
uint64_t plan_video_bps(uint64_t budget, uint64_t audio, int64_t ms);

/* The rate control's buffer for a picture of ms: a twelfth of it, a quarter of a
 * second to two. What a file is over its average by grows with the buffer, so a
 * fixed one of two seconds put every third short clip over its budget; with this,
 * none of 61 (18 clips of 1.3 to 27 s, five budgets) was over, at 86 to 99 % use. */
unsigned plan_buffer_ms(int64_t ms);

/* The best step of the video ladder up to rung that bps bears. False when not
 * even the lowest one does. */
bool plan_picture(const struct av_info *in, uint32_t box, uint64_t bps, unsigned rung,
    struct av_picture *out) __attribute__((warn_unused_result));

/* The next rate after one whose file of size bytes was over budget. */
uint64_t plan_less(uint64_t bps, uint64_t budget, uint64_t size);

/* Is the duration in this format's header that of the whole, not a guess? */
bool plan_header_exact(enum format f);

/* Is a tenth, or more, of a file missing whose header says declared bytes (0: it
 * does not)? */
bool plan_bytes_missing(uint64_t declared, uint64_t size);

/* Did the decoder come to an end long (a second, or a tenth) before the one that
 * an exact header promised? */
bool plan_cut_short(enum format f, int64_t promised_ms, int64_t got_ms);

/* ---- arguments ----------------------------------------------------------- */

struct av_args {
	const char *v[AV_ARGS + 1];
	size_t n;
	char text[AV_TEXT];
	size_t used;
	bool failed;		/* something did not fit */
};

void arg_add(struct av_args *a, const char *s);		/* s must live as long as a */
void arg_list(struct av_args *a, const char *const *list);	/* ends with NULL */
void arg_printf(struct av_args *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* opened: decoders, each after a comma, that may be opened too, but see no data. */
void args_probe(struct av_args *a, const struct transcode_request *req, const char *opened);

/* The start of every ffmpeg run, up to and with the source. */
void args_source(struct av_args *a, const struct transcode_request *req);

/* A run that only decodes a stream. */
void args_measure(struct av_args *a, int stream);

/* An output: stream as MP3, or as AAC in MP4, into the program's descriptor fd. */
void args_mp3(struct av_args *a, int stream, const struct av_sound *s, int fd);
void args_aac(struct av_args *a, int stream, const struct av_sound *s, int fd);

/* Another input: a file of ours made by args_aac(). */
void args_sound_input(struct av_args *a, int fd);

/* The filter that feeds n outputs from one decoded stream, then one output;
 * sound is the number of the input with its sound, 0 for none. */
void args_filter(struct av_args *a, int stream, const struct av_picture *const *p, unsigned n);
void args_mp4(struct av_args *a, unsigned i, const struct av_picture *p, unsigned sound, int fd);

/* ---- running ------------------------------------------------------------- */

/* One medium under way. */
struct av_job {
	const struct transcode_request *req;
	struct transcode_result *res;
	int source, answer;
	struct av_info in;
	int64_t started;	/* clock_mono() */
	int64_t said;		/* when progress was last sent */
	unsigned permille;	/* last sent; never falls */
	unsigned from, to;	/* the part of the whole that the current run is */
};

enum av_end { AV_DONE, AV_REFUSED, AV_TOO_BIG, AV_LIMIT, AV_BROKEN };

/* What a run of ffmpeg was like. */
struct av_run {
	int64_t ms;		/* latest end of what was written or decoded */
	uint64_t frames;	/* of its first picture output */
	char why[AV_WHY];	/* first line of complaint, "" when none */
};

/* Runs ffmpeg with a (ended here), the source and n files as descriptors; sends
 * progress as ms of total_ms (0: unknown). */
enum av_end av_ffmpeg(struct av_job *j, struct av_args *a, const int *files, unsigned n,
    int64_t total_ms, struct av_run *run) __attribute__((warn_unused_result));

/* Runs ffprobe and fills j->in. */
enum av_end av_ffprobe(struct av_job *j, char why[AV_WHY]) __attribute__((warn_unused_result));

/* Sets the result for a run that did not end well; 0 like child_fail(). */
int av_fail(struct av_job *j, enum av_end end, const char *why);

/* Renditions of all targets, for a source that has been probed. */
int av_sound_run(struct av_job *j, const int *out);
int av_film_run(struct av_job *j, const int *out);

/* Copies a rendition to its target's file and fills in out[i]. */
int av_deliver(struct av_job *j, unsigned i, int from, int to);

#endif
