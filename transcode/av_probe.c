/*
 * av_probe: reading what ffprobe says about a medium: see av.h.
 *
 * Pure. The text comes from a program that has just read a stranger's bytes, so
 * every number is bounded before it is used, and strings only name codecs.
 * What it promises: a stream that av_info names exists, is no cover picture, has
 * a codec that we take and, for pictures, a size. When streams contradict
 * that, they are passed over; when lines do, all is refused.
 */
#include "transcode/av.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"

enum { SIDE_MOST = 32768, HZ_MOST = 768000, MS_MOST = 1000 * 3600 * 48 };

/* One stream as it is read. */
struct stream {
	bool seen, video, audio, cover, known;
	char codec[AV_CODEC];
	uint64_t width, height, hz, channels, bps;
	unsigned sar_num, sar_den, avg_num, avg_den, rate_num, rate_den;
	int64_t ms;
	bool turned;
};

/* "30000/1001" or "4:3"; false, and 0/1, for what is not a positive fraction. */
static bool
fraction(const char *s, char sep, unsigned *num, unsigned *den)
{
	char a[16];
	const char *p = strchr(s, sep);
	uint64_t n, d;

	*num = 0;
	*den = 1;
	if (p == NULL || (size_t)(p - s) >= sizeof a)
		return false;
	memcpy(a, s, (size_t)(p - s));
	a[p - s] = '\0';
	if (!num_u64(a, 1, 1000000000, &n) || !num_u64(p + 1, 1, 1000000000, &d))
		return false;
	*num = (unsigned)n;
	*den = (unsigned)d;
	return true;
}

/* "5.587000" seconds as milliseconds, rounded; 0 for N/A and all that is not a
 * sensible time. */
static int64_t
milliseconds(const char *s)
{
	char whole[12];
	const char *p = strchr(s, '.');
	size_t n = p != NULL ? (size_t)(p - s) : strlen(s);
	uint64_t sec, frac = 0, unit = 1000000;

	if (n >= sizeof whole)
		return 0;
	memcpy(whole, s, n);
	whole[n] = '\0';
	if (!num_u64(whole, 0, MS_MOST / 1000 - 1, &sec))
		return 0;
	for (p = p != NULL ? p + 1 : ""; isdigit((unsigned char)*p) && unit > 1; p++) {
		unit /= 10;
		frac += (uint64_t)(*p - '0') * unit;
	}
	return (int64_t)(sec * 1000 + (frac + 500) / 1000);
}

/* A quarter turn, either way. */
static bool
quarter(const char *s)
{
	uint64_t degrees;

	if (*s == '-')
		s++;
	if (!num_u64(s, 0, 359, &degrees))
		return false;
	return (degrees + 45) / 90 % 2 == 1;
}

static void
set_codec(struct stream *s, const char *v)
{
	size_t n = strlen(v);

	s->known = codec_taken(v);
	if (n < AV_CODEC && strspn(v, "abcdefghijklmnopqrstuvwxyz0123456789_") == n)
		memcpy(s->codec, v, n + 1);
}

/* One property of a stream; unknown ones are passed over. Numbers that are not
 * numbers ("N/A") or out of bounds leave 0. */
static void
set_property(struct stream *s, const char *key, const char *v)
{
	if (strcmp(key, "codec_type") == 0) {
		s->video = strcmp(v, "video") == 0;
		s->audio = strcmp(v, "audio") == 0;
	} else if (strcmp(key, "codec_name") == 0)
		set_codec(s, v);
	else if (strcmp(key, "width") == 0)
		(void)!num_u64(v, 1, SIDE_MOST, &s->width);
	else if (strcmp(key, "height") == 0)
		(void)!num_u64(v, 1, SIDE_MOST, &s->height);
	else if (strcmp(key, "sample_rate") == 0)
		(void)!num_u64(v, 1, HZ_MOST, &s->hz);
	else if (strcmp(key, "channels") == 0)
		(void)!num_u64(v, 1, 255, &s->channels);
	else if (strcmp(key, "bit_rate") == 0)
		(void)!num_u64(v, 1, 100000000, &s->bps);
	else if (strcmp(key, "sample_aspect_ratio") == 0)
		(void)fraction(v, ':', &s->sar_num, &s->sar_den);
	else if (strcmp(key, "avg_frame_rate") == 0)
		(void)fraction(v, '/', &s->avg_num, &s->avg_den);
	else if (strcmp(key, "r_frame_rate") == 0)
		(void)fraction(v, '/', &s->rate_num, &s->rate_den);
	else if (strcmp(key, "duration") == 0)
		s->ms = milliseconds(v);
	else if (strcmp(key, "disposition.attached_pic") == 0)
		s->cover = strcmp(v, "0") != 0;
	else if (strncmp(key, "side_data_list.side_data.", 25) == 0 && strlen(key) > 9 &&
	    strcmp(key + strlen(key) - 9, ".rotation") == 0)
		s->turned = quarter(v);
}

/* Cuts "key=value" or key="value" in two; false when it is neither. */
static bool
split(char *line, char **value)
{
	char *v = strchr(line, '=');
	size_t n;

	if (v == NULL)
		return false;
	*v++ = '\0';
	n = strlen(v);
	if (v[0] == '"') {
		if (n < 2 || v[n - 1] != '"')
			return false;
		v[n - 1] = '\0';
		v++;
	}
	*value = v;
	return true;
}

static bool
read_line(char *line, struct stream *streams, int64_t *ms)
{
	static const char prefix[] = "streams.stream.";
	char *value, *key, *dot;
	uint64_t i;

	if (!split(line, &value))
		return false;
	if (strcmp(line, "format.duration") == 0)
		*ms = milliseconds(value);
	if (strncmp(line, prefix, sizeof prefix - 1) != 0)
		return true;
	key = line + sizeof prefix - 1;
	if ((dot = strchr(key, '.')) == NULL)
		return false;
	*dot = '\0';
	if (!num_u64(key, 0, AV_STREAMS - 1, &i))
		return false;
	streams[i].seen = true;
	set_property(&streams[i], dot + 1, value);
	return true;
}

/* Shown size: pixels made square by widening, never by dropping lines. */
static void
use_video(struct av_info *info, const struct stream *s)
{
	uint64_t w = s->width, h = s->height;

	if (s->sar_num > s->sar_den && s->sar_num < 8 * (uint64_t)s->sar_den)
		w = (w * s->sar_num + s->sar_den / 2) / s->sar_den;
	else if (s->sar_num > 0 && s->sar_num < s->sar_den && s->sar_den < 8 * (uint64_t)s->sar_num)
		h = (h * s->sar_den + s->sar_num / 2) / s->sar_num;
	info->width = (unsigned)(s->turned ? h : w);
	info->height = (unsigned)(s->turned ? w : h);
	info->pixels = s->width * s->height;
	info->fps_num = s->avg_num > 0 ? s->avg_num : s->rate_num;
	info->fps_den = s->avg_num > 0 ? s->avg_den : s->rate_den > 0 ? s->rate_den : 1;
	info->video_ms = s->ms;
	memcpy(info->video_codec, s->codec, sizeof s->codec);
}

static void
use_audio(struct av_info *info, const struct stream *s)
{
	info->hz = (unsigned)s->hz;
	info->channels = (unsigned)s->channels;
	info->audio_bps = s->bps;
	info->audio_ms = s->ms;
	memcpy(info->audio_codec, s->codec, sizeof s->codec);
}

/* Of streams that cannot be used the name stays, to be told. */
static void
pass_over(struct av_info *info, const struct stream *s)
{
	char *name = s->video ? info->video_codec : info->audio_codec;

	if (s->cover || !(s->video || s->audio) || (s->video ? info->video : info->audio) != -1)
		return;
	memcpy(name, s->codec[0] != '\0' ? s->codec : "unknown", s->codec[0] != '\0' ? sizeof s->codec : 8);
}

bool
av_probe_parse(char *text, struct av_info *info)
{
	struct stream streams[AV_STREAMS];
	char *line, *rest = text;

	memset(streams, 0, sizeof streams);
	memset(info, 0, sizeof *info);
	info->video = info->audio = -1;
	info->fps_den = 1;
	while ((line = strsep(&rest, "\n")) != NULL)
		if (line[0] != '\0' && !read_line(line, streams, &info->ms))
			return false;
	for (int i = 0; i < AV_STREAMS; i++) {
		const struct stream *s = &streams[i];

		if (!s->seen || !s->known || s->cover)
			pass_over(info, s);
		else if (s->video && info->video == -1 && s->width > 0 && s->height > 0) {
			info->video = i;
			use_video(info, s);
		} else if (s->audio && info->audio == -1 && s->hz > 0 && s->channels > 0) {
			info->audio = i;
			use_audio(info, s);
		}
	}
	return true;
}
