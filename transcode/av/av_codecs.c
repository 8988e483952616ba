/* av_codecs: see av_codecs.h */
#include "transcode/av/av_codecs.h"

#include <stdio.h>
#include <string.h>

#include <libavcodec/avcodec.h>

enum { NAME = 24 };

const char av_decoders[] =
    "h264,hevc,mpeg4,h263,h263p,h263i,mpeg1video,mpeg2video,msmpeg4v1,msmpeg4v2,msmpeg4,"
    "wmv1,wmv2,wmv3,vc1,mjpeg,mjpegb,svq1,svq3,rpza,cinepak,flv,dvvideo,rawvideo,qtrle,prores,"
    "huffyuv,ffv1,png,libdav1d,av1,vp8,vp9,jpeg2000,"
    "mp3float,mp3,mp2float,mp2,mp1float,mp1,aac,aac_latm,alac,ac3,eac3,amrnb,amrwb,flac,vorbis,"
    "opus,qdm2,qdmc,mace3,mace6,gsm,gsm_ms,truespeech,wmav1,wmav2,wmapro,wmavoice,wmalossless,"
    "g722,g726,g729,nellymoser,dca,"
    "pcm_u8,pcm_s8,pcm_s16le,pcm_s16be,pcm_u16le,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,"
    "pcm_f32be,pcm_f64le,pcm_f64be,pcm_alaw,pcm_mulaw,pcm_dvd,pcm_bluray,"
    "adpcm_ima_wav,adpcm_ima_qt,adpcm_ms,adpcm_yamaha,adpcm_swf,adpcm_g722,adpcm_g726,adpcm_g726le";

const AVCodec *
av_codec_for(int id)
{
	char name[NAME];

	for (const char *s = av_decoders; s != NULL && *s != '\0';) {
		const char *end = strchr(s, ',');
		size_t n = end != NULL ? (size_t)(end - s) : strlen(s);
		const AVCodec *c;

		(void)snprintf(name, sizeof name, "%.*s", (int)n, s);
		if ((c = avcodec_find_decoder_by_name(name)) != NULL && (int)c->id == id)
			return c;
		s = end != NULL ? end + 1 : NULL;
	}
	return NULL;
}

enum av_end
av_blame(int error)
{
	return error == AVERROR(ENOMEM) ? AV_LIMIT : AV_REFUSED;
}
