/*
 * av_plan: decides what sound and films become. Pure: no I/O, no memory of its own.
 *
 * Sources of the numbers: savemms-media(7), Sound and Films, lists the ladders; ITU-T H.264 table
 * A-1 has the levels; ISO 11172-3 and 13818-3 have the rates of MPEG audio layer III. The other
 * numbers were measured, and say so.
 */
#ifndef SM_AV_PLAN_H
#define SM_AV_PLAN_H

#include "media/transcode.h"
#include "transcode/av/av_info.h"

/* ---- sound ------------------------------------------------------------------ */

struct av_sound {
	unsigned bps, hz, channels; /* bits a second; samples a second; 1 or 2 */
	unsigned top; /* Hz of the highest tone that is encoded; 0: the encoder chooses */
};

/* Returns the best step of the MP3 ladder that is above neither the source's own class nor the
 * target's maximum and whose bytes for ms milliseconds are within the target's budget; else the
 * lowest step. Sets *best to whether a larger budget could not give a better one. */
struct av_sound plan_mp3(const struct av_info *in, const struct transcode_target *t, int64_t ms,
    bool *best);

/* Returns a form of MP3 at the same rate that holds tones that s would leave out: of more samples a
 * second, as LAME leaves out the highest tones of a form whatever it is told (measured). */
struct av_sound plan_mp3_wide(const struct av_sound *s);

/* Returns the bytes of ms milliseconds of MP3 at a constant rate of bps bits a second, rounded up
 * by a fifth of a second. */
uint64_t plan_mp3_bytes(unsigned bps, int64_t ms);

/* AMR-NB (RFC 4867): its files begin with a line, and each frame has 160 samples. */
#define AMR_HEAD "#!AMR\n"
enum { AMR_HZ = 8000, AMR_SAMPLES = 160, AMR_FRAME_MS = 20, AMR_FRAME_MOST = 32, AMR_MODES = 8 };

/* Returns the bits a second of mode 0..AMR_MODES-1; they rise with the mode. */
unsigned plan_amr_bps(unsigned mode);

/* Returns the bytes of an AMR file of ms milliseconds at this rate, rounded up by two frames. */
uint64_t plan_amr_bytes(unsigned bps, int64_t ms);

/* Returns the milliseconds of an AMR file of this size, whose frames all have this rate. */
uint32_t plan_amr_ms(unsigned bps, uint64_t bytes);

/* Returns the bits a second of the mode of a frame of n bytes. Returns 0 when it is not a whole
 * frame of speech, or is marked as damaged. */
unsigned plan_amr_frame(const unsigned char *frame, size_t n);

/* Returns the bytes of a frame of AMR, wideband or not, that begins with this byte. */
unsigned plan_amr_size(bool wide, unsigned char first);

/* Tells whether a frame of n bytes of AMR, wideband or not, stands for 20 ms without speech: it
 * describes the noise or is empty. Encoders that detect pauses write these (3GPP TS 26.093 and
 * 26.193). */
bool plan_amr_pause(bool wide, const unsigned char *frame, size_t n);

/* Returns the sound of a target in its sound_format(): plan_mp3(), or by the same rules the highest
 * mode of AMR-NB. */
struct av_sound plan_sound(const struct av_info *in, const struct transcode_target *t, int64_t ms,
    bool *best);

/* Returns the sound format of a film. Its rate is at most the target's rate, the source's own class
 * and two fifths of the budget, but at least 12 kbit/s. */
struct av_sound plan_aac(const struct av_info *in, const struct transcode_target *t, int64_t ms);

/* ---- video ------------------------------------------------------------------ */

enum { AV_RUNGS = 10 }; /* rungs of the ladder of video sizes, 1..AV_RUNGS */

struct av_picture {
	unsigned rung;
	unsigned width, height;    /* even */
	unsigned fps_num, fps_den; /* never above the source's */
};

/* Sets *out to the size and frame rate of a rung for this source, within the target's box and level
 * and never larger than the source. Returns false when the rung is beyond the level. */
bool plan_picture(const struct av_info *in, const struct transcode_target *t, unsigned rung,
    struct av_picture *out);

/* Returns the pixels a second. */
double plan_rate(const struct av_picture *p);

/* Tells whether two videos have the same size and frame rate. */
bool plan_same(const struct av_picture *a, const struct av_picture *b);

/* ---- headers ---------------------------------------------------------------- */

/* Tells whether a duration in this format's header is that of the whole file rather than a
 * guess. */
bool plan_header_exact(enum format f);

/* Tells whether a tenth or more is missing of a file whose header declares this many bytes (0: it
 * declares no size). */
bool plan_bytes_missing(uint64_t declared, uint64_t size);

/* Returns how many bytes of a film's frames are kept as they are: a fifth of the job's memory, but
 * at most an eighth of the machine's (0: unknown), and at least 64 MB. The frames of a smaller
 * size, made for smaller targets, may take as much again for a while. */
size_t plan_raw_most(uint64_t job_mb, uint64_t machine_mb);

/* Tells whether decoding ended long (a second, or a tenth) before the duration that an exact header
 * promised. */
bool plan_cut_short(enum format f, int64_t promised_ms, int64_t got_ms);

enum { HEAD_BYTES = 16384 }; /* most bytes that head_size() uses */

#endif
