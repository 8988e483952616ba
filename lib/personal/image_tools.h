/*
 * image_tools: what every function of this folder needs that lets savemms-transcode work.
 */
#ifndef SM_IMAGE_TOOLS_H
#define SM_IMAGE_TOOLS_H

struct settings;
struct transcoder;

struct image_tools {
	struct transcoder *transcoder;
	const struct settings *settings;
};

#endif
