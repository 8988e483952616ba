/*
 * av_codecs: lists the decoders that may read a medium; see av_lib.h. The list covers what
 * cameras, phones and mail put into the formats of media.def; libavcodec knows hundreds more, and
 * each of them widens the surface for attacks.
 */
#include "transcode/av/av_lib.h"

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
