/*
 * film: declarations that the parts of av_film_run() share.
 */
#ifndef SM_FILM_H
#define SM_FILM_H

#include "transcode/av/av_job.h"
#include "transcode/av/av_rate.h"
#include "transcode/av/av_spool.h"

enum { FILM_MAKES = TRANSCODE_TARGETS * 8 + 2, FILM_TRACKS = TRANSCODE_TARGETS };

/* The encoded sound of a film. */
struct film_track {
	struct av_sound sound;
	struct av_encoder *encoder; /* describes the packets */
	struct av_packets packets;
};

/* The encoded video of a film. */
struct film_make {
	struct av_picture picture;
	uint32_t profile; /* enum profile; PROFILES: a quick trial encode */
	double crf;       /* the mean, if steered */
	bool steered;     /* the CRF changed under way */
	struct av_encoder *encoder;
	struct av_packets packets;
};

/* How frames become BT.709. FILM_PLAIN ignores what they say of their light and primaries. The last
 * two put a ground behind their transparent parts. */
enum film_way { FILM_USUAL, FILM_PLAIN, FILM_ON_BLACK, FILM_ON_WHITE };

struct film_how {
	double gain; /* of the sound (lost.h) */
	bool clip;   /* a gain lost the sound and is not tried again */
	enum film_way way;
};

struct film {
	struct av_job *j;
	struct film_how how; /* how it is decoded */
	struct seen seen;
	bool silent;   /* there is no sound that can be decoded */
	bool opposite; /* its two channels are in opposite phase, so that it is not copied */
	struct av_spool spool;
	struct av_pcm pcm;
	struct av_packets video, audio; /* packets of the source, if it may be copied */
	unsigned errors;                /* damage met in decoding */
	int64_t ms;                     /* of the video, as decoded */
	struct rate_model model;
	double finest;            /* CRF below which nothing is gained that is seen, */
	struct av_picture judged; /* as judged for this size and rate; rung 0: not yet */
	double look_crf;          /* CRF of the quick trial encodes; 0: there was none */
	double part_s;            /* seconds that the model's first point is of; 0: of all */
	struct film_track track[FILM_TRACKS];
	unsigned ntrack;
	struct film_make make[FILM_MAKES];
	unsigned nmake;
	char note[AV_WHY];
};

/* ---- decoding (film_decode.c) -------------------------------------------------------- */

/* Decodes video and sound once, into f->spool, f->pcm, f->ms and f->errors. If pictures is
 * false, the video is only examined and not kept. If packets is true, the source's packets are
 * also kept in f->video and f->audio. When the sound cannot be decoded, the film becomes silent,
 * with a note. */
enum av_end film_decode(struct film *f, bool pictures, bool packets);

/* Decodes the source again, opened anew, with pictures and without packets, as long as something
 * else keeps more of its sound or picture than f->how did; at least once if must is true. What f
 * held before is lost. */
enum av_end film_decode_again(struct film *f, bool must);

/* ---- frames on their way into the spool (film_frames.c) ----------------------------------- */

enum { FILM_HELD = 48, FILM_HELD_BYTES = 96 << 20, FILM_CHAIN = 640 };

struct film_frames {
	struct film *f;
	bool keep;                       /* put frames into the spool */
	struct AVFrame *held[FILM_HELD]; /* until it is known whether they are interlaced */
	int64_t held_at[FILM_HELD];
	unsigned nheld;
	size_t held_bytes;
	bool judged, interlaced;
	struct av_filter *timing, *shape;
	unsigned fps_num, fps_den; /* rate of the frames that timing gives */
	int64_t end;               /* end of the last frame that came */
	uint64_t came, kept;       /* frames out of timing; those of them kept */
	struct av_filter *small;   /* makes frames small to look at them */
	int64_t look_at;           /* when to look at a frame again, in the time of those kept */
	bool settled;              /* the size to keep is decided */
	enum av_end failed;
};
/* Initialises *w for f, whose spool gets the size and rate that film_top() returns. */
void film_frames_init(struct film_frames *w, struct film *f, bool keep);
/* A sink for av_decode(), with a struct film_frames as ctx. Returns false on failure; w->failed
 * then says why. */
bool film_frame(void *ctx, struct AVFrame *frame, int64_t at);
/* Ends the video: processes the frames held back and ends the spool. */
enum av_end film_frames_end(struct film_frames *w);
/* Frees what *w holds, but not what it put into the spool. */
void film_frames_free(struct film_frames *w);

/* ---- what is seen (film_sight.c) ------------------------------------------------------------ */

/* Looks twice a second at a frame of the source, of those that will be kept (lost.h). Frames that
 * cannot be looked at are left out. */
void film_see_source(struct film_frames *w, struct AVFrame *frame);

/* Looks at a frame that is kept. */
void film_see_kept(struct film *f, const struct AVFrame *frame);

/* ---- decisions, pure (film_shape.c) ------------------------------------------------------ */

/* What a frame says about its colours (ITU-T H.273 numbers; 2: unspecified). */
struct film_colours {
	unsigned width, height;
	int matrix, primaries, transfer;
	bool full; /* full range */
	bool rgb;  /* RGB, a palette or grey: there is no matrix */
	enum film_way way;
	double peak; /* greatest brightness in cd/m2; 0: not given */
};

/* Writes the chain of filters that makes such frames upright BT.709 frames of p's size. */
void film_shape(const struct film_colours *c, const struct av_info *in, const struct av_picture *p,
    char chain[FILM_CHAIN]);

/* Returns another way if the usual one lost what is seen of a film, else the usual one. */
enum film_way film_other_way(const struct seen *s);

/* What is known of the first frames of a film: their number, how many are flagged as interlaced,
 * and how many are found to be interlaced, or not, by the motion in them. The frames found
 * interlaced are counted apart, by whether film_combed() also sees it. */
struct film_lines {
	unsigned n, flagged;
	unsigned seen, unseen, not_found;
};

/* Tells whether these are the frames of an interlaced film. */
bool film_is_interlaced(const struct film_lines *l);

/* Tells whether a grey image shows lines of two times, that is, blocks in which neighbouring lines
 * differ far more than every other line does. stride is the number of bytes from line to line. */
bool film_combed(const unsigned char *grey, size_t stride, unsigned width, unsigned height);

/* Returns which frame, of those that come at fps_num / fps_den a second, becomes frame k at p's
 * rate. */
uint64_t film_nth(const struct av_picture *p, unsigned fps_num, unsigned fps_den, uint64_t k);

/* Returns the best size and rate that any target may have of this source; rung 0 when there are no
 * targets. */
struct av_picture film_top(const struct av_info *in, const struct transcode_request *req);

/* film_choose() returns the size and rate to make within bps bytes a second, and their CRF. It
 * takes the highest rung allowed by target and spool at which CRF_GOOD or better fits, else the
 * lowest rung. It leaves a rung that was tried only if the CRF is well off CRF_GOOD. The profile is
 * the target's. */
struct film_choice {
	struct av_picture picture;
	uint32_t profile; /* enum profile; PROFILES: a quick trial encode */
	double crf;
	bool best; /* nothing better can be made */
};
struct film_want {
	const struct av_info *in;
	const struct transcode_target *target;
	const struct av_picture *spool;
	unsigned tried; /* rung tried before; 0: none yet */
	double finest;  /* the lowest CRF that is worth its bytes */
};
struct film_choice film_choose(const struct rate_model *m, const struct film_want *w, double bps);

/* Returns the profile in which to make the choice for w. If the choice is of best quality, this is
 * the least profile of all targets of req that get the same size and rate at best quality, so that
 * one encode serves them all; else it is the choice's own. */
uint32_t film_profile(const struct rate_model *m, const struct film_want *w,
    const struct transcode_request *req, const struct film_choice *c);

/* Returns the lowest CRF that a film is worth whose encode at CRF_BEST has this likeness (SSIM) to
 * its frames: CRF_BEST for most films, less for one full of noise. */
double film_crf_of(double likeness);

/* Tells whether a film of ms milliseconds might take more than bytes bytes at best quality. */
bool film_may_exceed(const struct av_picture *p, int64_t ms, uint64_t bytes);

/* ---- sound (film_track.c) --------------------------------------------------------------- */

/* Returns the sound for target i, which stays in f. Returns NULL with *end set to AV_DONE when the
 * film has no sound, and with another *end when the sound cannot be made. */
const struct film_track *film_sound(struct film *f, unsigned i, enum av_end *end);

/* ---- encodes (film_make.c) --------------------------------------------------------------- */

/* An order for one encode. */
struct film_order {
	struct film_choice what;
	double least, most; /* range of useful sizes in bytes; most 0: any */
	double full;        /* bytes of a file that uses what its target has */
	/* not where about the same was tried */
	bool may_give_up;
	/* steered only beside an encode of the same size and rate, and not where may_give_up does
	 * not count */
	bool again;
	struct av_spool *kept; /* if not NULL, gets the encoded frames; the caller frees it */
};

/* Encodes what f's spool holds, and adds the outcome to the model. *out is the result, which stays
 * in f, or NULL when the encode was given up because its size would be of no use. Returns AV_BROKEN
 * also when f already has FILM_MAKES encodes. */
enum av_end film_encode(struct film *f, const struct film_order *o, struct film_make **out);

/* Makes a quick encode at a smaller size. From it the model learns how many bytes the film takes,
 * and the encodes that follow learn where in the film they fall. Those encodes may take about bps
 * bytes a second. */
enum av_end film_look(struct film *f, double bps);

/* Makes another quick encode before the first encode of p's size and rate, if the film is too short
 * for encodes to be steered. From both the model learns what size and rate do in this film. Does
 * nothing when film_look() made none. */
enum av_end film_look_again(struct film *f, const struct av_picture *p);

/* Tells whether more bytes would not make the encode look better. The first encode of a size and
 * rate that is asked about decides what that takes: it is decoded and compared with some of the
 * kept frames. Where that fails, CRF_BEST is taken to be enough. */
bool film_is_finest(struct film *f, const struct film_make *m);

/* Drops the last encode of f, which last points to. */
void film_drop(struct film *f, struct film_make *last);

/* Writes an encode and a track (NULL: silent) as a file. Returns as av_mux(). */
enum av_end film_mux(const struct film_make *m, const struct film_track *t, struct av_bytes *b);

/* Returns the estimated bytes (measured) that the container adds to the packets of t (NULL: silent)
 * and of the whole video of f at p's size and rate. */
uint64_t film_container(const struct film *f, const struct av_picture *p,
    const struct film_track *t);

/* ---- sources that need no encoding (film_copy.c) ------------------------------------------- */

/* Tells whether the source may be copied for target t, judged by its codecs, profile, size, colours
 * and turn. */
bool film_may_copy(const struct film *f, const struct transcode_target *t);

/* Tells whether the source may be copied for any target. */
bool film_may_copy_any(const struct film *f);

/* Writes the source's video and sound, from the packets that were kept, as a file without metadata.
 * Returns as av_mux(). */
enum av_end film_copy(const struct film *f, struct av_bytes *b);

/* Returns how long the copy is in milliseconds, by the times of its packets. The frames at an even
 * rate that are made of a film with few of them may be longer. */
uint32_t film_copy_ms(const struct film *f);

/* Frees everything that f holds. */
void film_free(struct film *f);

#endif
