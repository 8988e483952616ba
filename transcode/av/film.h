/*
 * film: what the parts of av_film_run() share.
 */
#ifndef SM_FILM_H
#define SM_FILM_H

#include "transcode/av/av_job.h"
#include "transcode/av/av_rate.h"
#include "transcode/av/av_spool.h"

enum { FILM_MAKES = TRANSCODE_TARGETS * 8 + 2, FILM_TRACKS = TRANSCODE_TARGETS };

/* The sound of a film, encoded. */
struct film_track {
	struct av_sound sound;
	struct av_encoder *encoder; /* for what it says of its packets */
	struct av_packets packets;
};

/* A picture, encoded. */
struct film_make {
	struct av_picture picture;
	uint32_t profile; /* PROFILES: a quick look */
	double crf;
	struct av_encoder *encoder;
	struct av_packets packets;
};

struct film {
	struct av_job *j;
	bool silent; /* there is no sound, or none that can be decoded */
	struct av_spool spool;
	struct av_pcm pcm;
	struct av_packets video, audio; /* of the source, where it may go out as it came */
	unsigned errors;                /* met in decoding */
	int64_t ms;                     /* of the picture, as decoded */
	struct rate_model model;
	struct film_track track[FILM_TRACKS];
	unsigned ntrack;
	struct film_make make[FILM_MAKES];
	unsigned nmake;
	char note[AV_WHY];
};

/* ---- decoding (film_decode.c) -------------------------------------------------------- */

/* Decodes picture and sound, once: into f->spool, f->pcm, f->ms and f->errors. pictures: false,
 * and they are only looked at. packets: those of the source are kept in f->video and f->audio as
 * well. Sound that cannot be decoded makes f silent, with a note. */
enum av_end film_decode(struct film *f, bool pictures, bool packets);

/* ---- pictures on their way into the spool (film_frames.c) --------------------------------- */

enum { FILM_HELD = 48, FILM_HELD_BYTES = 96 << 20, FILM_CHAIN = 640 };

struct film_frames {
	struct film *f;
	bool keep;                       /* into the spool */
	struct AVFrame *held[FILM_HELD]; /* until it is known whether they are interlaced */
	int64_t held_at[FILM_HELD];
	unsigned nheld;
	size_t held_bytes;
	bool judged, interlaced;
	struct av_filter *timing, *shape;
	unsigned fps_num, fps_den; /* of what timing gives */
	int64_t end;               /* of the last frame that came */
	uint64_t came, kept;       /* frames out of timing, and of those kept */
	bool settled;              /* the size that is kept is decided */
	enum av_end failed;
};
/* Starts for f, whose spool gets the picture that film_top() says. */
void film_frames_init(struct film_frames *w, struct film *f, bool keep);
/* A sink of av_decode(): ctx is a struct film_frames. False: w->failed says why. */
bool film_frame(void *ctx, struct AVFrame *frame, int64_t at);
/* No more frames come: works off what is held back, and ends the spool. */
enum av_end film_frames_end(struct film_frames *w);
/* Frees what it holds, not what it put into the spool. */
void film_frames_free(struct film_frames *w);

/* ---- decisions, pure (film_shape.c) ------------------------------------------------------ */

/* What a frame says of its colours (ITU-T H.273 numbers; 2: nothing). */
struct film_colours {
	unsigned width, height;
	int matrix, primaries, transfer;
	bool full;   /* range */
	bool rgb;    /* or a palette, or grey: there is no matrix */
	double peak; /* brightest, in cd/m2; 0: not said */
};

/* The chain of filters that makes such frames upright pictures of BT.709 in p's size. */
void film_shape(const struct film_colours *c, const struct av_info *in, const struct av_picture *p,
    char chain[FILM_CHAIN]);

/* What is known of the first frames of a film: how many there are, how many say that they are
 * interlaced, and how many are so, and are not, by what moves between them. Of the former only some
 * are seen to be so (film_combed()). */
struct film_lines {
	unsigned n, flagged;
	unsigned seen, unseen, not_found;
};

/* Are they the frames of an interlaced film? */
bool film_is_interlaced(const struct film_lines *l);

/* Does a grey picture show lines of two times: blocks where neighbouring lines differ far more than
 * every other line does? stride: bytes from line to line. */
bool film_combed(const unsigned char *grey, size_t stride, unsigned width, unsigned height);

/* Which of the frames that come at a rate of fps is the k-th of picture p's rate. */
uint64_t film_nth(const struct av_picture *p, unsigned fps_num, unsigned fps_den, uint64_t k);

/* The best picture any target may have of this source; rung 0 when there are no targets. */
struct av_picture film_top(const struct av_info *in, const struct transcode_request *req);

/* The picture to make within bps bytes a second, and its CRF: of the rungs that the target and the
 * spool allow the highest at which CRF_GOOD or better fits, else the lowest. A rung that was tried
 * is left only where its CRF is well off that. The profile is the target's. */
struct film_choice {
	struct av_picture picture;
	uint32_t profile; /* enum profile; PROFILES: a quick look */
	double crf;
	bool best; /* nothing better is made */
};
struct film_want {
	const struct av_info *in;
	const struct transcode_target *target;
	const struct av_picture *spool;
	unsigned tried; /* rung; 0: none yet */
};
struct film_choice film_choose(const struct rate_model *m, const struct film_want *w, double bps);

/* The profile in which the choice for w is made: the least of all targets of req that get the same
 * picture at best quality, so that one encode serves them; else the choice's. */
uint32_t film_profile(const struct rate_model *m, const struct film_want *w,
    const struct transcode_request *req, const struct film_choice *c);

/* May it be that a film of ms milliseconds takes more than bytes at best quality? */
bool film_may_exceed(const struct av_picture *p, int64_t ms, uint64_t bytes);

/* ---- encodes (film_make.c) --------------------------------------------------------------- */

/* The sound for target i; NULL with *end set when it cannot be made, and with AV_DONE when there is
 * none. */
const struct film_track *film_sound(struct film *f, unsigned i, enum av_end *end);

/* What to encode. */
struct film_order {
	struct film_choice what;
	double least, most; /* bytes that are of use; most 0: as many as there come */
	bool may_give_up;
	struct av_spool *kept; /* NULL, or gets what is encoded; the caller frees it */
};

/* Encodes what f's spool holds, and learns from it. *out stays f's; NULL: it was given up, as it
 * would have come to a number of bytes that is of no use. AV_BROKEN also when there are FILM_MAKES
 * already. */
enum av_end film_encode(struct film *f, const struct film_order *o, struct film_make **out);

/* A quick encode of a smaller picture, from which the model learns what the film takes, and the
 * encodes that follow where in the film; they may come to about bps bytes a second. */
enum av_end film_look(struct film *f, double bps);

/* Forgets the last make. */
void film_drop(struct film *f, struct film_make *last);

/* Writes a make and a track (NULL: silent) as a file. As av_mux(). */
enum av_end film_mux(const struct film_make *m, const struct film_track *t, struct av_bytes *b);

/* The bytes that the container adds to the packets of a picture p of all of f and those of t
 * (NULL: silent); an estimate, measured. */
uint64_t film_container(const struct film *f, const struct av_picture *p,
    const struct film_track *t);

/* ---- sources that are right already (av_copy.c) ------------------------------------------ */

/* Does the source go out as it came for target t: codecs, profile, size, colours, turn? */
bool film_may_copy(const struct film *f, const struct transcode_target *t);

/* Does it for any target? */
bool film_may_copy_any(const struct film *f);

/* The source's pictures and sound, the packets that were kept, as a file with nothing else in
 * it. As av_mux(). */
enum av_end film_copy(const struct film *f, struct av_bytes *b);

/* Frees all that f holds. */
void film_free(struct film *f);

#endif
