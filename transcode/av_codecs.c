/*
 * av_codecs: which decoders may read a medium: see av.h.
 *
 * Pure. The list is of what cameras, phones and mail put into the formats of
 * media.def; ffmpeg knows hundreds more, each a way in. Those of covers and
 * subtitles are never fed with a whole track, but ffprobe looks into each.
 */
#include "transcode/av.h"

#include <stdio.h>
#include <string.h>

const char av_decoders[] =
    "h264,hevc,mpeg4,h263,h263p,h263i,mpeg1video,mpeg2video,msmpeg4v1,msmpeg4v2,msmpeg4,"
    "wmv1,wmv2,wmv3,vc1,mjpeg,mjpegb,svq1,svq3,rpza,cinepak,flv,dvvideo,rawvideo,qtrle,prores,"
    "huffyuv,ffv1,png,libdav1d,av1,vp8,vp9,jpeg2000,"
    "mp3float,mp3,mp2float,mp2,mp1float,mp1,aac,aac_latm,alac,ac3,eac3,amrnb,amrwb,flac,vorbis,"
    "opus,qdm2,qdmc,mace3,mace6,gsm,gsm_ms,truespeech,wmav1,wmav2,wmapro,wmavoice,wmalossless,"
    "g722,g726,g729,nellymoser,dca,"
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_u16le,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,"
    "pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw,pcm_dvd,pcm_bluray,"
    "adpcm_ima_wav,adpcm_ima_qt,adpcm_ms,adpcm_yamaha,adpcm_swf,adpcm_g722,adpcm_g726,adpcm_g726le,"
    "bmp,gif,tiff,webp,mov_text,dvdsub,dvbsub,ssa,ass,srt,subrip,text,webvtt,cc_dec";

/* Codecs that ffprobe calls otherwise than their decoder. */
static const char *const other_names[] = {
	"amr_nb", "amr_wb", "dts", "flv1", "msmpeg4v3", "adpcm_g726", "dvd_subtitle",
};

bool
codec_taken(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < sizeof other_names / sizeof other_names[0]; i++)
		if (strcmp(name, other_names[i]) == 0)
			return true;
	if (n == 0 || strchr(name, ',') != NULL)
		return false;
	for (const char *s = av_decoders; s != NULL; s = strchr(s, ',')) {
		s += *s == ',';
		if (strncmp(s, name, n) == 0 && (s[n] == ',' || s[n] == '\0'))
			return true;
	}
	return false;
}

/* Is ",name" of length n, followed by a comma or the end, in list? */
static bool
listed(const char *list, const char *name, size_t n)
{
	for (const char *s = list; (s = strchr(s, ',')) != NULL;)
		if (strncmp(++s, name, n) == 0 && (s[n] == ',' || s[n] == '\0'))
			return true;
	return false;
}

bool
codecs_refused(const char *complaints, char *list, size_t size)
{
	static const char before[] = "Codec (", after[] = ") not on whitelist";
	const char *s = complaints;
	size_t used = 0;

	list[0] = '\0';
	while ((s = strstr(s, before)) != NULL) {
		size_t n;

		s += sizeof before - 1;
		n = strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_-");
		if (n == 0 || strncmp(s + n, after, sizeof after - 1) != 0 || listed(list, s, n))
			continue;
		if (used + 1 + n >= size)
			break;
		used += (size_t)snprintf(list + used, size - used, ",%.*s", (int)n, s);
	}
	return used > 0;
}
