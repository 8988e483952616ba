/*
 * transcode: what the servers ask of savemms-transcode and what it answers.
 *
 * The transcoder is one process for each parent, started when first needed over a socket pair of
 * type SOCK_SEQPACKET. A parent sends a struct transcode_request in one message, with these
 * descriptors: [0] a socket for the answer to this request alone, [1] the source, open for reading,
 * [2..] one empty file for each target, open for writing. The transcoder forks a caged child for
 * the medium. The child writes any number of messages with status TS_PROGRESS and then one final
 * struct transcode_result to socket [0]; a socket that closes without a final message means that
 * the child died. Neither side trusts the other's lengths or counts. Both are built from one tree,
 * so the structs travel as they are in memory; version shows when they differ.
 */
#ifndef SM_TRANSCODE_H
#define SM_TRANSCODE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/media.h"

enum {
	TRANSCODE_VERSION = 6,
	TRANSCODE_TARGETS = 8, /* most classes of one request */
	TRANSCODE_WHY = 164,   /* bytes of explanation; with format, a multiple of 8 */
	/* For how long all media of a caller of HTTP may wait in the queue: a machine that is busy
	 * for longer says so. */
	TRANSCODE_QUEUE_MS = 20000,
};

/* One rendition that is wanted. */
struct transcode_target {
	uint64_t budget;    /* bytes it must not exceed */
	uint32_t box;       /* longest side in pixels; nothing is enlarged to it */
	uint32_t audio_bps; /* most bits a second of a film's sound */
	uint32_t sound_bps; /* of sound alone; above SOUND_MONO it may be stereo */
	uint32_t profile;   /* enum profile: of films */
};

/* What a request is for. */
enum transcode_kind {
	TRANSCODE_MEDIUM,         /* renditions of one medium */
	TRANSCODE_RENDER_SESSION, /* draws personal images over one background (render_session.h) */
	TRANSCODE_PROBE,          /* size and duration of an audio or video, without targets */
	TRANSCODE_IDENTIFY,       /* the format of any medium, by libmagic, without targets */
	TRANSCODE_KINDS
};

struct transcode_request {
	uint32_t version;
	uint32_t kind;       /* enum transcode_kind */
	uint32_t format;     /* enum format: what the type check found; TRANSCODE_IDENTIFY: none */
	uint32_t ntargets;   /* 1..TRANSCODE_TARGETS, largest budget last; or 0 */
	uint64_t account;    /* whose medium it is, so that accounts take turns; 0: of none */
	uint64_t max_pixels; /* of one frame; these stand here to leave no bytes between fields,
	                        which nobody would set */
	uint32_t wall_ms;    /* the child and all it starts are killed after this */
	uint32_t cpu_s;      /* RLIMIT_CPU */
	uint32_t memory_mb;  /* RLIMIT_AS */
	uint32_t max_frames; /* of an animation */
	uint32_t max_ms;     /* of audio or video */
	uint32_t jpeg;       /* 1: a still image becomes a JPEG, never a PNG */
	struct transcode_target target[TRANSCODE_TARGETS];
};

enum transcode_status {
	TS_OK,       /* every target has its own status */
	TS_PROGRESS, /* not final: done_permille and left_ms are set */
	TS_CORRUPT,  /* cannot be decoded completely, or holds no such stream */
	TS_TOO_BIG,  /* pixels, frames or duration over the limits */
	TS_LIMIT,    /* ran into its own CPU, memory or time limit, or made its decoder crash */
	TS_VALUE,    /* a personal image: a value that its barcode cannot hold */
	TS_KILLED,   /* our fault: somebody else ended the process (a kernel short of memory, a
	                service manager), or the transcoder died; another try may succeed */
	TS_BROKEN,   /* our fault: no process, memory, disk or program; a library failed; a bad
	                request */
};

struct transcode_output {
	/* 0: the smallest that can be made, which the file holds, is over the budget */
	uint32_t fits;
	uint32_t best;    /* 1: a larger budget gives nothing better */
	uint32_t same_as; /* index of the target whose file holds these bytes; normally its own */
	uint32_t format;  /* enum format of the bytes */
	uint32_t width, height; /* pixels; 0 for sound */
	uint32_t ms;            /* duration; 0 for a still image */
	uint32_t quality; /* of a JPEG, 0: nothing lost; of a GIF, its likeness to the source in
	                     percent; else kbit/s */
	uint64_t bytes;
};

struct transcode_result {
	uint32_t version;
	uint32_t status; /* enum transcode_status */
	uint32_t done_permille, left_ms;
	uint32_t width, height, frames, ms; /* of the source, upright */
	struct transcode_output out[TRANSCODE_TARGETS];
	uint32_t format;         /* TRANSCODE_IDENTIFY: enum format of the source */
	char why[TRANSCODE_WHY]; /* for the log, "" when all is well */
};

struct transcoder;    /* a running savemms-transcode and the way to it */
struct transcode_job; /* one medium under way */

/* Prepares to run the program at path (NULL: the installed one) when first needed, with at most
 * jobs children at once. The caller ends it with transcoder_free(). Returns NULL when memory is
 * short. The functions here may be called from any thread. */
struct transcoder *transcoder_new(const char *path, unsigned jobs)
    __attribute__((warn_unused_result));

/* Ends the process, if one runs, with all its children, frees *t and sets it to NULL. */
void transcoder_free(struct transcoder **t);

/* Hands a medium over and returns at once. req's version need not be set; source stays the
 * caller's, who may close it; the result files are made in the folder temp (file_temp()). The
 * caller ends the job with transcode_end(). Returns NULL when the transcoder cannot be started, a
 * file cannot be made, or memory is short (logged). */
struct transcode_job *transcode_start(struct transcoder *t, const struct transcode_request *req,
    int source, const char *temp) __attribute__((warn_unused_result));

/* Returns the time, by clock_mono(), until which media that are started now for a caller of HTTP
 * wait in the queue: TRANSCODE_QUEUE_MS from now. */
int64_t transcode_queue_until(void);

/* How long to wait for a job; times by clock_mono(). */
struct transcode_until {
	int64_t begun; /* for a free child; -1: for wall_ms and a little more */
	int64_t ended; /* for the answer, whatever the child is doing: it is ended then; -1: for as
	                  long as the child may take */
};

/* Waits for the final answer. Waits until u->begun for a free child, and then wall_ms and a little
 * more, counted anew from each progress message, but never beyond u->ended; u NULL: both are -1.
 * The first progress message, with 0 permille, comes when the child starts, so waiting for a free
 * child is never taken for the medium's fault, nor is a time that is up: they end as TS_BROKEN. A
 * medium whose process is killed (TS_KILLED) is tried once more before this is the answer.
 * on_progress, if not NULL, is called for each progress message and returns false to cancel. *res
 * is always set, complete and checked: counts and indexes are in range, and out[].bytes is the
 * file's real size. */
void transcode_wait(struct transcode_job *j, const struct transcode_until *u,
    bool (*on_progress)(void *ctx, unsigned permille, unsigned left_ms), void *ctx,
    struct transcode_result *res);

/* Returns the file of target i, open for reading at offset 0; the job owns it. Returns -1 when
 * there is no such target. */
int transcode_output_fd(const struct transcode_job *j, unsigned i);

/* Ends a job: kills what still runs for it, closes its files, frees it and sets *j to NULL. */
void transcode_end(struct transcode_job **j);

#endif
